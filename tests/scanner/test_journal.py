import errno
import multiprocessing
import os
import random
import time
import zlib
from datetime import UTC, datetime

import pytest

from scanner.errors import JournalInUseError, JournalUnwritableError
from scanner.journal import Journal, Settlement, contents
from scanner.reading import DotText, Reading
from scanner.sealing import SealingKey

CASE = "5000-K123456-26"
STRANGE = b'{"record":"outcome","key":"k","settlement":[],"detail":{}}'


def test_a_stored_reading_waits_with_the_same_key_and_body_after_a_restart(opened, reading, unsealed):
    stored = opened().store(reading(), CASE)
    found = opened().next_waiting()
    assert (found.key, found.lane, found.body) == (stored.key, stored.lane, stored.body)
    body = unsealed(found.body)
    assert (body["case_number"], body["reading_id"]) == (CASE, "R-000812")
    assert body["read_at"] == "2026-11-22T15:04:05.123Z"
    assert body["observations"][0] == {"kind": "uv", "glow": True, "peak_nm": 612, "intensity": 734}
    assert body["reader"]["maker"] == "Nordisk Mätteknik"


def test_a_reading_sent_again_is_known_again_even_after_a_restart_and_in_another_case(opened, reading):
    opened().store(reading(), CASE)
    journal = opened()
    assert journal.store(reading(), "5000-K999999-26") is None
    assert journal.counts().waiting == 1


def test_the_same_id_of_another_reader_or_with_other_content_is_another_reading(opened, reading):
    journal = opened()
    journal.store(reading(), CASE)
    assert journal.store(reading(serial_number="SN00418"), CASE)
    assert journal.store(reading(text="ENX0O9494"), CASE)
    assert journal.counts().waiting == 3


def test_a_reading_from_before_the_greeting_is_known_again_after_it(opened, reading):
    journal = opened()
    assert journal.store(reading(serial_number=""), CASE)
    assert not journal.store(reading(serial_number="SN00417"), CASE)


def test_a_reader_without_reading_ids_gets_one_and_every_look_counts(opened, reading, unsealed):
    journal = opened()
    first = journal.store(reading(reading_id=""), CASE)
    second = journal.store(reading(reading_id=""), CASE)
    assert first.key != second.key
    assert unsealed(first.body)["reading_id"] == first.key


def test_what_a_reading_belongs_to_waits_behind_it_and_a_later_word_behind_that(opened, reading, unsealed):
    journal = opened()
    stored = journal.store(reading(), CASE)
    for label in ("2:1", "2:2"):
        journal.attach(stored.key, stored.reading_id, CASE, label)
    journal = opened()
    said = []
    while entry := journal.next_waiting():
        assert entry.lane == stored.lane
        said.append(unsealed(entry.body))
        journal.settle(entry.key, Settlement.ACCEPTED, {"id": 1})
    assert said[1:] == [
        {"case_number": CASE, "reading_key": stored.key, "reading_id": "R-000812", "seized_item": label}
        for label in ("2:1", "2:2")
    ]
    assert journal.store(reading(), CASE) is None


def test_settled_readings_wait_no_more_and_are_still_known(opened, reading):
    journal = opened()
    one = journal.store(reading("R-1"), CASE)
    two = journal.store(reading("R-2"), CASE)
    three = journal.store(reading("R-3"), CASE)
    journal.settle(one.key, Settlement.ACCEPTED, {"id": 1})
    journal.settle(two.key, Settlement.REFUSED, {"status": 422, "problem": "bases"})
    for restart in (False, True):
        found = opened() if restart else journal
        counts = found.counts()
        assert (counts.waiting, counts.accepted, counts.refused, counts.damaged) == (1, 1, 1, 0)
        assert found.next_waiting().key == three.key
        assert not found.store(reading("R-2"), CASE)


def test_readings_wait_in_the_order_in_which_they_came_and_a_case_can_be_passed_over(opened, reading):
    journal = opened()
    journal.store(reading("R-1"), "A")
    journal.store(reading("R-2"), "B")
    first = journal.next_waiting()
    second = journal.next_waiting({first.lane})
    assert (first.reading_id, second.reading_id) == ("R-1", "R-2")
    assert journal.next_waiting({first.lane, second.lane}) is None


def test_cut_at_any_byte_the_journal_opens_with_every_whole_record(folder, opened, reading):
    journal = opened()
    for number in range(3):
        journal.store(reading(f"R-{number}"), CASE)
    journal.close()
    path = folder / "readings.journal"
    whole = path.read_bytes()
    ends = [at + 1 for at, byte in enumerate(whole) if byte == ord("\n")]
    for cut in range(0, len(whole), 13):
        path.write_bytes(whole[:cut])
        journal = opened()
        assert journal.counts().waiting == sum(end <= cut for end in ends)
        journal.store(reading("R-new"), CASE)
        assert opened().counts().waiting == sum(end <= cut for end in ends) + 1


def test_a_torn_record_is_kept_beside_the_journal(folder, opened, reading):
    opened().store(reading(), CASE)
    with (folder / "readings.journal").open("ab") as file:
        file.write(b"12345678 {half")
    opened()
    (aside,) = folder.glob("*.torn-*")
    assert aside.read_bytes() == b"12345678 {half"
    assert aside.stat().st_mode & 0o777 == 0o600


