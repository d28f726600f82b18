"""From label contents to printed sheets: one pass, one page in memory, the same bytes for the same input."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, Protocol
from unicodedata import normalize

from labels.coat_of_arms import CoatOfArms
from labels.errors import ContentError, DesignError, SheetError
from labels.language import Language, translations
from labels.pdf.document import Document
from labels.pdf.pen import BLACK, Inks, Pen
from labels.sheet import Placement, next_free, placements
from labels.stock import Stock
from labels.typeface import MILLIMETRES_PER_POINT, plain

if TYPE_CHECKING:  # Settings need pydantic, which is slow to load and not needed to draw.
    from labels.settings import LabelSettings

__all__ = [
    "Adjustment",
    "Design",
    "DrawLabel",
    "HouseStyle",
    "LabelContent",
    "Scene",
    "SheetReport",
    "Words",
    "words_in",
    "write_sheets",
]

Words = Callable[[str], str]
"""A gettext function: English text in, the reader's language out."""

TRANSLATIONS: Final = Path(__file__).parent.parent / "translations"

MOST_COPIES: Final = 1000


def words_in(language: Language) -> Words:
    """The words of the label part in ``language``."""
    return translations(language, TRANSLATIONS).gettext


@dataclass(frozen=True, slots=True)
class LabelContent:
    """What stands on one label, as plain text. A design says which of these it needs; the others may be empty.

    ``url`` goes into the QR code, ``number`` is what people read (a sticker number in groups, an inventory, seal or
    card number). ``name`` is the thing, room, person or place named; ``owner`` the organisation or household.
    """

    url: str = ""
    number: str = ""
    name: str = ""
    owner: str = ""
    place: str = ""
    case_number: str = ""
    date: str = ""
    note: str = ""


class Adjustment(Protocol):
    """What a printer shifts and stretches, to be undone: millimetres to the right and down, factors around 1."""

    @property
    def offset_x(self) -> float:
        """Millimetres to move the print to the right."""

    @property
    def offset_y(self) -> float:
        """Millimetres to move the print down."""

    @property
    def scale_x(self) -> float:
        """Factor in width."""

    @property
    def scale_y(self) -> float:
        """Factor in height."""


@dataclass(frozen=True, slots=True)
class HouseStyle:
    """Names and colours that all designs use."""

    organisation: str = ""
    contact: str = ""
    ink: str = "#0b3d48"
    signal: str = "#ff8fc2"
    coat_of_arms: CoatOfArms | None = None

    @classmethod
    def of(cls, settings: "LabelSettings") -> "HouseStyle":
        """The style that ``[labels]`` asks for; its coat of arms is read when something draws it."""
        arms = CoatOfArms(settings.coat_of_arms) if settings.coat_of_arms else None
        return cls(settings.organisation, settings.contact, settings.ink, settings.signal, arms)


@dataclass(frozen=True, slots=True)
class Scene:
    """Where and how a design draws: the label's size in millimetres, the words and the house style."""

    width: float
    height: float
    say: Words
    style: HouseStyle


DrawLabel = Callable[[Pen, LabelContent], None]


@dataclass(frozen=True, slots=True)
class Design:
    """A kind of label.

    ``draw`` draws what all labels share and returns the function that draws one label; the first is put into the file
    once. ``smallest`` is the least size in millimetres, ``needs`` names the fields of LabelContent that must not be
    empty, ``title`` and ``purpose`` are message ids, ``stocks`` the codes it is usually printed on.
    """

    name: str
    title: str
    purpose: str
    smallest: tuple[float, float]
    needs: tuple[str, ...]
    draw: Callable[[Pen, Scene], DrawLabel]
    stocks: tuple[str, ...]
    example: LabelContent
    bleed: float = 0

    @property
    def carries_address(self) -> bool:
        """Whether it shows an address as a code."""
        return bool(self.example.url)


@dataclass(frozen=True, slots=True)
class SheetReport:
    """What was printed.

    ``labels`` counts copies, ``next_position`` is where the last sheet can go on (1: take a new one),
    ``used_positions`` are the places of the last sheet that are used up,
    ``replaced_characters`` tells that letters were drawn as a question mark because the typeface lacks them.
    """

    labels: int
    pages: int
    next_position: int
    used_positions: frozenset[int]
    replaced_characters: bool


