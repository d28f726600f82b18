"""Photos keep their pixels and nothing else (threat T18)."""

import io
import random
import struct
import time
import tracemalloc
import zlib

import pytest
from PIL import ExifTags, Image
from PIL.PngImagePlugin import PngInfo
from sqlalchemy import select

from registry.database import Database
from registry.errors import InvalidInput, NotAPhoto, NotFound, PhotoTooLarge
from registry.models.items import Photo
from registry.services import items, photos
from registry.services.items import Category, ItemText

XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><exif:GPSLatitude>59,19.5N</exif:GPSLatitude>HEMADRESS</x:xmpmeta>'
CANARIES = (
    b"HEMADRESS",
    b"GPSLatitude",
    b"Exif\x00",
    b"http://ns.adobe.com",
    b"Storgatan",
    b"ICC_PROFILE",
    b"PREVIEW\x00",
)


JFIF_ALONE = {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}


def exif(rng: random.Random, orientation: int = 1) -> Image.Exif:
    values = Image.Exif()
    values[ExifTags.Base.Make] = "HEMADRESS"
    values[ExifTags.Base.Orientation] = orientation
    values[ExifTags.Base.ImageDescription] = "Storgatan 1, Exempelby"
    gps = values.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitudeRef] = "N"
    gps[ExifTags.GPS.GPSLatitude] = (59.0, float(rng.randrange(60)), rng.random() * 60)
    gps[ExifTags.GPS.GPSLongitudeRef] = "E"
    gps[ExifTags.GPS.GPSLongitude] = (18.0, float(rng.randrange(60)), rng.random() * 60)
    return values


def with_thumbnail(jpeg: bytes) -> bytes:
    """``jpeg`` with an application segment that holds another whole JPEG, as cameras embed a preview."""
    preview = io.BytesIO()
    Image.new("RGB", (16, 12), "red").save(preview, "JPEG", comment=b"HEMADRESS")
    content = b"PREVIEW\x00" + preview.getvalue()
    return jpeg[:2] + b"\xff\xe2" + struct.pack(">H", len(content) + 2) + content + jpeg[2:]


def telling_photo(kind: str, seed: int) -> bytes:
    """A photo that tells where it was taken, in every way its format has."""
    rng = random.Random(seed)
    image = Image.new("RGB", (64 + seed % 7, 48), (rng.randrange(256), rng.randrange(256), 90))
    file = io.BytesIO()
    if kind == "JPEG":
        image.save(file, kind, exif=exif(rng), xmp=XMP, comment=b"HEMADRESS", icc_profile=b"HEMADRESS profile")
        return with_thumbnail(file.getvalue())
    if kind == "PNG":
        texts = PngInfo()
        texts.add_text("Comment", "HEMADRESS")
        texts.add_itxt("XML:com.adobe.xmp", XMP.decode())
        image.save(file, kind, exif=exif(rng), pnginfo=texts)
    else:
        image.save(file, kind, exif=exif(rng), xmp=XMP, icc_profile=b"HEMADRESS profile")
    return file.getvalue()


def segments(jpeg: bytes) -> set[int]:
    """The markers before the first scan of a JPEG file (ITU-T T.81, B.1.1.3)."""
    found, at = set(), 2
    while jpeg[at] == 0xFF and jpeg[at + 1] != 0xDA:
        found.add(jpeg[at + 1])
        at += 2 + struct.unpack(">H", jpeg[at + 2 : at + 4])[0]
    return found


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_nothing_is_left_of_what_a_photo_told(kind: str) -> None:
    for seed in range(67):
        told = telling_photo(kind, seed)
        assert b"HEMADRESS" in told, "the control: the photo that was sent does tell"
        kept = photos.clean(told, 50)
        for file in (kept.full, kept.thumbnail):
            assert [canary for canary in CANARIES if canary in file] == []
            # Only APP0 (JFIF) among the application segments, and no comment.
            assert {marker for marker in segments(file) if 0xE0 <= marker <= 0xEF or marker == 0xFE} <= {0xE0}
            with Image.open(io.BytesIO(file)) as image:
                assert not image.getexif()
                assert set(image.info) <= {
                    "jfif",
                    "jfif_version",
                    "jfif_unit",
                    "jfif_density",
                    "progressive",
                    "progression",
                }


def test_a_photo_taken_on_edge_is_turned_upright() -> None:
    image = Image.new("RGB", (80, 40), "white")
    image.paste("red", (0, 0, 20, 40))
    file = io.BytesIO()
    image.save(file, "JPEG", exif=exif(random.Random(1), orientation=6), quality=95)
    kept = photos.clean(file.getvalue(), 50)
    with Image.open(io.BytesIO(kept.full)) as upright:
        assert upright.size == (40, 80)
        top, bottom = upright.getpixel((20, 5)), upright.getpixel((20, 70))
    assert top[0] > 200 > top[1]
    assert min(bottom) > 200


