import pytest

from registry.errors import RefusedFile
from registry.services.tables.encoding import Encoding
from registry.services.tables.reading import Row, exact_columns, read_rows
from registry.services.tables.remarks import Reason, Remarks
from registry.services.tables.source import Source

COLUMNS = ("a", "b")


def read(content: bytes, encoding: Encoding = Encoding.UTF8, delimiter: str = ";") -> tuple[list[Row], Remarks]:
    remarks = Remarks()
    source = Source.of_bytes("file.csv", content)
    rows = list(read_rows(source, exact_columns(COLUMNS), remarks, encoding=encoding, delimiter=delimiter))
    return rows, remarks


def reasons(remarks: Remarks) -> list[tuple[int, str, Reason]]:
    return [(remark.line, remark.column, remark.reason) for remark in remarks.kept]


@pytest.mark.parametrize(
    "content",
    [
        b"a;b\n1;2\n",
        b"a;b\r\n1;2\r\n",
        b"\xef\xbb\xbfa;b\n1;2",
        b"b;a\n2;1\n",
        b'"a";"b"\n"1";"2"\n\n\n',
    ],
)
def test_line_ends_byte_order_mark_order_of_columns_and_quotation_marks_make_no_difference(content):
    rows, remarks = read(content)
    assert [row.cells for row in rows] == [{"a": "1", "b": "2"}]
    assert len(remarks) == 0


def test_a_row_is_known_by_the_line_it_starts_in_also_after_line_breaks_in_cells():
    rows, _ = read(b'a;b\n"1\n1\n1";2\n3;4\n')
    assert [(row.line, row.cells["a"]) for row in rows] == [(2, "1\n1\n1"), (5, "3")]


@pytest.mark.parametrize(
    ("content", "line", "column", "reason"),
    [
        (b"", 1, "", Reason.EMPTY_FILE),
        (b"\xef\xbb\xbf", 1, "", Reason.EMPTY_FILE),
        (b"a\n1\n", 1, "b", Reason.MISSING_COLUMN),
        (b"a;b;c\n1;2;3\n", 1, "c", Reason.UNKNOWN_COLUMN),
        (b"a;b;a\n1;2;3\n", 1, "a", Reason.REPEATED_COLUMN),
        ("a;b\n1;2\n".encode("utf-16"), 1, "", Reason.UTF16),
        (b'"a;b\n1;2\n', 1, "", Reason.QUOTATION),
    ],
)
def test_a_file_without_a_usable_header_is_refused_at_once(content, line, column, reason):
    with pytest.raises(RefusedFile) as refusal:
        read(content)
    assert (line, column, reason) in [(row.line, row.column, row.reason) for row in refusal.value.values["rows"]]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a;b\n1;2;3\n4;5\n6\n", [(2, "", Reason.CELL_COUNT), (4, "", Reason.CELL_COUNT)]),
        (b"a;b\n1;\xe5\n", [(2, "", Reason.NOT_DECODABLE)]),
        (b"a;b\n1;2\x00\n", [(2, "", Reason.NUL)]),
        (b'a;b\n1;"2\n3;4\n', [(2, "", Reason.QUOTATION)]),
        (b'a;b\n1;"2"x\n3;4\n', [(2, "", Reason.QUOTATION)]),
        (b"a;b\n", [(1, "", Reason.NO_ROWS)]),
    ],
)
def test_a_bad_row_is_told_with_its_line(content, expected):
    _, remarks = read(content)
    assert reasons(remarks) == expected


def test_a_quotation_mark_that_is_never_closed_does_not_swallow_a_long_file_in_silence():
    rows, remarks = read(b'a;b\n1;"2\n' + b"3;4\n" * 100_000)
    assert remarks.fatal
    assert len(rows) < 100_000


@pytest.mark.parametrize(
    ("content", "delimiter"), [(b"a;b\n1;2\n", ";"), (b"a,b\n1,2\n", ","), (b"a\tb\n1\t2\n", "tab")]
)
def test_the_delimiter_is_found_in_the_header(content, delimiter):
    rows, _ = read(content, delimiter="")
    assert [row.cells for row in rows] == [{"a": "1", "b": "2"}], delimiter


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_the_encoding_is_found_by_what_the_lines_say(encoding):
    rows, remarks = read("a;b\nå;ö\n".encode(encoding), Encoding.AUTO)
    assert rows[0].cells == {"a": "å", "b": "ö"}
    assert len(remarks) == 0


def test_a_file_glued_together_from_two_encodings_is_refused():
    content = "a;b\nå;1\n".encode() + "ö;2\n".encode("cp1252")
    with pytest.raises(RefusedFile) as refusal:
        read(content, Encoding.AUTO)
    assert [(row.line, row.reason) for row in refusal.value.values["rows"]] == [(3, Reason.MIXED_ENCODING)]


def test_remarks_are_all_counted_but_only_the_first_are_kept():
    remarks = Remarks(keep=2)
    for line in range(5):
        remarks.add(line, "a", "x", Reason.NEEDED)
    assert (len(remarks), len(remarks.kept)) == (5, 2)


def test_a_value_is_shown_on_one_line_however_it_looks():
    remarks = Remarks()
    remarks.add(1, "a", "x\n\x1b[31m" + "y" * 100, Reason.NEEDED)
    shown = remarks.kept[0].shown_value
    assert shown.isprintable()
    assert len(shown) == 60