def write_sheets(
    stream: IO[bytes],
    labels: Iterable[LabelContent],
    *,
    stock: Stock,
    design: Design,
    language: Language = Language.SWEDISH,
    start_position: int = 1,
    skip: Collection[int] = frozenset(),
    copies: int = 1,
    borders: bool = False,
    style: HouseStyle | None = None,
    calibration: Adjustment | None = None,
    crop_marks: bool = False,
    archive: bool = False,
    tagged: bool = False,
) -> SheetReport:
    """Write ``labels`` as a PDF to ``stream``, page by page, and say what was written.

    ``labels`` is read once and may be as long as you like; ``copies`` of each follow one another. ``skip`` and
    ``start_position`` leave used places of the first sheet free. ``borders`` draws the labels' edges for a test print,
    ``crop_marks`` adds bleed and marks for a print shop to a stock of one label a page, ``archive`` asks for PDF/A-2b,
    ``tagged`` for a structure that screen readers follow (some 300 bytes a label).

    Raises SheetError (position, copies, no labels at all), DesignError (too small a stock), ContentError (a label
    lacks what the design needs), CodeError (its code would not scan) and ArtworkError (the design draws a coat of arms
    and it cannot be drawn). After an error the stream holds no valid file, so write to a temporary one when it matters.
    """
    places = placements(stock, start_position, skip)
    if not 1 <= copies <= MOST_COPIES:
        raise SheetError(
            where=stock.code,
            reason="{copies} copies cannot be made. Allowed: 1 to {most}.",
            copies=copies,
            most=MOST_COPIES,
        )
    _refuse_too_small(design, stock)
    margin = _marks_margin(design, stock) if crop_marks else 0
    page = (stock.page[0] + 2 * margin, stock.page[1] + 2 * margin)
    say = words_in(language)
    document = Document(stream, page, title=say(design.title), language=language.value, archive=archive, tagged=tagged)
    scene = Scene(*stock.label, say, style or HouseStyle())
    run = _Run(document, stock, design, scene, calibration, borders=borders, margin=margin)
    count, last, used = 0, None, set[int]()
    placed = zip(places, _repeated(labels, copies), strict=False)
    for _, group in groupby(placed, key=lambda pair: pair[0].page):
        used = set(skip) | set(range(1, start_position)) if count == 0 else set()
        for last, label in group:
            run.draw(last, label)
            used.add(last.position)
            count += 1
        run.end_page()
    if last is None:
        raise SheetError(where=stock.code, reason="there is no label to print.")
    document.save()
    return SheetReport(count, last.page + 1, next_free(stock, last, skip), frozenset(used), run.replaced)


def _repeated(labels: Iterable[LabelContent], copies: int) -> Iterator[LabelContent]:
    # The first label is taken before the place for it, so that an empty list is noticed without a page.
    for label in labels:
        for _ in range(copies):
            yield label


MARKS: Final = 6.0
"""Millimetres outside the bleed for crop marks."""


def _marks_margin(design: Design, stock: Stock) -> float:
    if stock.positions != 1:
        raise SheetError(where=stock.code, reason="crop marks are for stocks with one label on the page.")
    return design.bleed + MARKS


def _bleed(stock: Stock, design: Design, margin: float) -> tuple[float, float]:
    """How far artwork may go beyond a label's edge: to the bleed, or half the gap to its neighbour."""
    if margin:
        return design.bleed, design.bleed
    gaps = (stock.pitch_x - stock.label[0], stock.pitch_y - stock.label[1])
    across, down = (min(gap / 2, 1) for gap in gaps)
    return across, down