@pytest.mark.parametrize(
    "damaged",
    [
        "011a0007000000010000004c829800020000000461626300000000004b616d6572616d616b6172656e0000000009",
        "014a0005000000010000004c829800020000000461626300000000004b616d6572616d616b6172656e000000004800000001",
        "010d0005000000010000004c079800020000000461626300000000004b616d6572616d616b6172656e000000004800000001",
    ],
    ids=["resolution", "directory", "text"],
)
def test_a_photo_whose_metadata_is_damaged_is_kept_and_turned_upright(damaged: str) -> None:
    beginning = "4d4d002a000000080004010f00020000000e0000003e011200030000000100060000"
    content = b"Exif\x00\x00" + bytes.fromhex(beginning + damaged)
    file = io.BytesIO()
    Image.new("RGB", (80, 40), "red").save(file, "JPEG")
    sound = file.getvalue()
    sent = sound[:2] + b"\xff\xe1" + struct.pack(">H", len(content) + 2) + content + sound[2:]
    kept = photos.clean(sent, 50)
    assert (kept.width, kept.height) == (40, 80)


def test_a_large_photo_is_made_smaller_and_a_transparent_one_gets_a_white_ground() -> None:
    file = io.BytesIO()
    Image.new("RGBA", (3000, 1500), (0, 0, 0, 0)).save(file, "PNG")
    kept = photos.clean(file.getvalue(), 50)
    assert (kept.width, kept.height) == (2000, 1000)
    with Image.open(io.BytesIO(kept.full)) as image:
        assert min(image.getpixel((5, 5))) > 250


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header promises width x height pixels (PNG specification, 5.3 and 11.2)."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(1_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_a_photo_of_a_thousand_megapixels_is_refused_at_once_and_without_memory() -> None:
    sent = bomb(40_000, 25_000)
    tracemalloc.start()
    started = time.perf_counter()
    with pytest.raises(PhotoTooLarge, match=r"40000 by 25000 pixels\. Allowed: at most 50 megapixels"):
        photos.clean(sent, 50)
    took = time.perf_counter() - started
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert took < 0.1
    assert peak < 64 * 1024 * 1024


def cut_short() -> bytes:
    file = io.BytesIO()
    Image.effect_noise((400, 400), 50).convert("RGB").save(file, "JPEG")
    return file.getvalue()[:3000]


def gif() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (9, 9)).save(file, "GIF")
    return file.getvalue()


@pytest.mark.parametrize(
    "sent",
    [b"", b"%PDF-1.7\n", b"PK\x03\x04" + bytes(40), b"\xff\xd8\xff\xe0", cut_short(), gif(), bomb(100, 100)[:60]],
    ids=["empty", "pdf", "zip", "two bytes of JPEG", "cut JPEG", "GIF", "cut PNG"],
)
def test_what_is_no_photo_is_refused_in_words(sent: bytes) -> None:
    with pytest.raises(NotAPhoto, match="Allowed: JPEG, PNG or WebP"):
        photos.clean(sent, 50)


@pytest.fixture
def item_of(people: object, database: Database) -> tuple:
    actor = people.resident()
    with database.transaction() as session:
        return actor, items.add(session, actor, ItemText("Cykel", Category.BICYCLE))


def test_a_photo_is_kept_sealed_and_opened_for_its_owner_alone(item_of, people: object, database: Database) -> None:
    actor, item_id = item_of
    stranger = people.resident("nils@exempel.example", "Nils Ek")
    sent = telling_photo("JPEG", 1)
    with database.transaction() as session:
        uid = photos.add(session, actor, item_id, sent).uid
    with database.transaction() as session:
        assert b"JFIF" not in session.scalars(select(Photo.content_sealed)).one()
        assert photos.content(session, actor, uid).startswith(b"\xff\xd8")
        for refused in (
            lambda: photos.content(session, stranger, uid),
            lambda: photos.remove(session, stranger, uid),
            lambda: photos.add(session, stranger, item_id, sent),
        ):
            with pytest.raises(NotFound):
                refused()
        assert photos.of_item(session, stranger, item_id) == []


def test_an_item_has_so_many_photos_and_no_more(item_of, database: Database) -> None:
    actor, item_id = item_of
    sent = telling_photo("PNG", 2)
    with database.transaction() as session:
        for _ in range(photos.MOST_PHOTOS):
            photos.add(session, actor, item_id, sent)
        with pytest.raises(InvalidInput, match="at most 6"):
            photos.add(session, actor, item_id, sent)
        for photo in photos.of_item(session, actor, item_id):
            photos.remove(session, actor, photo.uid)
        assert photos.of_item(session, actor, item_id) == []
