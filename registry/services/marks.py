"""The register's marks as a search reads them, and the record of their changes.

Whoever adds or revokes kits records it in the same transaction (``arriving``, ``record_revoked``). The sum of the
record is the count and the hash of all living marks, so an index is compared with the database by numbers, never by
reading the marks. A process that holds an index reads again only the kits that changes name which it has not seen:
changes are told apart by their number, not by order, since on PostgreSQL a lower number may be committed later.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, false, func, insert, not_, or_, select
from sqlalchemy.orm import Session

from registry.identification.answer import Mark, PrimerPair
from registry.identification.index import Fingerprint, Tally
from registry.identification.layers import MarkRow
from registry.models.kits import Kit
from registry.models.mark_changes import MarkChange
from registry.models.suppliers import Primer, Supplier

__all__ = [
    "ChangeRuns",
    "KitRange",
    "MarkState",
    "arriving",
    "change_runs",
    "changed_ranges",
    "greatest_kit",
    "living",
    "looked_up",
    "primers",
    "record_revoked",
    "recorded",
    "revoked_among",
    "state",
]

_PORTION = 10_000
_HALF = 1 << 32


class MarkState(NamedTuple):
    """A few numbers of which one differs whenever the register's marks or primers do."""

    changes: int
    greatest_kit: int
    greatest_primer: int
    primers: int


class KitRange(NamedTuple):
    """Kits numbered from ``first`` to ``last``, both included."""

    first: int
    last: int


ChangeRuns = Sequence[tuple[int, int]]
"""Numbers of changes as runs from first to last; usually one run."""


@dataclass(frozen=True, slots=True)
class _Counted:
    """What some kits add to the record."""

    first: int
    last: int
    fingerprint: Fingerprint

    @classmethod
    def of(cls, rows: Iterable[MarkRow]) -> "_Counted | None":
        tally, first, last = Tally(), 0, 0
        for kit_id, *_ in tally.passing(rows):
            first, last = min(first or kit_id, kit_id), max(last, kit_id)
        return cls(first, last, tally.fingerprint) if last else None


def state(session: Session) -> MarkState:
    """Where the register's marks stand, asked before every look-up: answered from indexes."""
    row = session.execute(_STATE).one()
    return MarkState(*row)


_STATE = select(
    select(func.count(MarkChange.id)).scalar_subquery(),
    select(func.coalesce(func.max(Kit.id), 0)).scalar_subquery(),
    select(func.coalesce(func.max(Primer.id), 0)).scalar_subquery(),
    select(func.count(Primer.id)).scalar_subquery(),
)


@contextmanager
def arriving(session: Session, batch_ids: Collection[int]) -> Iterator[None]:
    """Record the kits that the block inserts into these batches.

    The caller holds the batches' rows (``FOR UPDATE``, or made them in this transaction), so that nobody else adds to
    them meanwhile; what is numbered higher than any kit before and belongs to them is then what was inserted here.
    """
    before = greatest_kit(session)
    yield
    for batch_id in batch_ids:
        rows = session.execute(
            _ROWS.where(Kit.id > before, Kit.batch_id == batch_id), execution_options={"yield_per": _PORTION}
        )
        counted = _Counted.of((kit_id, code, signature, emission) for kit_id, code, signature, emission in rows)
        if counted is not None:
            _record(session, counted, counted.fingerprint)


def record_revoked(session: Session, kits: Iterable[tuple[int, str, str]]) -> None:
    """Record kits (number, code, signature) that were revoked in this transaction, and only now."""
    counted = _Counted.of((kit_id, code, signature, 0) for kit_id, code, signature in kits)
    if counted is not None:
        _record(session, counted, Fingerprint().less(counted.fingerprint))


def _record(session: Session, counted: _Counted, gained: Fingerprint) -> None:
    high, low = divmod(gained.digest, _HALF)
    session.execute(
        insert(MarkChange).values(
            first_kit_id=counted.first,
            last_kit_id=counted.last,
            kits=gained.count,
            digest_high=high,
            digest_low=low,
        )
    )


