"""FASTQ as it streams, whole and broken, and many reads on several cores."""

import io
from pathlib import Path

import pytest

from registry.identification.answer import Mark, Verdict
from registry.identification.batch import identify_reads
from registry.identification.engine import Engine
from registry.identification.fastq import DamagedFastqError, FastqRecord, read_fastq
from registry.identification.index import Fingerprint, IndexFileError, save

DATA = Path(__file__).parent / "data"


def records(text):
    return list(read_fastq(io.BytesIO(text)))


def test_records_are_read_one_by_one():
    assert records(b"@one first\nACGT\n+\n!!!!\n@two\nAC\n+two\n@+\n") == [
        FastqRecord("one", "ACGT", "!!!!"),
        FastqRecord("two", "AC", "@+"),
    ]


@pytest.mark.parametrize("text", [b"", b"\n\n", b"\r\n"])
def test_nothing_holds_no_records(text):
    assert records(text) == []


def test_crlf_a_missing_last_line_end_and_blank_lines_are_accepted():
    assert records(b"@one\r\nACGT\r\n+\r\n!!!!\r\n\r\n@two\r\nA\r\n+\r\n#") == [
        FastqRecord("one", "ACGT", "!!!!"),
        FastqRecord("two", "A", "#"),
    ]


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        (b"one\nACGT\n+\n!!!!\n", 1, "another sign"),
        (b"@one\nACGT\n!!!!\n@two\n", 3, "between bases and quality"),
        (b"@one\nACGT\n+\n!!!\n", 4, "3 qualities for 4 bases"),
        (b"@one\nACGT\n+\n!!!!\n@two\nAC\n", 5, "ends inside"),
        (b"@one\nAC\xc5T\n+\n!!!!\n", 2, "byte 0xc5 at place 3"),
        (b"@one\n" + b"A" * 4_000_001 + b"\n+\n", 2, "4000002 bytes"),
    ],
)
def test_a_broken_record_is_told_with_its_line(text, line, problem):
    with pytest.raises(DamagedFastqError, match=f"Line {line} .*{problem}"):
        records(text)


def test_records_before_a_broken_one_are_given():
    stream = read_fastq(io.BytesIO(b"@one\nACGT\n+\n!!!!\n@two\nAC\n"))
    assert next(stream).name == "one"
    with pytest.raises(DamagedFastqError):
        next(stream)


def test_many_reads_are_answered_in_order_by_several_processes(tmp_path, make_marks, primers):
    marks = [*make_marks(50), Mark(1, "", "ACGGTCATTGCAAGTCCATG" * 3)]
    file = tmp_path / "marks.index"
    save(file, Engine.build(marks).base, Fingerprint.of(marks))
    reads = [FastqRecord(str(number), marks[number % 51].signature, "5" * 64) for number in range(600)]
    answered = list(identify_reads(file, reads, primers))
    assert [record.name for record, _ in answered] == [record.name for record in reads]
    for number, (_, answer) in enumerate(answered):
        assert answer.verdict is Verdict.IDENTIFIED
        assert answer.candidates[0].kit_id == marks[number % 51].kit_id


def test_an_unusable_index_is_told_before_any_process_starts(tmp_path):
    with pytest.raises(IndexFileError):
        list(identify_reads(tmp_path / "none.index", []))


def test_the_sample_reads_are_whole():
    with (DATA / "reads.fastq").open("rb") as source:
        assert sum(len(record.bases) == len(record.quality) for record in read_fastq(source)) == 50
