"""Label stocks: what a sheet, a roll or a page looks like, in millimetres.

A stock that does not close on its page cannot be made: left margin, columns and right margin must add up to the page
width, and likewise downwards. Published templates are often wrong here, and a wrong one wastes a whole box of sheets.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from labels.errors import StockError

__all__ = ["STOCKS", "Stock", "stock_named"]

A4: Final = (210.0, 297.0)

CLOSING_TOLERANCE = 0.2
"""Millimetres by which the sum may miss the page: published values are rounded to 0.01 mm a label or to 1/100 inch."""

LIBREOFFICE: Final = "LibreOffice labels.xml"
"""Dimensions by the template list of LibreOffice (extras/source/labels/labels.xml, MPL-2.0); facts, not text."""


@dataclass(frozen=True, slots=True)
class Stock:
    """One kind of label sheet. All lengths in millimetres, measured from the top left corner of the page.

    ``left`` and ``top`` lead to the first label; ``right`` and ``bottom`` remain after the last one (the same as left
    and top unless given). ``pitch_x`` and ``pitch_y`` go from one label's edge to the next one's. ``also`` names codes
    of the same die, ``source`` says where the numbers come from.

    Raises StockError when the labels overlap, a number is not positive or the sum does not close on the page.
    """

    code: str
    use: str
    label: tuple[float, float]
    columns: int
    rows: int
    left: float
    top: float
    pitch_x: float
    pitch_y: float
    source: str
    also: tuple[str, ...] = ()
    page: tuple[float, float] = A4
    right: float | None = None
    bottom: float | None = None
    radius: float = 0.0
    roll: bool = False

    def __post_init__(self) -> None:
        if self.columns < 1 or self.rows < 1:
            raise StockError(where=self.code, reason="it needs at least one column and one row.")
        if min(*self.label, *self.page) <= 0 or min(self.left, self.top, self.right or 0, self.bottom or 0) < 0:
            raise StockError(where=self.code, reason="lengths must be positive.")
        self._close("x", self.page[0], self.left, self.right, self.columns, self.pitch_x, self.label[0])
        self._close("y", self.page[1], self.top, self.bottom, self.rows, self.pitch_y, self.label[1])

    def _close(
        self, axis: str, page: float, before: float, after: float | None, count: int, pitch: float, label: float
    ) -> None:
        if count > 1 and pitch < label:
            raise StockError(
                where=self.code,
                reason="labels overlap along {axis}: the pitch {pitch} mm is less than the label's {label} mm.",
                axis=axis,
                pitch=pitch,
                label=label,
            )
        total = before + (count - 1) * pitch + label + (before if after is None else after)
        if abs(total - page) > CLOSING_TOLERANCE:
            raise StockError(
                where=self.code,
                reason="margins and labels add up to {total} mm along {axis}, the page has {page} mm; "
                "allowed is a difference of {tolerance} mm.",
                axis=axis,
                total=round(total, 2),
                page=page,
                tolerance=CLOSING_TOLERANCE,
            )

    @property
    def positions(self) -> int:
        """How many labels a sheet has."""
        return self.columns * self.rows

    def corner(self, position: int) -> tuple[float, float]:
        """Left and top edge of the label at ``position`` (from 1, row by row)."""
        row, column = divmod(position - 1, self.columns)
        return self.left + column * self.pitch_x, self.top + row * self.pitch_y


def single(code: str, use: str, width: float, height: float, source: str, *, roll: bool = False) -> Stock:
    """A page or a roll that carries one label as large as itself."""
    return Stock(code, use, (width, height), 1, 1, 0, 0, width, height, source, page=(width, height), roll=roll)


_ALL: Final = (
    Stock("L7160", "address label", (63.5, 38.1), 3, 7, 7.2, 15.15, 66.04, 38.1, LIBREOFFICE, ("L7060",), radius=2),
    Stock("L7163", "address label", (99.06, 38.1), 2, 7, 4.67, 15.15, 101.6, 38.1, LIBREOFFICE, ("L7063",), radius=2),
    Stock("L7159", "address label", (64.0, 33.86), 3, 8, 6.46, 13.06, 66.54, 33.86, LIBREOFFICE, radius=2),
    Stock("L7162", "address label", (99.06, 33.87), 2, 8, 4.67, 13.02, 101.6, 33.87, LIBREOFFICE, radius=2),
    Stock("L7651", "mini label", (38.1, 21.17), 5, 13, 4.67, 10.9, 40.64, 21.17, LIBREOFFICE, ("L7051",), radius=2),
    Stock("L7654", "small label", (45.72, 25.4), 4, 10, 9.75, 21.43, 48.26, 25.4, LIBREOFFICE, radius=2),
    # L4731, L4736, L4737 and L4778 have the same size and count as these; print one page for a test first.
    Stock(
        "L6008",
        "silver polyester",
        (25.4, 10),
        7,
        27,
        8.48,
        13.43,
        27.94,
        10,
        LIBREOFFICE,
        ("L4731", "HERMA 4333"),
        radius=1,
    ),
    Stock(
        "L6009",
        "silver polyester",
        (45.72, 21.17),
        4,
        12,
        9.75,
        21.41,
        48.26,
        21.17,
        LIBREOFFICE,
        ("L6113", "L4736", "L4778", "HERMA 4346", "HERMA 4232"),
        radius=2,
    ),
    Stock(
        "L6011",
        "silver polyester",
        (63.5, 29.63),
        3,
        9,
        7.21,
        15.1,
        66.04,
        29.63,
        LIBREOFFICE,
        ("L6114", "L4737", "HERMA 4347", "HERMA 4233", "HERMA 4864"),
        radius=2,
    ),
    Stock(
        "L6012",
        "silver polyester",
        (96, 50.8),
        2,
        5,
        7.73,
        21.43,
        98.54,
        50.8,
        LIBREOFFICE,
        ("HERMA 4847",),
        radius=2,
    ),
    Stock("L6112", "tamper-evident film", (40, 40), 4, 6, 16, 13.43, 46, 46, LIBREOFFICE, ("HERMA 4234",), radius=2),
    Stock("4773", "weatherproof film", (64.6, 33.8), 3, 8, 8.1, 13.23, 64.6, 33.8, LIBREOFFICE, ("ZWECKFORM 4773",)),
    Stock("4776", "weatherproof film", (97, 42.3), 2, 6, 8, 21.53, 97, 42.3, LIBREOFFICE, ("ZWECKFORM 4776",)),
    Stock("4201", "small label", (45.72, 16.93), 4, 16, 9.75, 13.06, 48.26, 16.93, LIBREOFFICE, ("HERMA 4201",)),
    single("A5", "sign", 148, 210, "ISO 216"),
    single("A4", "page", 210, 297, "ISO 216"),
    single("A3", "sign", 297, 420, "ISO 216"),
    single("CARD", "card printer", 85.6, 53.98, "ISO/IEC 7810 ID-1"),
    single("ROLL-62X29", "label printer", 62, 29, "Brother DK-11209: 29 x 62 mm", roll=True),
    single("ROLL-90X29", "label printer", 90, 29, "Brother DK-11201: 29 x 90 mm", roll=True),
    single("ROLL-100X50", "label printer", 100, 50, "common die-cut size of 4-inch printers", roll=True),
    single("ROLL-57X32", "label printer", 57, 32, "common die-cut size of 2-inch printers", roll=True),
)

STOCKS: Final[Mapping[str, Stock]] = {stock.code: stock for stock in _ALL}
"""The stocks that ship, by code."""


def stock_named(name: str, more: Mapping[str, Stock] | None = None) -> Stock:
    """The stock called ``name`` (its code or another code of the same die, in any case), own ones first.

    Raises StockError that lists the codes there are.
    """
    wanted = name.strip().upper()
    known = {**STOCKS, **(more or {})}
    for stock in reversed(known.values()):
        if wanted == stock.code.upper() or wanted in (code.upper() for code in stock.also):
            return stock
    raise StockError(where=name, reason="it is unknown. Allowed: {codes}.", codes=", ".join(known))
