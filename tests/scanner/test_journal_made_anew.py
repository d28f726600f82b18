import base64
import contextlib
import errno
import hashlib
import itertools
import json
import multiprocessing
import os
import random
import time
from datetime import UTC, datetime

import pytest

from scanner import journal as journals
from scanner import record_file
from scanner.errors import JournalUnwritableError
from scanner.journal import Journal, JournalCounts, Settlement, contents, counted
from scanner.reading import DotText, Reading
from scanner.sealing import SealingKey

CASE = "5000-K123456-26"


def messages(folder):
    """How many sealed messages lie on the disk."""
    return (folder / "readings.journal").read_text(encoding="utf-8").count('"sealed"')


def test_what_was_delivered_leaves_the_disk_at_the_end_of_the_shift_and_is_still_counted(opened, folder, reading):
    journal = opened()
    stored = [journal.store(reading(f"R-{number}"), CASE) for number in range(4)]
    journal.settle(stored[0].key, Settlement.ACCEPTED, {"id": 7})
    journal.settle(stored[1].key, Settlement.REFUSED, {"status": 422, "field": "raw"})
    journal.settle(stored[3].key, Settlement.ACCEPTED, {"id": 8})
    assert messages(folder) == 4
    journal.close()
    assert messages(folder) == 2
    journal = opened()
    assert journal.counts() == counted(folder) == JournalCounts(waiting=1, accepted=2, refused=1, damaged=0)
    assert journal.next_waiting().body == stored[2].body
    assert {one.key: one.detail.get("id") for one in contents(folder)} == {
        stored[0].key: 7,
        stored[3].key: 8,
        stored[1].key: None,
        stored[2].key: None,
    }


def test_a_delivered_reading_is_known_again_after_it_has_left_the_disk_and_the_chain_goes_on(opened, reading):
    journal = opened()
    first, last = journal.store(reading("R-1"), CASE), journal.store(reading("R-2"), CASE)
    journal.settle(last.key, Settlement.ACCEPTED, {"id": 1})
    journal.close()
    journal = opened()
    assert journal.store(reading("R-2"), CASE) is None
    envelope = json.loads(last.body)
    link = hashlib.sha256(bytes.fromhex(envelope["previous"]) + base64.b64decode(envelope["sealed"])).hexdigest()
    assert json.loads(journal.store(reading("R-3"), CASE).body)["previous"] == link
    assert journal.next_waiting().key == first.key


def test_the_file_stays_small_over_many_shifts_and_within_one(opened, folder, reading, monkeypatch):
    monkeypatch.setattr(journals, "_REMEMBERED_ON_DISK", 40)
    monkeypatch.setattr(journals, "_LISTED", 40)
    monkeypatch.setattr(journals, "_GROWTH", 20_000)
    sizes, within = [], []
    for shift in range(10):
        journal = opened()
        for number in range(50):
            key = journal.store(reading(f"R-{shift}-{number}"), CASE).key
            journal.settle(key, Settlement.ACCEPTED, {"id": number})
            within.append((folder / "readings.journal").stat().st_size)
        journal.close()
        sizes.append((folder / "readings.journal").stat().st_size)
    assert max(sizes) < 20_000
    assert sizes[-1] - sizes[1] < 200
    assert max(within) < 3 * 20_000 + 20_000
    assert counted(folder).accepted == 10 * 50
    assert sorted(path.name for path in folder.iterdir()) == ["lock", "readings.journal"]


