"""Where each label of a run lies: pure geometry in millimetres, nothing is drawn here."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import count

from labels.errors import SheetError
from labels.stock import Stock

__all__ = ["Placement", "next_free", "placements"]


@dataclass(frozen=True, slots=True)
class Placement:
    """The place of one label: page from 0, position from 1, left and top edge in millimetres from the page's corner."""

    page: int
    position: int
    x: float
    y: float


def placements(stock: Stock, start_position: int = 1, skip: Collection[int] = ()) -> Iterator[Placement]:
    """The places of ``stock`` one after the other without end, from ``start_position`` of the first sheet.

    ``skip`` names positions of the first sheet that are already used. The checks are made when this is called, not
    when the first place is taken.

    Raises SheetError for a position that is not on the sheet or a first sheet without a free position.
    """
    for position in (start_position, *sorted(skip)):
        _on_the_sheet(stock, position)
    first = [position for position in range(start_position, stock.positions + 1) if position not in skip]
    if not first:
        raise SheetError(
            where=stock.code,
            reason="no position is free from {start} to {last}; take a new sheet.",
            start=start_position,
            last=stock.positions,
        )
    return _places(stock, first)


def _places(stock: Stock, first: list[int]) -> Iterator[Placement]:
    corners = [stock.corner(position) for position in range(1, stock.positions + 1)]
    every = range(1, stock.positions + 1)
    for page in count():
        for position in first if page == 0 else every:
            yield Placement(page, position, *corners[position - 1])


def next_free(stock: Stock, last: Placement, skip: Collection[int] = ()) -> int:
    """The position where a later run can go on after ``last``; 1 means a new sheet."""
    used = skip if last.page == 0 else ()
    free = (position for position in range(last.position + 1, stock.positions + 1) if position not in used)
    return next(free, 1)


def _on_the_sheet(stock: Stock, position: int) -> None:
    if not 1 <= position <= stock.positions:
        raise SheetError(
            where=stock.code,
            reason="there is no position {position}. Allowed: 1 to {last}.",
            position=position,
            last=stock.positions,
        )