def test_a_record_damaged_by_the_disk_is_counted_and_hides_no_other(folder, opened, reading):
    journal = opened()
    for number in range(3):
        journal.store(reading(f"R-{number}"), CASE)
    journal.close()
    path = folder / "readings.journal"
    content = bytearray(path.read_bytes())
    content[content.index(b"\n") + 400] ^= 1
    path.write_bytes(content)
    counts = opened().counts()
    assert (counts.waiting, counts.damaged) == (2, 1)
    assert path.read_bytes() == content


def test_a_record_damaged_while_it_waits_is_counted_and_holds_up_no_other(folder, opened, reading):
    journal = opened()
    journal.store(reading("R-1"), CASE)
    journal.store(reading("R-2"), CASE)
    path = folder / "readings.journal"
    content = path.read_bytes()
    with path.open("r+b") as file:
        file.write(content[:400] + bytes([content[400] ^ 1]))
    assert journal.next_waiting().reading_id == "R-2"
    assert (journal.counts().waiting, journal.counts().damaged) == (1, 1)


def test_garbage_of_any_kind_in_the_file_does_not_keep_the_journal_shut(folder, opened, reading):
    dice = random.Random(3)
    for _ in range(30):
        opened().store(reading(str(dice.random())), CASE)
        with (folder / "readings.journal").open("ab") as file:
            file.write(dice.choice((b"\x00" * 4096, dice.randbytes(300), b"\n\n\n", b"00000000 {}\n")))
    assert opened().counts().waiting == 30


def test_only_its_owner_may_read_the_journal(folder, opened, reading):
    opened().store(reading(), CASE)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "readings.journal").stat().st_mode & 0o777 == 0o600


def test_two_stations_do_not_share_a_journal(folder, opened):
    opened()
    with pytest.raises(JournalInUseError, match=f"process {os.getpid()}"):
        Journal(folder, SealingKey(bytes(range(32))))


def test_a_full_disk_stores_nothing_and_what_follows_is_sound(opened, reading, monkeypatch):
    journal = opened()
    journal.store(reading("R-1"), CASE)
    real_write = os.write

    def half_then_full(descriptor, data):
        if len(data) > 200:
            return real_write(descriptor, data[:100])
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(os, "write", half_then_full)
        full.setattr(os, "fsync", lambda _: pytest.fail("nothing whole was written"))
        with pytest.raises(JournalUnwritableError, match="No space left"):
            journal.store(reading("R-2"), CASE)
    assert journal.store(reading("R-2"), CASE)
    counts = opened().counts()
    assert (counts.waiting, counts.damaged) == (2, 0)


def test_a_folder_that_cannot_be_made_is_explained(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(JournalUnwritableError, match="Not a directory"):
        Journal(tmp_path / "file" / "journal", SealingKey(bytes(range(32))))


def test_as_many_readings_as_are_remembered_take_bounded_memory(opened, reading, monkeypatch):
    monkeypatch.setattr("scanner.journal._REMEMBERED", 3)
    journal = opened()
    for number in range(5):
        journal.store(reading(f"R-{number}"), CASE)
    assert len(journal._known) == 3
    assert journal.store(reading("R-4"), CASE) is None
    assert journal.counts().waiting == 5


def test_the_record_is_synced_before_the_call_returns(opened, reading, monkeypatch):
    journal = opened()
    synced = []
    monkeypatch.setattr(os, "fsync", synced.append)
    journal.store(reading(), CASE)
    assert synced == [journal._file.fileno()]


def _store_until_killed(folder, start, pipe):
    journal = Journal(folder, SealingKey(bytes(range(32))))
    number = start
    while True:
        journal.store(Reading(f"R-{number}", (DotText("ABC", "III"),), b"x" * 3000, datetime.now(UTC)), CASE)
        pipe.send(journal.counts().waiting)
        number += 1


def test_killed_at_random_points_it_holds_every_reading_that_it_said_was_stored(folder):
    context = multiprocessing.get_context("fork")
    dice = random.Random(11)
    said = 0
    for turn in range(15):
        near, far = context.Pipe(duplex=False)
        process = context.Process(target=_store_until_killed, args=(folder, turn * 100_000, far))
        process.start()
        far.close()
        said = near.recv()
        time.sleep(dice.random() * 0.03)
        process.kill()
        process.join()
        while near.poll():
            try:
                said = near.recv()
            except EOFError:
                break
        near.close()
        kept = [one.key for one in contents(folder)]
        assert len(kept) == len(set(kept))
        # The one after may be on disk although the process died before it could say so.
        assert len(kept) in {said, said + 1}


@pytest.mark.parametrize("content", [b"", b"[]", b"7", b"[" * 100_000, b"1" * 5000, b"{}", b'{"record":[]}', STRANGE])
def test_a_record_that_no_station_wrote_is_passed_over_though_its_checksum_agrees(folder, opened, reading, content):
    stored = opened().store(reading(), CASE)
    with (folder / "readings.journal").open("ab") as file:
        file.write(b"%08X %s\n" % (zlib.crc32(content), content))
    journal = opened()
    assert journal.next_waiting().key == stored.key
    journal.store(reading("R-2"), CASE)
    assert opened().counts().waiting == 2
    assert len(list(contents(folder))) == 2
