import csv
import io
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from registry.services.csv_export import csv_bytes, escaped, unescaped
from registry.services.tables.encoding import Encoding
from registry.services.tables.reading import read_rows
from registry.services.tables.remarks import Remarks
from registry.services.tables.source import Source

STARTS = ["=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠", "'", " ", "\ufeff", "\u00a0"]
CELLS = st.builds("".join, st.lists(st.sampled_from([*STARTS, "1", "a", "å", ";", '"', "SUMMA(1;2)"]), max_size=6))


@pytest.mark.parametrize("start", STARTS[:12])
@pytest.mark.parametrize("before", ["", " ", "\ufeff", "\u00a0\u200b"])
def test_no_cell_begins_as_a_formula(start, before):
    assert escaped(f"{before}{start}cmd|' /C calc'!A0").startswith("'")


@pytest.mark.parametrize("text", ["", "Motorsåg", "'tis", "5-6", "a=b", "'", "L'Oréal"])
def test_ordinary_words_stay_as_they_are(text):
    assert escaped(text) == text


@settings(max_examples=500, deadline=None)
@given(CELLS)
@example("''=1")
@example("'=1")
@example("'''")
def test_the_way_back_is_exact(text):
    assert unescaped(escaped(text)) == text


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(CELLS.filter(lambda text: "\0" not in text), min_size=2, max_size=2), min_size=1, max_size=5))
def test_our_own_reader_reads_back_what_was_written(rows):
    source = Source.of_bytes("export.csv", csv_bytes(("a", "b"), rows))
    remarks = Remarks()
    read = read_rows(source, lambda header, _remarks: list(header), remarks, encoding=Encoding.AUTO, delimiter=";")
    assert [[unescaped(row.cells["a"]), unescaped(row.cells["b"])] for row in read] == rows
    assert len(remarks) == 0


def test_the_file_is_what_a_swedish_spreadsheet_opens():
    content = csv_bytes(("Föremål", "Pris", "Dag", "Rum"), [("=1+1", 5, date(2026, 1, 2), None)])
    assert content.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";")) == [
        ["Föremål", "Pris", "Dag", "Rum"],
        ["'=1+1", "5", "2026-01-02", ""],
    ]
    assert content.count(b"\r\n") == 2
