import base64
import io

import pytest
from PIL import Image

from scanner.errors import BadPhotoError
from scanner.findings import MOST_PHOTO_BYTES, UvNote, prepared_photo
from scanner.journal import Journal
from scanner.sealing import SealingKey


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


def test_a_finding_lies_sealed_on_the_disk_with_its_photo_and_only_the_registry_reads_it(
    tmp_path, message_key, unsealed
):
    journal = Journal(tmp_path, SealingKey(message_key))
    photo = b"\xff\xd8 a photo of the spot \xff\xd9"
    entry = journal.note(UvNote("yellow", "under sadeln", "2:1", "S-1234", photo), "5000-K123456-26")
    on_disk = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    for secret in (b"sadeln", b"S-1234", b"yellow", b"5000-K", photo, base64.b64encode(photo)):
        assert secret not in on_disk
    body = unsealed(journal.next_waiting().body)
    assert (body["spot"], body["seized_item"], body["corrects"]) == ("under sadeln", "2:1", "")
    assert base64.b64decode(body["photo"]) == photo
    journal.close()
    again = Journal(tmp_path, SealingKey(message_key))
    assert again.next_waiting().key == entry.key
    again.close()
