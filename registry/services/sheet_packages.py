"""Packages of label sheets that an owner has begun: which places of the sheet begun last are used.

A sheet lies where the printer stands, so a package has the name that people there give it, such as "blue box".
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from labels.stock import Stock
from registry import clock
from registry.errors import InvalidInput, NoSuchPlace
from registry.models.labels import SheetPackage

__all__ = ["LONGEST_NAME", "MOST", "Package", "check_name", "checked_places", "every", "forget", "named", "tidy", "use"]

LONGEST_NAME = 60
MOST = 20
"""Packages that are remembered of each owner; the one used longest ago makes room."""


@dataclass(frozen=True, slots=True)
class Package:
    """A package by name; ``start`` is the first free place, ``skip`` the used ones after it."""

    name: str
    stock: str
    start: int
    skip: frozenset[int]


def every(session: Session, owner_id: int) -> list[Package]:
    """The owner's packages, the one used last first."""
    rows = session.scalars(
        select(SheetPackage).where(SheetPackage.owner_id == owner_id).order_by(SheetPackage.changed_at.desc())
    )
    return [_package(row) for row in rows]


def named(session: Session, owner_id: int, name: str) -> Package | None:
    """The owner's package of that name."""
    row = session.scalar(select(SheetPackage).where(SheetPackage.owner_id == owner_id, SheetPackage.name == tidy(name)))
    return None if row is None else _package(row)


def use(session: Session, owner_id: int, name: str, stock: Stock, used: Iterable[int]) -> None:
    """Remember these used places of the package's last sheet; a full sheet means that the next one is new.

    Raises InvalidInput for a name that is too long.
    """
    name = tidy(name)
    check_name(name)
    places = sorted(set(used))
    row = session.scalar(
        select(SheetPackage).where(SheetPackage.owner_id == owner_id, SheetPackage.name == name).with_for_update()
    )
    if row is None:
        row = SheetPackage(owner_id=owner_id, name=name)
        session.add(row)
    row.stock, row.changed_at = stock.code, clock.now()
    row.used = [] if len(places) >= stock.positions else places
    session.flush()
    oldest = select(SheetPackage.id).where(SheetPackage.owner_id == owner_id)
    oldest = oldest.order_by(SheetPackage.changed_at.desc(), SheetPackage.id.desc()).offset(MOST).limit(1000)
    session.execute(delete(SheetPackage).where(SheetPackage.id.in_(session.scalars(oldest).all())))


def check_name(name: str) -> None:
    """Refuse a name that is empty or too long; raises InvalidInput naming the field."""
    if not 1 <= len(tidy(name)) <= LONGEST_NAME:
        raise InvalidInput(field="package", value=repr(name[:20]), allowed="a name of at most 60 characters")


def forget(session: Session, owner_id: int, name: str) -> None:
    """Forget a package: it is used up or thrown away."""
    session.execute(delete(SheetPackage).where(SheetPackage.owner_id == owner_id, SheetPackage.name == tidy(name)))


def checked_places(stocks: Sequence[Stock], code: str, start: int, skip: Collection[int]) -> Stock:
    """The stock called ``code`` of ``stocks``; raises InvalidInput naming the field: stock, start or skip."""
    stock = next((stock for stock in stocks if stock.code == code), None)
    if stock is None:
        raise InvalidInput(field="stock", value=repr(code[:20]), allowed="a stock of the list")
    if not 1 <= start <= stock.positions:
        raise NoSuchPlace(field="start", start=start, places=stock.positions)
    for place in sorted(skip):
        if not 1 <= place <= stock.positions:
            raise NoSuchPlace(field="skip", start=place, places=stock.positions)
    if all(place in skip for place in range(start, stock.positions + 1)):
        raise InvalidInput(field="skip", value="…", allowed="at least one free place")
    return stock


def tidy(name: str) -> str:
    """A name without needless white space."""
    return " ".join(name.split())


def _package(row: SheetPackage) -> Package:
    used, start = set(row.used), 1
    while start in used:
        start += 1
    return Package(row.name, row.stock, start, frozenset(place for place in used if place > start))
