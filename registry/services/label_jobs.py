"""Jobs that print many labels: ordered in a request, made after it, fetched by a link that ends.

What stands on the labels is put down when the job is ordered, numbers included, so that making it needs nobody's
permission and gives the same sheets however late it is made. A job that a stopped server left half made is taken up
again by the next one.
"""

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, astuple, dataclass
from datetime import datetime, timedelta
from typing import IO, Any, Final

from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from labels.designs import design_named
from labels.errors import LabelError
from labels.language import Language
from labels.pdf import HouseStyle, LabelContent, SheetReport, write_sheets
from labels.stock import stock_named
from registry import clock
from registry.database import Database
from registry.errors import Expired, IdempotencyConflict, NotFound
from registry.language import words
from registry.models.labels import LabelJob, LabelJobState
from registry.services import sheet_packages, stickers
from registry.services.actor import Actor
from registry.services.house_style import house_style
from registry.services.sealing import new_uid
from registry.services.stickers import Sheet

__all__ = [
    "KEPT",
    "ORDERED",
    "Job",
    "JobWish",
    "LabelJobState",
    "make_waiting",
    "of",
    "order",
    "ordered_with",
    "pdf_of",
    "print_at_once",
]

KEPT: Final = timedelta(hours=2)
"""A link lives so long: enough to walk to the printer, too short to be passed around."""

ORDERED: Final = "labels_ordered"
"""Key in ``session.info`` that tells whoever commits that the press has something to make."""

_STEP: Final = 500
_STALE: Final = timedelta(minutes=2)
"""A job without progress for so long was left by a process that is gone."""


@dataclass(frozen=True, slots=True)
class JobWish:
    """How a job is printed, in plain values that can be kept."""

    design: str
    stock: str
    start: int
    skip: Sequence[int]
    copies: int
    language: str
    organisation: str
    package: str = ""
    owner_id: int = 0
    """The package of sheets whose used places are remembered, of this owner; empty: none is."""
    blank_order: str = ""
    """The order of blank stickers that is printed, as ``blank_stickers.held`` names it; empty: labels of things."""


@dataclass(frozen=True, slots=True)
class Job:
    """A job as its orderer sees it; ``made`` of ``total`` labels are on pages by now.

    ``replaced_characters`` tells that letters the typeface lacks were printed as question marks; ``blank_order`` names
    the order of blank stickers that it prints.
    """

    uid: str
    state: LabelJobState
    stock: str
    made: int
    total: int
    pages: int
    next_start: int
    replaced_characters: bool
    fault: str
    created_at: datetime
    expires_at: datetime
    blank_order: str = ""

    @property
    def expired(self) -> bool:
        """Whether its link has ended."""
        return self.expires_at <= clock.now()


