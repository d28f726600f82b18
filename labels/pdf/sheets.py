"""From label contents to printed sheets: one pass, one page in memory, the same bytes for the same input."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import IO, Final

from labels.errors import ContentError, DesignError, SheetError
from labels.language import Language, translations
from labels.pdf.document import Document
from labels.pdf.pen import Inks, Pen
from labels.settings import Calibration, LabelSettings
from labels.sheet import Placement, next_free, placements
from labels.stock import Stock
from labels.typeface import MILLIMETRES_PER_POINT

__all__ = ["Design", "HouseStyle", "LabelContent", "Scene", "SheetReport", "Words", "words_in", "write_sheets"]

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


@dataclass(frozen=True, slots=True)
class HouseStyle:
    """Names and colours that all designs use."""

    organisation: str = ""
    contact: str = ""
    ink: str = "#0b3c49"
    signal: str = "#e4572e"
    coat_of_arms: Path | None = None

    @classmethod
    def of(cls, settings: LabelSettings) -> "HouseStyle":
        """The style that ``[labels]`` asks for."""
        return cls(settings.organisation, settings.contact, settings.ink, settings.signal, settings.coat_of_arms)


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


@dataclass(frozen=True, slots=True)
class SheetReport:
    """What was printed.

    ``labels`` counts copies, ``next_position`` is where the last sheet can go on (1: take a new one),
    ``replaced_characters`` tells that letters were drawn as a question mark because the typeface lacks them.
    """

    labels: int
    pages: int
    next_position: int
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
    calibration: Calibration | None = None,
) -> SheetReport:
    """Write ``labels`` as a PDF to ``stream``, page by page, and say what was written.

    ``labels`` is read once and may be as long as you like; ``copies`` of each follow one another. ``skip`` and
    ``start_position`` leave used places of the first sheet free. ``borders`` draws the labels' edges for a test print.

    Raises SheetError (position, copies, no labels at all), DesignError (too small a stock), ContentError (a label
    lacks what the design needs) and CodeError (its code would not scan). After an error the stream holds no valid
    file, so write to a temporary one when it matters.
    """
    run = _Run(stream, stock, design, language, style or HouseStyle(), calibration or Calibration(), borders=borders)
    places = placements(stock, start_position, skip)
    if not 1 <= copies <= MOST_COPIES:
        raise SheetError(
            where=stock.code,
            reason="{copies} copies cannot be made. Allowed: 1 to {most}.",
            copies=copies,
            most=MOST_COPIES,
        )
    placed = zip(places, _repeated(labels, copies), strict=False)
    count, last = 0, None
    for _, group in groupby(placed, key=lambda pair: pair[0].page):
        for last, label in group:
            run.draw(last, label)
            count += 1
        run.end_page()
    if last is None:
        raise SheetError(where=stock.code, reason="there is no label to print.")
    run.document.save()
    return SheetReport(count, last.page + 1, next_free(stock, last, skip), run.replaced)


def _repeated(labels: Iterable[LabelContent], copies: int) -> Iterator[LabelContent]:
    # The first label is taken before the place for it, so that an empty list is noticed without a page.
    for label in labels:
        for _ in range(copies):
            yield label


class _Run:
    """One document of labels of one design on one stock."""

    ARTWORK: Final = "artwork"

    def __init__(
        self,
        stream: IO[bytes],
        stock: Stock,
        design: Design,
        language: Language,
        style: HouseStyle,
        calibration: Calibration,
        *,
        borders: bool,
    ) -> None:
        _refuse_too_small(design, stock)
        self._stock, self._design = stock, design
        self._calibration = calibration
        say = words_in(language)
        self.document = Document(stream, stock.page, title=say(design.title), language=language.value)
        self._inks = Inks(self.document)
        artwork = Pen(self._inks, *stock.label)
        self._draw = design.draw(artwork, Scene(*stock.label, say, style))
        if borders:
            artwork.frame(0, 0, *stock.label, "#9aa5a9", line=0.1, radius=stock.radius)
        self.document.beginForm(self.ARTWORK, -1, -1, stock.label[0] + 1, stock.label[1] + 1)
        self.document.addLiteral("\n".join(artwork.operators) or "n")
        self.document.endForm()
        self._page: list[str] = []
        self._count = 0

    @property
    def replaced(self) -> bool:
        return self._inks.replaced

    def draw(self, place: Placement, label: LabelContent) -> None:
        """Put one label in its place."""
        self._count += 1
        for name in self._design.needs:
            if not getattr(label, name):
                raise ContentError(
                    where=str(self._count),
                    reason="the design {design} needs a value for {field}.",
                    design=self._design.name,
                    field=name,
                )
        if not self._page:
            self._start_page()
        pen = Pen(self._inks, *self._stock.label)
        self._draw(pen, label)
        bottom = self._stock.page[1] - place.y - self._stock.label[1]
        self._page.append(f"q 1 0 0 1 {place.x:.6g} {bottom:.6g} cm {self.document.artwork(self.ARTWORK)}")
        self._page.extend(pen.operators)
        self._page.append("Q")

    def _start_page(self) -> None:
        """Millimetres instead of points, moved and stretched as the printer needs it."""
        own, unit = self._calibration, 1 / MILLIMETRES_PER_POINT
        across, up = own.offset_x * unit, (self._stock.page[1] * (1 - own.scale_y) - own.offset_y) * unit
        self._page = [f"{unit * own.scale_x:.6f} 0 0 {unit * own.scale_y:.6f} {across:.4f} {up:.4f} cm"]

    def end_page(self) -> None:
        """Send the page to the stream."""
        self.document.addLiteral("\n".join(self._page))
        self.document.showPage()
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