def test_a_full_disk_leaves_the_journal_as_it_was(opened, folder, reading, monkeypatch):
    journal = opened()
    kept, done = journal.store(reading("R-1"), CASE), journal.store(reading("R-2"), CASE)
    journal.settle(done.key, Settlement.ACCEPTED, {"id": 1})

    def full(_descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", full)
        journal.close()
    assert messages(folder) == 2
    assert sorted(path.name for path in folder.iterdir()) == ["lock", "readings.journal"]
    assert opened().next_waiting().key == kept.key


def test_a_full_disk_is_not_tried_again_at_every_message(opened, reading, monkeypatch):
    monkeypatch.setattr(journals, "_GROWTH", 2000)
    journal = opened()
    tried = []

    def full(self, _contents):
        tried.append(self.size)
        raise JournalUnwritableError(file=self.path, problem="No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(record_file.RecordFile, "rewrite", full)
        for number in range(60):
            key = journal.store(reading(f"R-{number}"), CASE).key
            journal.settle(key, Settlement.ACCEPTED, {"id": number})
    assert 1 < len(tried) < 10
    assert all(later > 2 * earlier for earlier, later in itertools.pairwise(tried))
    size = journal._file.size
    journal.close()
    assert opened()._file.size < size / 2


def test_a_disk_that_cannot_be_read_ends_neither_a_delivery_nor_the_shift(opened, folder, reading, monkeypatch):
    monkeypatch.setattr(journals, "_GROWTH", -(10**9))
    journal = opened()
    waiting, done = journal.store(reading("R-1"), CASE), journal.store(reading("R-2"), CASE)

    def broken(*_):
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as disk:
        disk.setattr(os, "pread", broken)
        journal.settle(done.key, Settlement.ACCEPTED, {"id": 1})
        journal.close()
    assert messages(folder) == 2
    assert opened().next_waiting().key == waiting.key


def test_the_journal_lists_oldest_first_over_segments_however_often_it_was_made_anew(opened, folder, reading):
    journal = opened()
    waiting = journal.store(reading("R-1"), CASE).key
    refused = journal.store(reading("R-2"), CASE).key
    journal = opened()
    early, late = journal.store(reading("R-3"), CASE).key, journal.store(reading("R-4"), CASE).key
    last = journal.store(reading("R-5"), CASE).key
    # Neither the order of the answers nor what they were is that of the readings.
    journal.settle(late, Settlement.ACCEPTED, {"id": 1})
    journal.settle(refused, Settlement.REFUSED, {"status": 422})
    journal.settle(early, Settlement.ACCEPTED, {"id": 2})
    oldest_first = [waiting, refused, early, late, last]
    for _ in range(3):
        assert [one.key for one in contents(folder)] == oldest_first
        journal = opened()
        assert messages(folder) == 3
        oldest_first.append(journal.store(reading(f"R-{len(oldest_first) + 1}"), CASE).key)
        journal.settle(oldest_first[-1], Settlement.ACCEPTED, {"id": len(oldest_first)})
    journal.settle(waiting, Settlement.ACCEPTED, {"id": 3})
    opened()
    assert [one.key for one in contents(folder)] == oldest_first
    assert [one.settlement for one in contents(folder)][:5] == [
        Settlement.ACCEPTED,
        Settlement.REFUSED,
        Settlement.ACCEPTED,
        Settlement.ACCEPTED,
        None,
    ]


def test_while_the_folder_does_not_hold_the_new_file_nothing_is_said_to_be_stored(opened, reading, monkeypatch):
    monkeypatch.setattr(journals, "_GROWTH", -(10**9))
    journal = opened()
    key = journal.store(reading("R-1"), CASE).key

    def broken(_folder):
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as disk:
        disk.setattr(record_file, "_fsync_folder", broken)
        journal.settle(key, Settlement.ACCEPTED, {"id": 1})
        with pytest.raises(JournalUnwritableError, match="Input/output error"):
            journal.store(reading("R-2"), CASE)
    stored = journal.store(reading("R-2"), CASE)
    journal.close()
    assert [one.key for one in contents(journal._file.path.parent)] == [key, stored.key]


def _deliver_until_killed(folder, start, pipe):
    journals._GROWTH = -(10**9)
    journal = Journal(folder, SealingKey(bytes([9] + [0] * 31)))
    number = start
    while True:
        key = journal.store(Reading(f"R-{number}", (DotText("ABC", "III"),), b"x", datetime.now(UTC)), CASE).key
        if number % 3:
            journal.settle(key, Settlement.ACCEPTED, {"id": number})
        counts = journal.counts()
        pipe.send((counts.waiting, counts.accepted))
        number += 1


def test_killed_at_random_points_while_it_leaves_out_what_was_delivered_it_loses_nothing(folder):
    context = multiprocessing.get_context("fork")
    dice = random.Random(12)
    for turn in range(15):
        near, far = context.Pipe(duplex=False)
        process = context.Process(target=_deliver_until_killed, args=(folder, turn * 100_000, far))
        process.start()
        far.close()
        waiting, accepted = near.recv()
        time.sleep(dice.random() * 0.03)
        process.kill()
        process.join()
        while near.poll():
            try:
                waiting, accepted = near.recv()
            except EOFError:
                break
        near.close()
        counts = counted(folder)
        # One more may have been stored, or stored and delivered, before the process could say so.
        assert (counts.waiting, counts.accepted) in {
            (waiting, accepted),
            (waiting + 1, accepted),
            (waiting, accepted + 1),
        }
        with contextlib.closing(Journal(folder, SealingKey(bytes([9] + [0] * 31)))) as journal:
            assert journal.counts() == counts
