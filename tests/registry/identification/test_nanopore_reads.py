"""Reads of an independent simulator, fitted to real nanopore reads: the thirty worst, twenty unregistered."""

import csv
from pathlib import Path

import pytest

from registry.identification.answer import Grade, Mark, MarkKind, Observation, Verdict
from registry.identification.engine import Engine

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="module")
def kits():
    with (DATA / "kits.csv").open(encoding="utf-8", newline="") as source:
        rows = csv.DictReader(source, delimiter=";")
        return [Mark(number, row["kit_code"], row["signature"]) for number, row in enumerate(rows)]


@pytest.fixture(scope="module")
def reads():
    lines = (DATA / "reads.fastq").read_text(encoding="ascii").splitlines()
    return [
        (lines[start].partition("kit=")[2], Observation(MarkKind.DNA, lines[start + 1], lines[start + 3]))
        for start in range(0, len(lines), 4)
    ]


@pytest.mark.parametrize("with_primers", [True, False])
def test_every_read_gets_its_kit_or_none(kits, reads, primers, with_primers):
    engine = Engine.build(kits, primers if with_primers else ())
    codes = {kit.kit_id: kit.code for kit in kits}
    for code, read in reads:
        answer = engine.identify([read])
        if code:
            assert (answer.verdict, codes[answer.candidates[0].kit_id]) == (Verdict.IDENTIFIED, code)
        else:
            assert answer.verdict is Verdict.NOT_REGISTERED
            assert answer.candidates[0].grade <= Grade.PLUS_1
    assert len(reads) == 50
