"""FASTQ as it streams, plain or compressed, whole and broken."""

import gzip
import io
import random
from pathlib import Path

import pytest

from registry.identification.fastq import DamagedFastqError, FastqRecord, lines_of, read_fastq

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


@pytest.mark.parametrize("packed", [False, True])
def test_a_file_is_read_the_same_whether_it_is_compressed(tmp_path, packed):
    text = b"@one\nACGT\n+\n!!!!\n" * 1000
    file = tmp_path / "reads"
    file.write_bytes(gzip.compress(text) if packed else text)
    with io.FileIO(file) as raw:
        assert len(list(read_fastq(lines_of(raw)))) == 1000
        assert raw.tell() == file.stat().st_size, "the file is still open, and tells how much of it was read"


@pytest.mark.parametrize("damage", [lambda packed: packed[:-40], lambda packed: packed[:60] + b"\0" * 20 + packed[80:]])
def test_damaged_compressed_data_is_told_with_its_line(tmp_path, damage):
    noise = random.Random(1)
    text = "".join(f"@{number}\n{''.join(noise.choices('ACGT', k=60))}\n+\n{'5' * 60}\n" for number in range(500))
    file = tmp_path / "reads.gz"
    file.write_bytes(damage(gzip.compress(text.encode())))
    with io.FileIO(file) as raw, pytest.raises(DamagedFastqError, match="whole gzip file"):
        list(read_fastq(lines_of(raw)))


def test_an_empty_file_holds_no_records(tmp_path):
    (tmp_path / "empty").write_bytes(b"")
    with io.FileIO(tmp_path / "empty") as raw:
        assert list(read_fastq(lines_of(raw))) == []


def test_the_sample_reads_are_whole():
    with (DATA / "reads.fastq").open("rb") as source:
        assert sum(len(record.bases) == len(record.quality) for record in read_fastq(source)) == 50
