"""A delivery manifest that is searched without any register."""

from pathlib import Path

import pytest

from registry.errors import RefusedFile
from registry.identification.answer import Mark, PrimerPair
from registry.services import kit_files
from registry.services.tables.source import Source

DATA = Path(__file__).parent.parent / "data"
HEADER = "supplier;batch;kit_code;kit_pin;signature;emission_nm;best_before;marks\n"


def manifest(*rows):
    return Source.of_bytes("kits.csv", (HEADER + "".join(f"{row}\n" for row in rows)).encode())


def test_marks_are_numbered_in_the_order_of_the_rows():
    marks = kit_files.marks_in(manifest("N;1;ENXB09494;1234;;612;;50", f"N;1;CJSZ87051;1234;{'ACGT' * 5};612;;50"))
    assert marks == [Mark(1, "ENXB09494"), Mark(2, "CJSZ87051", "ACGT" * 5)]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("N;1;en;1234;;612;;50", "kit_code"),
        ("N;1;ENXB09494;1234;;612;;50", "kit_code"),
        ("N;1;CJSZ87051;1234;ACGTX;612;;50", "signature"),
    ],
)
def test_a_row_that_cannot_be_searched_is_named_and_the_file_refused(row, column):
    with pytest.raises(RefusedFile) as refused:
        kit_files.marks_in(manifest("N;1;ENXB09494;1234;;612;;50", row))
    (remark,) = refused.value.values["rows"]
    assert (remark.line, remark.column) == (3, column)


def test_primers_are_taken_once_each_and_suppliers_without_any_are_passed_over():
    assert kit_files.primers_in(Source.of_file(DATA / "suppliers.csv")) == (
        PrimerPair("GTCATGCTAGGACTTCACGA", "CAGTTGACCTAGCATGTCGT"),
        PrimerPair("ACGGTTCATCGATGCAAGTC", "TTGCAGGACTTACGATCCTG"),
    )


def test_a_primer_that_is_none_is_named():
    text = (DATA / "suppliers.csv").read_text(encoding="utf-8").replace("GTCATGCTAGGACTTCACGA", "GTCAX")
    with pytest.raises(RefusedFile):
        kit_files.primers_in(Source.of_bytes("suppliers.csv", text.encode()))
