"""The second step: whose it is, shown to an officer who says why, after it has been written down (threats T3, T4)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import clock
from registry.errors import Conflict, NotFound, OwnDataWithheld
from registry.models.accounts import Account
from registry.models.items import Item, Sticker
from registry.models.kits import Kit
from registry.models.readings import Reveal
from registry.services import accounts, audit, case_readings, cases, owners
from registry.services.actor import Actor
from registry.services.owners import Contact
from registry.services.text import one_line

__all__ = ["Revealed", "Source", "may_be_own", "reveal", "source_of"]

_ACT = "police work"
_SHORTEST_REASON = 10
_LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Source:
    """What leads to an owner: a kit that is a candidate, a registered number of a tag, or the sticker that was read."""

    identification_id: int
    kit_id: int | None
    code: str
    """The kit's code, the sticker's number, or the registered number."""
    grade: int | None
    owner_id: int | None
    """None for a kit that nobody has activated, or a number that does not count any more."""
    tag_mark_id: int | None = None


@dataclass(frozen=True, slots=True)
class Revealed:
    """An owner in the clear, for one page and nothing else. Never log it, never cache it."""

    contact: Contact
    source: Source
    reason: str
    revealed_at: datetime


def source_of(
    session: Session, case_id: int, reading_id: int, kit_id: int | None, tag_mark_id: int | None = None
) -> Source:
    """The candidate kit, the number of a tag, or (neither) the sticker, of a reading of this case.

    Raises NotFound where the evidence shows none.
    """
    reading = case_readings.one_of_case(session, case_id, reading_id)
    if tag_mark_id is not None:
        return _tag_source(session, reading, tag_mark_id)
    if kit_id is None:
        if reading.sticker is None:
            raise NotFound(what="sticker", which=reading_id)
        sticker = session.get_one(Sticker, reading.sticker.sticker_id)
        return Source(reading.identification_id, None, sticker.number, None, sticker.owner_id)
    for candidate in reading.candidates:
        if candidate.kit_id == kit_id and candidate.shows_items:
            owner_id = session.get_one(Kit, kit_id).owner_id
            return Source(reading.identification_id, kit_id, candidate.kit_code, candidate.grade, owner_id)
    raise NotFound(what="candidate", which=kit_id)


def _tag_source(session: Session, reading: case_readings.ReadingLine, tag_mark_id: int) -> Source:
    for tag in reading.tags:
        if tag.tag_mark_id == tag_mark_id and tag.shows_items:
            # Whoever has the thing now is its owner; a number that was taken off stands for nobody.
            owner_id = session.get_one(Item, tag.item.item_id).owner_id if tag.item else None
            return Source(reading.identification_id, None, tag.number, tag.grade, owner_id, tag_mark_id)
    raise NotFound(what="number", which=tag_mark_id)


def may_be_own(session: Session, actor: Actor, owner_id: int) -> bool:
    """Whether an owner is, or may well be, the officer: the same owner record, address or name.

    A namesake is caught too; then a colleague makes the reveal, which harms nobody.
    """
    if actor.owner_id == owner_id:
        return True
    officer = accounts.profile(session, actor.own_account(_ACT))
    contact = owners.open_contact(session, owner_id)
    if _same(contact.email, officer.email) or _same(contact.name, officer.name):
        return True
    others = session.scalars(select(Account.id).where(Account.owner_id == owner_id))
    return any(_same(accounts.profile(session, account_id).email, officer.email) for account_id in others)


def reveal(
    session: Session,
    actor: Actor,
    case_id: int,
    reading_id: int,
    kit_id: int | None,
    reason: str,
    tag_mark_id: int | None = None,
) -> Revealed:
    """The owner behind a candidate or sticker, once the reveal and its reason are in the log.

    Raises InvalidInput for a reason that says nothing, Conflict for a closed case or a kit that nobody has activated,
    OwnDataWithheld (logged too) when the owner may be the officer.
    """
    case = cases.of_officer(session, actor, case_id, still_open=True)
    said = one_line("reason", reason, _SHORTEST_REASON, _LONGEST_REASON)
    source = source_of(session, case_id, reading_id, kit_id, tag_mark_id)
    if source.owner_id is None and tag_mark_id is not None:
        raise Conflict(what=source.code, reason="the number stands for no thing any more")
    if source.owner_id is None:
        raise Conflict(what=source.code, reason="nobody has registered this kit yet; ask its supplier")
    if may_be_own(session, actor, source.owner_id):
        _log(session, actor, audit.Action.OWNER_WITHHELD, case, source, said)
        raise OwnDataWithheld
    row = Reveal(
        identification_id=source.identification_id,
        kit_id=source.kit_id,
        tag_mark_id=source.tag_mark_id,
        owner_id=source.owner_id,
        account_id=actor.own_account(_ACT),
        reason=said,
        revealed_at=clock.now(),
    )
    session.add(row)
    session.flush()
    _log(session, actor, audit.Action.OWNER_REVEALED, case, source, said)
    return Revealed(owners.open_contact(session, source.owner_id), source, said, row.revealed_at)


def _log(
    session: Session, actor: Actor, action: audit.Action, case: cases.CaseHead, source: Source, reason: str
) -> None:
    audit.record(
        session,
        actor,
        action,
        f"owner:{source.owner_id}",
        case_number=case.number,
        reason=reason,
        organisation_id=case.organisation_id,
        details={"identification": source.identification_id, "kit": source.kit_id or 0, "tag": source.tag_mark_id or 0},
    )


def _same(one: str, other: str) -> bool:
    return bool(one.strip()) and " ".join(one.split()).casefold() == " ".join(other.split()).casefold()
