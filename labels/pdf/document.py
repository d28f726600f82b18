"""A reportlab canvas that writes each page to its stream as soon as the page is full.

reportlab keeps all pages in memory and writes the file at the end; with fifty thousand labels that is hundreds of
megabytes. Here the page object and its content leave at once, and only their place in the file is remembered.
"""

import zlib
from typing import IO, Any, Final

from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfdoc
from reportlab.pdfgen.canvas import Canvas

from labels.coat_of_arms import CoatOfArms
from labels.pdf.structure import Structure
from labels.typeface import MILLIMETRES_PER_POINT, REGULAR

__all__ = ["Document"]

CREATOR: Final = "MarkDNA"


class _StreamFile(pdfdoc.PDFFile):
    """reportlab's collector of bytes, writing through to a stream."""

    def __init__(self, stream: IO[bytes], version: tuple[int, int]) -> None:
        super().__init__(version)
        stream.write(b"".join(self.strings))
        self.strings.clear()
        self.write: Any = stream.write

    def format(self, document: Any) -> bytes:  # noqa: ARG002 - reportlab's signature
        """Nothing is left to hand over at the end."""
        return b""


class _StreamDocument(pdfdoc.PDFDocument):
    _pdfVersion: tuple[int, int]  # noqa: N815 - reportlab's name
    Pages: Any
    Catalog: Any
    Reference: Any
    idToObject: dict[str, Any]  # noqa: N815 - reportlab's name

    def __init__(self, stream: IO[bytes], language: str) -> None:
        super().__init__(compression=1, invariant=1, lang=language, pdfVersion=(1, 7))
        self._file = _StreamFile(stream, self._pdfVersion)
        self.structure: Structure | None = None

    def addPage(self, page: Any) -> None:  # noqa: N802 - reportlab's name
        """Write ``page`` and what it draws, and forget both."""
        page.Contents = _compressed(page.stream)
        page.stream = None
        name = self.thisPageName()
        if self.structure:
            self.structure.end_page(page)
        reference = self.Reference(page, name)
        self._write(name)
        self._write(page.Contents.__InternalName__)
        if self.structure:
            self.structure.write_elements(reference)
        self.Pages.addPage(reference)
        self.pageCounter += 1
        self.inObject = None

    def addForm(self, name: str, form: Any) -> None:  # noqa: N802 - reportlab's name
        """Keep ``form`` for the end, compressed without the ASCII armour of reportlab's default."""
        if isinstance(form, pdfdoc.PDFFormXObject):  # Pictures come this way too, and are compressed already.
            form.compression = 0
            form.Contents = _compressed(form.stream)
        super().addForm(name, form)

    def write_now(self, made: Any) -> Any:
        """Write an object that is complete, and give the reference to it."""
        reference = self.Reference(made)
        self._write(reference.name)
        return reference

    def _write(self, name: str) -> None:
        self.idToOffset[name] = self._file.add(pdfdoc.PDFIndirectObject(name, self.idToObject[name]).format(self))
        self.idToObject[name] = None

    def format(self) -> bytes:
        """Write what has not been written, the table of places and the trailer."""
        if self.structure:
            self.structure.finish()
        self.encrypt.prepare(self)
        root, info = self.Reference(self.Catalog), self.Reference(self.info)
        names: list[str] = []
        while (number := len(names) + 1) in self.numberToId:  # Formatting an object may add further ones.
            names.append(self.numberToId[number])
            if names[-1] not in self.idToOffset:
                self._write(names[-1])
        table = pdfdoc.PDFCrossReferenceTable()
        table.addsection(0, names)
        start = self._file.add(table.format(self))
        trailer = pdfdoc.PDFTrailer(startxref=start, Size=len(names) + 1, Root=root, Info=info, ID=self.ID())
        self._file.add(trailer.format(self))
        return b""


LEVEL: Final = 5
"""Of zlib: for codes it takes half the time of the usual 6 and gives a tenth more bytes (benchmarks/labels.py)."""


def _compressed(content: str | bytes) -> pdfdoc.PDFStream:
    raw = content.encode("ascii") if isinstance(content, str) else content
    return pdfdoc.PDFStream(
        dictionary=pdfdoc.PDFDictionary({"Filter": pdfdoc.PDFName("FlateDecode")}), content=zlib.compress(raw, LEVEL)
    )