class _Run:
    """One document of labels of one design on one stock."""

    ARTWORK: Final = "artwork"

    def __init__(
        self,
        document: Document,
        stock: Stock,
        design: Design,
        scene: Scene,
        calibration: Adjustment | None,
        *,
        borders: bool,
        margin: float,
    ) -> None:
        self._document, self._stock, self._design = document, stock, design
        self._calibration, self._margin = calibration, margin
        self._inks = Inks(document)
        artwork = Pen(self._inks, *stock.label)
        self._draw, self._say = design.draw(artwork, scene), scene.say
        if borders:
            artwork.frame(0, 0, *stock.label, "#9aa5a9", line=0.1, radius=stock.radius)
        across, down = _bleed(stock, design, margin)
        width, height = stock.label
        document.begin_artwork(self.ARTWORK, (-across, -down, width + across, height + down))
        document.addLiteral("\n".join(artwork.operators) or "n")
        for arms in artwork.arms:
            document.coat_of_arms(*arms)
        document.end_artwork()
        self._page: list[str] = []
        self._moves: dict[int, str] = {}
        self._count = 0

    @property
    def replaced(self) -> bool:
        return self._inks.replaced

    def draw(self, place: Placement, label: LabelContent) -> None:
        """Put one label in its place."""
        self._count += 1
        self._check(label)
        if not self._page:
            self._start_page()
        pen = Pen(self._inks, *self._stock.label)
        self._draw(pen, label)
        operators = self._tagged(pen) if self._document.structure else [self._artwork, *pen.operators]
        self._page += (self._moved_to(place), *operators, "Q")

    def _moved_to(self, place: Placement) -> str:
        """The operators before a label, which are the same on every page."""
        known = self._moves.get(place.position)
        if known is None:
            bottom = self._stock.page[1] - place.y - self._stock.label[1]
            known = self._moves[place.position] = f"q 1 0 0 1 {place.x:.6g} {bottom:.6g} cm"
        return known

    def _check(self, label: LabelContent) -> None:
        for name in self._design.needs:
            value = getattr(label, name)
            if not value or (not value.isascii() and not plain(value)):
                raise ContentError(
                    where=str(self._count),
                    reason="the design {design} needs a value for {field}.",
                    design=self._design.name,
                    field=name,
                )
        for number in (label.number, label.case_number):
            if not number.isascii() and plain(number) != " ".join(normalize("NFC", number).split()):
                raise ContentError(
                    where=str(self._count),
                    reason="the number {number} has characters that cannot be printed, and a number is never changed.",
                    number=repr(number[:40]),
                )

    @property
    def _artwork(self) -> str:
        return self._document.artwork(self.ARTWORK)

    def _tagged(self, pen: Pen) -> list[str]:
        """The label as one paragraph, read with the words of its artwork, and a figure for each code."""
        structure = self._document.structure
        if structure is None:
            return []
        operators, marks, figures, done = list[str](), list[int](), list[tuple[int, str]](), 0
        for place, text in (*pen.codes, (len(pen.operators), "")):
            mark, begin = structure.begin(structure.PARAGRAPH)
            marks.append(mark)
            operators += [begin, *([] if done else [self._artwork]), *pen.operators[done:place], "EMC"]
            if text:
                mark, begin = structure.begin(structure.FIGURE)
                figures.append((mark, text))
                operators += [begin, pen.operators[place], "EMC"]
            done = place + 1
        structure.element(structure.PARAGRAPH, marks)
        for mark, text in figures:
            structure.element(structure.FIGURE, [mark], f"{self._say('Code')}: {text}")
        return operators

    def _start_page(self) -> None:
        """Millimetres instead of points, moved and stretched as the printer needs it."""
        unit, own, margin = 1 / MILLIMETRES_PER_POINT, self._calibration, self._margin
        if own is None:
            self._page = [f"{unit:.6f} 0 0 {unit:.6f} {margin * unit:.4f} {margin * unit:.4f} cm"]
        else:
            up = self._stock.page[1] * (1 - own.scale_y) - own.offset_y
            across, up = (margin + own.offset_x) * unit, (margin + up) * unit
            self._page = [f"{unit * own.scale_x:.6f} 0 0 {unit * own.scale_y:.6f} {across:.4f} {up:.4f} cm"]
        if self._margin:
            self._document.trim(self._margin * unit, self._design.bleed * unit)
            marks = self._crop_marks()
            self._page.append(f"/Artifact BMC {marks} EMC" if self._document.structure else marks)

    def _crop_marks(self) -> str:
        """Two fine lines at each corner, outside the bleed."""
        width, height = self._stock.label
        pen = Pen(self._inks, width, height)
        near, far = self._design.bleed, self._margin - 0.5
        for x, outward in ((0.0, -1), (width, 1)):
            for y, down in ((0.0, -1), (height, 1)):
                pen.stroke([(x + outward * near, y), (x + outward * far, y)], BLACK, line=0.09)
                pen.stroke([(x, y + down * near), (x, y + down * far)], BLACK, line=0.09)
        return "\n".join(pen.operators)

    def end_page(self) -> None:
        """Send the page to the stream."""
        self._document.addLiteral("\n".join(self._page))
        self._document.showPage()
        self._page = []


def _refuse_too_small(design: Design, stock: Stock) -> None:
    if stock.label[0] < design.smallest[0] or stock.label[1] < design.smallest[1]:
        raise DesignError(
            where=design.name,
            reason="it needs a label of at least {width} x {height} mm; {stock} has {there} mm.",
            width=design.smallest[0],
            height=design.smallest[1],
            stock=stock.code,
            there="{:g} x {:g}".format(*stock.label),
        )
