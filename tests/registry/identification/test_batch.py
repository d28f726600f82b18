"""Many reads on several cores: in order, within bounds, without waiting for a slow file, told of every fault."""

import io
import multiprocessing
import os
from collections import Counter
from threading import Event

import pytest

from registry.identification.answer import Mark, Verdict
from registry.identification.batch import PORTION, WorkerLostError, identify_portions, identify_reads
from registry.identification.engine import Engine
from registry.identification.fastq import DamagedFastqError, FastqRecord, lines_of, read_fastq
from registry.identification.index import Fingerprint, IndexFileError, save
from registry.identification.summary import of_read, of_read_with_agreement

SIGNATURE = "ACGGTCATTGCAAGTCCATG" * 3
PROCESSES = 2
BOUND = PORTION * (PROCESSES + 1) + PORTION * (4 * PROCESSES + 1) + 1
"""Reads that are read ahead, reads in portions that wait or are being answered, and the one at the gate."""


@pytest.fixture
def index_file(tmp_path, make_marks):
    marks = [*make_marks(20), Mark(1, "", SIGNATURE)]
    file = tmp_path / "marks.index"
    save(file, Engine.build(marks).base, Fingerprint.of(marks))
    return file


def read(number, bases=SIGNATURE):
    return FastqRecord(f"read-{number}", bases, "5" * len(bases))


def test_many_reads_are_answered_in_order_by_several_processes(tmp_path, make_marks, primers):
    marks = [*make_marks(50), Mark(1, "", SIGNATURE)]
    file = tmp_path / "marks.index"
    save(file, Engine.build(marks).base, Fingerprint.of(marks))
    reads = [read(number, marks[number % 51].signature) for number in range(600)]
    answered = list(identify_reads(file, reads, primers))
    assert [record.name for record, _ in answered] == [record.name for record in reads]
    for number, (_, answer) in enumerate(answered):
        assert answer.verdict is Verdict.IDENTIFIED
        assert answer.candidates[0].kit_id == marks[number % 51].kit_id


def test_an_unusable_index_is_told_before_any_process_starts(tmp_path):
    with pytest.raises(IndexFileError):
        list(identify_reads(tmp_path / "none.index", []))


def test_ten_thousand_reads_pass_through_a_bounded_queue(index_file):
    """The gate is the caller: only what it has taken may have been read, and the bound beyond it."""
    given = 0

    def reads():
        nonlocal given
        for number in range(10_000):
            given += 1
            # Most of them hold nothing to search for, so that the queue is tried and not the engine.
            yield read(number, SIGNATURE if number % 20 == 0 else "NNNN")

    taken, most_ahead = [], 0
    for portion in identify_portions(index_file, reads(), of_read, processes=PROCESSES):
        most_ahead = max(most_ahead, given - len(taken))
        assert given - len(taken) <= BOUND
        taken += portion
    assert [summary.name for summary in taken] == [f"read-{number}" for number in range(10_000)]
    assert Counter(summary.verdict for summary in taken) == {"identified": 500, "unreadable": 9500}
    assert most_ahead > PORTION, "nothing was read ahead, so the bound was never tried"
    assert BOUND < 10_000, "without a bound all would have been read at once"


def test_a_very_long_read_does_not_let_others_pile_up_behind_it(index_file):
    given = 0

    def reads():
        nonlocal given
        for number in range(8):
            given += 1
            yield read(number, "ACGT" * 600_000)

    portions = identify_portions(index_file, reads(), of_read, processes=1)
    first = next(portions)
    assert len(first) == 1
    assert given <= 1 + 4 + 1 + 1, "one taken, four that wait, one read ahead, one at the gate"
    portions.close()


def test_an_answer_does_not_wait_for_the_next_read(index_file):
    more = Event()

    def reads():
        yield read(1)
        assert more.wait(timeout=60)
        yield read(2)

    portions = identify_portions(index_file, reads(), of_read, processes=PROCESSES)
    first = next(portion for portion in portions if portion)
    assert [summary.name for summary in first] == ["read-1"]
    assert not more.is_set(), "the first answer came while the second read was not there"
    assert next(portions) == [], "and the caller is told that nothing more came for now"
    more.set()
    assert [summary.name for portion in portions for summary in portion] == ["read-2"]


def test_a_damaged_record_is_told_after_the_answers_before_it(index_file):
    text = "".join(f"@read-{number}\n{SIGNATURE}\n+\n{'5' * 60}\n" for number in range(300)) + "@last\nAC\n"
    portions = identify_portions(index_file, read_fastq(io.BytesIO(text.encode())), of_read)
    answered = []
    with pytest.raises(DamagedFastqError, match="Line 1201"):
        answered.extend(summary for portion in portions for summary in portion)
    assert len(answered) == 300


def test_a_caller_that_stops_leaves_no_process_behind(index_file):
    portions = identify_portions(index_file, (read(number) for number in range(10_000)), of_read)
    next(portions)
    assert multiprocessing.active_children()
    portions.close()
    assert multiprocessing.active_children() == []


def test_a_process_that_is_ended_from_outside_is_told(index_file):
    portions = identify_portions(index_file, (read(number) for number in range(100_000)), of_read)
    next(portions)
    for child in multiprocessing.active_children():
        child.kill()
    with pytest.raises(WorkerLostError, match="fewer processes"):
        list(portions)


def test_a_worker_tells_how_a_read_agrees_only_when_asked(index_file):
    (short,), (long,) = (
        list(next(identify_portions(index_file, [read(1)], pick, processes=1)))
        for pick in (of_read, of_read_with_agreement)
    )
    assert short.candidates[0].agreement == ()
    assert long.candidates[0].agreement == (
        {"read": SIGNATURE, "signs": "." * 60, "mark": SIGNATURE, "reverse_strand": False},
    )
    assert short.candidates[0][:5] == long.candidates[0][:5]


def test_lines_come_from_a_pipe_as_they_are_written():
    reading, writing = os.pipe()
    with io.FileIO(reading) as raw, os.fdopen(writing, "wb", buffering=0) as source:
        source.write(b"@one\nACGT\n")
        lines = lines_of(raw)
        assert (next(lines), next(lines)) == (b"@one\n", b"ACGT\n")
        source.write(b"+\n")
        assert next(lines) == b"+\n"