class Document(Canvas):
    """A PDF under construction; the same calls give the same bytes.

    ``page`` is width and height in millimetres, ``archive`` asks for PDF/A-2b, ``tagged`` for a structure. Printers are
    asked not to scale, to print one side and to take paper of the page's size (ISO 32000-1, table 150); nothing in the
    file is active.
    """

    _formsinuse: list[str]
    _shadingUsed: dict[str, str]  # noqa: N815 - reportlab's name
    _extgstate: Any
    _pagesize: tuple[float, float]

    def __init__(
        self,
        stream: IO[bytes],
        page: tuple[float, float],
        *,
        title: str,
        language: str,
        archive: bool = False,
        tagged: bool = False,
    ) -> None:
        REGULAR.font  # noqa: B018 - registers the face that the canvas starts with
        points = (page[0] / MILLIMETRES_PER_POINT, page[1] / MILLIMETRES_PER_POINT)
        start: dict[str, Any] = {"initialFontName": REGULAR.name, "invariant": 1, "pageCompression": 1}
        super().__init__(stream, pagesize=points, **start)
        self._doc = _StreamDocument(stream, language)
        self.setTitle(title)
        self.setAuthor(CREATOR)
        self.setCreator(CREATOR)
        self.setProducer("ReportLab")
        self.setSubject(title)
        self._doc.Catalog.ViewerPreferences = pdfdoc.PDFDictionary(
            {
                "PrintScaling": pdfdoc.PDFName("None"),
                "Duplex": pdfdoc.PDFName("Simplex"),
                "PickTrayByPDFSize": "true",
                "DisplayDocTitle": "true",
            }
        )
        if tagged:
            self._doc.structure = Structure(self._doc)
        if archive:
            from labels.pdf.archive import make_archival  # noqa: PLC0415 - colour profiles are slow to load

            make_archival(self._doc)

    def trim(self, margin: float, bleed: float) -> None:
        """Tell the print shop where the cut is, ``margin`` points inside the page, and the bleed around it."""
        width, height = self._pagesize
        self.setTrimBox((margin, margin, width - margin, height - margin))
        edge = margin - bleed
        self.setBleedBox((edge, edge, width - edge, height - edge))

    @property
    def structure(self) -> Structure | None:
        """The structure of a tagged document."""
        return self._doc.structure

    @property
    def objects(self) -> Any:
        """The table of objects that reportlab keeps, which fonts and forms are registered with."""
        return self._doc

    def begin_artwork(self, name: str, box: tuple[float, float, float, float]) -> None:
        """Begin the form called ``name``, clipped to ``box`` (left, bottom, right, top)."""
        edges: tuple[Any, ...] = box
        self.beginForm(name, *edges)

    def end_artwork(self) -> None:
        """End the form, with the gradients and opacities of its drawings, which reportlab gives to pages alone."""
        states = self._extgstate.getState()
        if not states and not self._shadingUsed:
            self.endForm()
            return
        resources: Any = pdfdoc.PDFResourceDictionary()
        resources.basicFonts()
        resources.allProcs()
        resources.setShading(self._shadingUsed)
        resources.ExtGState = states
        if self._formsinuse:
            resources.XObject = self._doc.xobjDict(self._formsinuse)
        self.endForm(Resources=resources)

    def artwork(self, name: str) -> str:
        """The operator that draws the form called ``name``, which is thereby listed among what the page uses."""
        if name not in self._formsinuse:
            self._formsinuse.append(name)
        return f"/{self._doc.getXObjectName(name)} Do"

    def coat_of_arms(self, arms: CoatOfArms, x: float, y: float, width: float, height: float) -> None:
        """Draw ``arms`` as large as fits into the box, in the middle of it."""
        if arms.drawing is None:
            self.drawImage(ImageReader(arms.picture), x, y, width, height, preserveAspectRatio=True, anchor="c")
            return
        from labels.pdf.vectors import draw_vectors  # noqa: PLC0415 - reportlab's graphics are slow to load

        draw_vectors(self, arms.drawing, x, y, width, height)
