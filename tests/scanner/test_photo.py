import io
import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from scanner.errors import BadPhotoError
from scanner.photo import MOST_PHOTO_BYTES, prepared_photo

DAMAGED_EXIF = {
    "the resolution is not a number": (
        "4d4d002a000000080004010f00020000000e0000003e011200030000000100060000011a0007000000010000004c"
        "829800020000000461626300000000004b616d6572616d616b6172656e0000000009"
    ),
    "a number of whole directories is a fraction": (
        "4d4d002a000000080004010f00020000000e0000003e011200030000000100060000014a0005000000010000004c"
        "829800020000000461626300000000004b616d6572616d616b6172656e000000004800000001"
    ),
    "a text is a fraction": (
        "4d4d002a000000080004010f00020000000e0000003e011200030000000100060000010d0005000000010000004c"
        "079800020000000461626300000000004b616d6572616d616b6172656e000000004800000001"
    ),
}
"""Exif (TIFF 6.0) damaged by a few bytes; each says besides that the camera was held on edge."""


def test_a_photo_becomes_small_and_loses_what_the_camera_wrote(tmp_path):
    picture = Image.effect_noise((4000, 3000), 90).convert("RGB")
    exif = Image.Exif()
    exif[0x010F] = "Kameramakaren"
    file = tmp_path / "spot.jpg"
    picture.save(file, "JPEG", quality=95, exif=exif)
    made = prepared_photo(file)
    assert len(made) <= MOST_PHOTO_BYTES < file.stat().st_size
    assert b"Kameramakaren" not in made
    with Image.open(io.BytesIO(made)) as again:
        assert again.format == "JPEG"


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"\xff\xd8\xff\xe0 cut short"])
def test_what_is_no_photo_is_refused(tmp_path, content):
    file = tmp_path / "spot.jpg"
    file.write_bytes(content)
    with pytest.raises(BadPhotoError, match=r"spot\.jpg"):
        prepared_photo(file)
    with pytest.raises(BadPhotoError):
        prepared_photo(tmp_path / "nowhere.jpg")


@pytest.mark.parametrize("damage", DAMAGED_EXIF)
def test_a_photo_whose_metadata_is_damaged_is_a_photo_all_the_same_and_stands_upright(tmp_path, damage):
    content = b"Exif\x00\x00" + bytes.fromhex(DAMAGED_EXIF[damage])
    written = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(written, "JPEG")
    sound = written.getvalue()
    file = tmp_path / "spot.jpg"
    file.write_bytes(sound[:2] + b"\xff\xe1" + struct.pack(">H", len(content) + 2) + content + sound[2:])
    with Image.open(io.BytesIO(prepared_photo(file))) as made:
        assert made.size == (30, 40)


@pytest.mark.parametrize("orientation", range(10))
def test_however_the_camera_was_held_the_photo_stands_upright(tmp_path, orientation):
    upright = Image.new("RGB", (64, 32), "white")
    upright.paste("red", (0, 0, 16, 16))
    upright.paste("blue", (48, 16, 64, 32))
    # What the camera has to do for its picture to be seen like this (Exif 2.32, table 4).
    held = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}.get(orientation)
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = tmp_path / "spot.png"
    (upright if held is None else upright.transpose(Image.Transpose(held))).save(file, exif=exif)
    with Image.open(io.BytesIO(prepared_photo(file))) as made:
        assert made.size == (64, 32)
        corner, opposite = made.getpixel((5, 5)), made.getpixel((58, 26))
    assert corner[0] > 200 > corner[2]
    assert opposite[2] > 200 > opposite[0]


def test_a_home_of_nobody_is_refused(tmp_path):
    with pytest.raises(BadPhotoError, match=r"~nosuchuser/x\.jpg"):
        prepared_photo(Path("~nosuchuser/x.jpg"))


def test_what_is_not_a_file_is_refused_without_waiting_for_it(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    asked = f"""
from pathlib import Path
from scanner.errors import BadPhotoError
from scanner.photo import prepared_photo
for file in (Path({str(tmp_path)!r}) / "pipe.jpg", Path({str(tmp_path)!r}), Path("/dev/zero")):
    try:
        prepared_photo(file)
    except BadPhotoError as error:
        print(error.values["problem"])
"""
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, timeout=60, check=True)
    assert said.stdout.splitlines() == ["it is not a file"] * 3


def test_a_station_starts_without_the_library_of_pictures():
    asked = "import sys, scanner.cli; print('PIL' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, timeout=60, check=True)
    assert said.stdout == "False\n"
