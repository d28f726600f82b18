"""Tagged sheets and papers: each label a paragraph, each code a figure that says what it holds, in their order."""

import ctypes
import io

import pikepdf
import pypdfium2
import pytest

from labels import markcode
from labels.designs import DESIGNS
from labels.language import Language
from labels.pdf import LabelContent, write_sheets
from labels.printers.calibration import write_calibration_page
from labels.receipt import check_text, write_receipt
from labels.stock import STOCKS


def printed(design, labels, **options):
    stream = io.BytesIO()
    stock = STOCKS[design.stocks[0]]
    write_sheets(stream, labels, stock=stock, design=design, **{"tagged": True, **options})
    return stream.getvalue()


def marks_in(page):
    """Marked-content numbers of a page in the order of its content, each begun and ended, none inside another."""
    marks, open_mark = [], False
    for operands, operator in pikepdf.parse_content_stream(page):
        if str(operator) == "BDC":
            assert not open_mark
            marks.append((str(operands[0]), int(operands[1].MCID)))
            open_mark = True
        elif str(operator) == "EMC":
            assert open_mark
            open_mark = False
        elif str(operator) in {"Tj", "Do", "f"}:
            assert open_mark, "all that is shown belongs to an element"
    assert not open_mark
    return marks


@pytest.mark.parametrize("name", DESIGNS)
def test_every_mark_belongs_to_one_element_and_is_found_from_its_page(name):
    design = DESIGNS[name]
    pdf = pikepdf.open(io.BytesIO(printed(design, [design.example] * 30)))
    assert pdf.Root.MarkInfo.Marked is True
    assert str(pdf.Root.Lang) == "sv"
    tree = pdf.Root.StructTreeRoot
    (whole,) = tree.K
    assert whole.S == "/Document"
    rows = {int(tree.ParentTree.Nums[place]): tree.ParentTree.Nums[place + 1]
            for place in range(0, len(tree.ParentTree.Nums), 2)}  # fmt: skip
    assert len(rows) == len(pdf.pages) == int(tree.ParentTreeNextKey)
    seen = 0
    for page in pdf.pages:
        row = rows[int(page.StructParents)]
        for kind, mark in marks_in(page):
            element = row[mark]
            assert mark in [int(one) for one in element.K]
            assert (str(element.S), element.Pg.objgen) == (kind, page.objgen)
            assert element.P.objgen == whole.objgen
            seen += 1
    assert seen == sum(len(element.K) for element in whole.K)
    assert all("/Alt" in element for element in whole.K if element.S == "/Figure")


def test_figures_follow_their_label_and_say_what_the_code_holds():
    design = DESIGNS["warning-sticker"]
    numbers = [markcode.issue() for _ in range(25)]
    labels = [
        LabelContent(url=markcode.url("https://dna.example", number), number=markcode.grouped(number))
        for number in numbers
    ]
    pdf = pikepdf.open(io.BytesIO(printed(design, labels, language=Language.ENGLISH)))
    elements = list(pdf.Root.StructTreeRoot.K[0].K)
    assert [str(element.S) for element in elements] == ["/P", "/Figure"] * 25
    assert [str(element.Alt) for element in elements[1::2]] == [f"Code: {label.url}" for label in labels]


def read_aloud(pdf):
    """Kind and words of each element of a one-page file, in the order of its structure tree."""
    document = pikepdf.open(io.BytesIO(pdf))
    with pypdfium2.PdfDocument(pdf) as other:
        page = other[0]
        text_page = page.get_textpage()
        words = {}
        for found in page.get_objects(filter=(pypdfium2.raw.FPDF_PAGEOBJ_TEXT,)):
            mark = pypdfium2.raw.FPDFPageObj_GetMarkedContentID(found)
            size = pypdfium2.raw.FPDFTextObj_GetText(found, text_page, None, 0)
            buffer = ctypes.create_string_buffer(size)
            pypdfium2.raw.FPDFTextObj_GetText(
                found, text_page, ctypes.cast(buffer, ctypes.POINTER(pypdfium2.raw.FPDF_WCHAR)), size
            )
            words.setdefault(mark, []).append(buffer.raw.decode("utf-16-le").rstrip("\0"))
    elements = document.Root.StructTreeRoot.K[0].K
    return [(str(one.S), " ".join(" ".join(words.get(int(one.K[0]), [])).split())) for one in elements], words


@pytest.mark.parametrize("archive", [True, False])
def test_a_receipt_is_read_with_its_headings_and_row_by_row(receipt, archive):
    stream = io.BytesIO()
    write_receipt(stream, receipt, Language.ENGLISH, archive=archive)
    elements, words = read_aloud(stream.getvalue())
    document = pikepdf.open(stream)
    assert str(document.Root.Lang) == "en"
    assert document.Root.MarkInfo.Marked is True
    assert [text for kind, text in elements if kind == "/H1"] == ["Hand-over receipt"]
    assert [text for kind, text in elements if kind == "/H2"] == [
        "The item", "How it was identified", "The hand-over", "Handed over by", "Received by",
    ]  # fmt: skip
    rows = [text for kind, text in elements if kind == "/P"]
    assert "Case number 5000-K123456-26" in rows
    assert "Owner, as stated Åsa Öberg" in rows
    assert f"Check characters {check_text(receipt)}" in rows
    assert -1 not in words, "no text stands outside the structure"


def test_lines_and_boxes_of_a_receipt_are_ornament(receipt):
    stream = io.BytesIO()
    write_receipt(stream, receipt)
    document, inside = pikepdf.open(stream), []
    for operands, operator in pikepdf.parse_content_stream(document.pages[0]):
        if str(operator) in {"BDC", "BMC"}:
            inside.append(str(operands[0]))
        elif str(operator) == "EMC":
            inside.pop()
        elif str(operator) == "f":
            assert inside == ["/Artifact"]
        elif str(operator) == "Tj":
            assert inside in (["/P"], ["/H1"], ["/H2"])
    assert inside == []


def test_the_calibration_page_is_one_paragraph():
    stream = io.BytesIO()
    write_calibration_page(stream, Language.ENGLISH)
    ((kind, text),), _ = read_aloud(stream.getvalue())
    assert kind == "/P"
    assert "Calibration page" in text


def test_a_sheet_that_is_not_asked_to_be_tagged_carries_nothing_of_it_and_looks_the_same(pdfium):
    design = DESIGNS["asset-label"]
    tagged, plain = (printed(design, [design.example] * 3, tagged=tagged) for tagged in (True, False))
    assert b"StructTreeRoot" not in plain
    assert pdfium(tagged, 100)[0].tobytes() == pdfium(plain, 100)[0].tobytes()
