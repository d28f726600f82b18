import base64

from scanner.findings import UvNote
from scanner.journal import Journal
from scanner.sealing import SealingKey


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