def recorded(session: Session, runs: ChangeRuns | None = None) -> Fingerprint:
    """Count and hash of the living marks by the record; or of those that some changes left, given as runs."""
    query = select(
        func.coalesce(func.sum(MarkChange.kits), 0),
        func.coalesce(func.sum(MarkChange.digest_high), 0),
        func.coalesce(func.sum(MarkChange.digest_low), 0),
    )
    if runs is not None:
        query = query.where(_within(runs))
    kits, high, low = session.execute(query).one()
    return Fingerprint(int(kits), (int(high) * _HALF + int(low)) % (_HALF * _HALF))


def change_runs(session: Session) -> list[tuple[int, int]]:
    """The numbers of all changes, as runs."""
    runs: list[tuple[int, int]] = []
    for number in session.scalars(select(MarkChange.id).order_by(MarkChange.id)):
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs


def changed_ranges(session: Session, seen: ChangeRuns, greatest_seen: int) -> list[KitRange]:
    """The kits to look at again by one who saw some changes and all kits up to a number; sorted, without overlap.

    Every kit that is numbered higher is among them, recorded or not.
    """
    rows = session.execute(select(MarkChange.first_kit_id, MarkChange.last_kit_id).where(not_(_within(seen))))
    ranges = [KitRange(first, last) for first, last in rows]
    if (newest := greatest_kit(session)) > greatest_seen:
        ranges.append(KitRange(greatest_seen + 1, newest))
    ranges.sort()
    joined: list[KitRange] = []
    for one in ranges:
        if joined and one.first <= joined[-1].last + 1:
            joined[-1] = KitRange(joined[-1].first, max(joined[-1].last, one.last))
        else:
            joined.append(one)
    return joined


def greatest_kit(session: Session) -> int:
    """The highest number of a kit; 0 when there is none."""
    return session.scalar(select(func.coalesce(func.max(Kit.id), 0))) or 0


def living(session: Session, ranges: Iterable[KitRange]) -> Iterator[MarkRow]:
    """The rows of the kits in some ranges that are not revoked, by number; read as they are taken."""
    yield from _in_ranges(session, ranges, Kit.revoked_at.is_(None))


def revoked_among(session: Session, ranges: Iterable[KitRange]) -> Iterator[MarkRow]:
    """The same of the kits that are revoked."""
    yield from _in_ranges(session, ranges, Kit.revoked_at.is_not(None))


def looked_up(session: Session, kit_ids: Collection[int]) -> dict[int, Mark]:
    """The marks of these kits as the database has them now; revoked ones are left out."""
    rows = session.execute(_ROWS.where(Kit.id.in_(kit_ids), Kit.revoked_at.is_(None)))
    return {row.id: Mark(*row) for row in rows}


def primers(session: Session) -> list[PrimerPair]:
    """The primers of all suppliers, each pair once."""
    rows = session.execute(select(Primer.forward, Primer.reverse).distinct().order_by(Primer.forward, Primer.reverse))
    return [PrimerPair(forward, reverse) for forward, reverse in rows]


_ROWS = select(Kit.id, Kit.code, Kit.signature, func.coalesce(Kit.emission_nm, Supplier.emission_nm, 0)).join(
    Supplier, Supplier.id == Kit.supplier_id
)


def _in_ranges(session: Session, ranges: Iterable[KitRange], wanted: ColumnElement[bool]) -> Iterator[MarkRow]:
    for one in ranges:
        first = one.first
        # Portions by number, not one open cursor: whoever takes the rows may ask other questions between.
        while True:
            rows = session.execute(
                _ROWS.where(Kit.id.between(first, one.last), wanted).order_by(Kit.id).limit(_PORTION)
            ).all()
            yield from ((kit_id, code, signature, emission) for kit_id, code, signature, emission in rows)
            if len(rows) < _PORTION:
                break
            first = rows[-1].id + 1


def _within(runs: ChangeRuns) -> ColumnElement[bool]:
    return or_(false(), *(and_(MarkChange.id >= first, MarkChange.id <= last) for first, last in runs))