def order(
    session: Session,
    actor: Actor,
    wish: JobWish,
    labels: Sequence[LabelContent],
    *,
    key: str | None = None,
    body_hash: bytes | None = None,
) -> Job:
    """Put a job down; the press takes it when the transaction is committed.

    ``key`` names the order at its orderer: raises IdempotencyConflict if another request took it at this moment.
    """
    now = clock.now()
    row = LabelJob(
        uid=new_uid(),
        account_id=actor.own_account("print labels"),
        idempotency_key=key,
        body_hash=body_hash,
        state=LabelJobState.WAITING,
        wish=asdict(wish),
        labels=[astuple(label) for label in labels],
        total=len(labels) * wish.copies,
        created_at=now,
        expires_at=now + KEPT,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise IdempotencyConflict(key=key) from None
    session.info[ORDERED] = True
    return _job(row)


def print_at_once(session: Session, wish: JobWish, labels: Sequence[LabelContent]) -> Sheet:
    """The PDF of what is few enough to be made within the transaction, with no job; raises UnprintableLabel."""
    stream = io.BytesIO()
    with stickers.explained_refusals():
        report = _write(stream, labels, wish, house_style(session, wish.organisation))
    _count(session, wish, labels, report)
    return Sheet(stream.getvalue(), report.labels, report.pages, report.next_position, report.replaced_characters)


def ordered_with(session: Session, actor: Actor, key: str, body_hash: bytes) -> Job | None:
    """The job that the actor ordered before with this key; raises IdempotencyConflict if it was another order."""
    row = session.scalar(
        select(LabelJob).where(
            LabelJob.account_id == actor.own_account("print labels"), LabelJob.idempotency_key == key
        )
    )
    if row is not None and row.body_hash != body_hash:
        raise IdempotencyConflict(key=key)
    return None if row is None else _job(row)


def of(session: Session, actor: Actor, uid: str) -> Job:
    """An own job; raises NotFound for one that is not there or somebody else's, alike."""
    return _job(_own(session, actor, uid))


def pdf_of(session: Session, actor: Actor, uid: str) -> bytes | None:
    """The PDF of an own job, None while it is being made; raises NotFound, and Expired when its time is over."""
    row = _own(session, actor, uid)
    if row.expires_at <= clock.now():
        raise Expired
    return row.pdf


def make_waiting(database: Database) -> int:
    """Make the jobs that wait, oldest first, and wipe what has expired; returns how many were made."""
    made = 0
    while True:
        with database.transaction() as session:
            _wipe_expired(session)
            taken = _take(session)
        if taken is None:
            return made
        _make(database, *taken)
        made += 1


def _take(session: Session) -> tuple[int, JobWish, list[LabelContent]] | None:
    """Take the oldest job in hand, so that no other process makes it too."""
    now = clock.now()
    left = (LabelJob.state == LabelJobState.WORKING) & (LabelJob.taken_at < now - _STALE)
    row = session.scalar(
        select(LabelJob)
        .where(or_(LabelJob.state == LabelJobState.WAITING, left), LabelJob.expires_at > now)
        .order_by(LabelJob.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if row is None:
        return None
    row.state, row.taken_at, row.made = LabelJobState.WORKING, now, 0
    return row.id, JobWish(**row.wish), [LabelContent(*values) for values in row.labels]


def _make(database: Database, job_id: int, wish: JobWish, labels: Sequence[LabelContent]) -> None:
    def told() -> Iterator[LabelContent]:
        for place, label in enumerate(labels):
            if place % _STEP == 0 and place:
                _note(database, job_id, made=place * wish.copies, taken_at=clock.now())
            yield label

    stream = io.BytesIO()
    try:
        with database.transaction(reads_only=True) as session:
            style = house_style(session, wish.organisation)
        report = _write(stream, told(), wish, style)
    except LabelError as refused:
        fault = refused.explain(words(Language(wish.language)).gettext)[:500]
        _note(database, job_id, state=LabelJobState.FAILED, fault=fault, finished_at=clock.now(), labels=[])
        return
    with database.transaction() as session:
        _change(
            session,
            job_id,
            state=LabelJobState.DONE,
            made=report.labels,
            pages=report.pages,
            next_start=report.next_position,
            replaced_characters=report.replaced_characters,
            pdf=stream.getvalue(),
            labels=[],
            finished_at=clock.now(),
        )
        _count(session, wish, labels, report)


def _write(stream: IO[bytes], labels: Iterable[LabelContent], wish: JobWish, style: HouseStyle) -> SheetReport:
    return write_sheets(
        stream,
        labels,
        stock=stock_named(wish.stock),
        design=design_named(wish.design),
        language=Language(wish.language),
        start_position=wish.start,
        skip=frozenset(wish.skip),
        copies=wish.copies,
        style=style,
        tagged=True,
    )


def _count(session: Session, wish: JobWish, labels: Sequence[LabelContent], report: SheetReport) -> None:
    """Note what was printed: of each sticker, and of the package of sheets."""
    stickers.count_printed(session, [label.url.rpartition("/")[2] for label in labels], wish.copies)
    if wish.package:
        sheet_packages.use(session, wish.owner_id, wish.package, stock_named(wish.stock), report.used_positions)


def _note(database: Database, job_id: int, **values: Any) -> None:
    with database.transaction() as session:
        _change(session, job_id, **values)


def _change(session: Session, job_id: int, **values: Any) -> None:
    session.execute(
        update(LabelJob).where(LabelJob.id == job_id, LabelJob.state == LabelJobState.WORKING).values(**values)
    )


def _wipe_expired(session: Session) -> None:
    session.execute(
        update(LabelJob)
        .where(LabelJob.expires_at <= clock.now(), LabelJob.pdf.is_not(None))
        .values(pdf=None, labels=[])
    )


def _own(session: Session, actor: Actor, uid: str) -> LabelJob:
    row = session.scalar(
        select(LabelJob).where(LabelJob.uid == uid, LabelJob.account_id == actor.own_account("print labels"))
    )
    if row is None:
        raise NotFound(what="print job", which=uid[:8])
    return row


def _job(row: LabelJob) -> Job:
    return Job(
        row.uid, row.state, str(row.wish["stock"]), row.made or 0, row.total, row.pages or 0, row.next_start or 1,
        bool(row.replaced_characters), row.fault or "", row.created_at, row.expires_at,
        str(row.wish.get("blank_order", "")),
    )  # fmt: skip
