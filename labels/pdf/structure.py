"""The structure of a tagged PDF (ISO 32000-1, 14.7 and 14.8): what a screen reader reads, in which order.

A label is a paragraph of its texts followed by a figure for each of its codes, whose alternate text says what the code
holds; a paper has headings and a paragraph for each line that says something. Elements leave with their page, so that
a long run needs no more memory than its list of references.
"""

from typing import Any, Final

from reportlab.pdfbase import pdfdoc

__all__ = ["Structure"]


class _TaggedPage(pdfdoc.PDFPage):
    __NoDefault__ = pdfdoc.PDFPage.__NoDefault__ + ["StructParents", "Tabs"]  # noqa: RUF005 - as in reportlab


class Structure:
    """The tree of one document; ``objects`` is the document's table of objects."""

    PARAGRAPH: Final = "P"
    FIGURE: Final = "Figure"
    TITLE: Final = "H1"
    HEADING: Final = "H2"

    def __init__(self, objects: Any) -> None:
        self._objects = objects
        self._whole = pdfdoc.PDFDictionary({"Type": pdfdoc.PDFName("StructElem"), "S": pdfdoc.PDFName("Document")})
        self._root = pdfdoc.PDFDictionary({"Type": pdfdoc.PDFName("StructTreeRoot")})
        self._whole_reference = objects.Reference(self._whole)
        self._root_reference = objects.Reference(self._root)
        self._elements: list[Any] = []
        self._pages: list[Any] = []
        self._waiting: list[tuple[str, list[int], str]] = []
        self._marks = 0
        objects.Catalog.StructTreeRoot = self._root
        objects.Catalog.MarkInfo = pdfdoc.PDFDictionary({"Marked": "true"})

    def begin(self, kind: str) -> tuple[int, str]:
        """A mark on the running page, and the operator that begins its content; ``EMC`` ends it."""
        mark, self._marks = self._marks, self._marks + 1
        return mark, f"/{kind} <</MCID {mark}>> BDC"

    def element(self, kind: str, marks: list[int], alternate: str = "") -> None:
        """An element of the running page that consists of these marks."""
        self._waiting.append((kind, marks, alternate))

    def end_page(self, page: Any) -> None:
        """Tell ``page`` where its elements are found, before it is written."""
        page.__class__ = _TaggedPage
        page.StructParents, page.Tabs = len(self._pages), pdfdoc.PDFName("S")

    def write_elements(self, page: Any) -> None:
        """Write the elements of ``page`` (a reference) and begin the next page."""
        parents: dict[int, Any] = {}
        for kind, marks, alternate in self._waiting:
            entries = {
                "Type": pdfdoc.PDFName("StructElem"), "S": pdfdoc.PDFName(kind), "P": self._whole_reference,
                "Pg": page, "K": pdfdoc.PDFArray(marks),
            }  # fmt: skip
            if alternate:
                entries["Alt"] = pdfdoc.PDFString(alternate)
            reference = self._objects.write_now(pdfdoc.PDFDictionary(entries))
            self._elements.append(reference)
            parents.update(dict.fromkeys(marks, reference))
        row = pdfdoc.PDFArray([parents[mark] for mark in sorted(parents)])
        self._pages.append(self._objects.write_now(row))
        self._waiting, self._marks = [], 0

    def finish(self) -> None:
        """Complete the tree, after the last page."""
        numbered = [entry for place, row in enumerate(self._pages) for entry in (place, row)]
        self._whole.dict |= {"P": self._root_reference, "K": pdfdoc.PDFArray(self._elements)}
        self._root.dict |= {
            "K": pdfdoc.PDFArray([self._whole_reference]),
            "ParentTree": pdfdoc.PDFDictionary({"Nums": pdfdoc.PDFArray(numbered)}),
            "ParentTreeNextKey": len(self._pages),
        }
