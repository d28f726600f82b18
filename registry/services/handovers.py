"""Handing a seized item back, once, to the owner that a reading of it led to; with a receipt."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from labels.language import Language
from labels.receipt import Receipt, write_receipt
from registry import clock
from registry.errors import Conflict, InvalidInput, NotFound
from registry.language import words
from registry.models.accounts import Account, Organisation
from registry.models.cases import Handover, SeizedItem, SeizedItemStatus
from registry.models.kits import Kit
from registry.models.readings import CandidateRow, Identification, Reading, Reveal
from registry.services import accounts, audit, case_readings, cases, mail, owners, reader_models, seizures
from registry.services.actor import Actor
from registry.services.context import settings_of
from registry.services.house_style import paper_style
from registry.services.text import one_line

__all__ = ["LEAST_GRADE", "Ground", "HandedOver", "grounds", "hand_over", "of_seized_item", "receipt"]

LEAST_GRADE = 2
"""From this grade the results support the identity; below it, or with a sticker alone, the officer says why."""
_ACT = "police work"
_MAIL_SUBJECT = "The police have handed over property registered to you"
_MAIL_TEXT = (
    "Hello,\n\n"
    "The police have handed over something that is registered to you. Sign in to the register to see more:\n"
    "{address}\n\n"
    "If you did not receive anything, contact the police authority that holds the case: {authority}.\n"
)


@dataclass(frozen=True, slots=True)
class Ground:
    """What an item can be handed over on: an identification of it whose owner was revealed in the case."""

    identification_id: int
    reading_number: str
    kit_id: int | None
    code: str
    grade: int | None
    owner_id: int
    item_id: int | None = None
    item_name: str = ""
    tag_mark_id: int | None = None

    @property
    def key(self) -> str:
        """How a form names it."""
        tag = f"-{self.tag_mark_id}" if self.tag_mark_id else ""
        return f"{self.identification_id}-{self.kit_id or 0}-{self.item_id or 0}{tag}"

    @property
    def needs_reason(self) -> bool:
        """Whether the evidence alone is too weak."""
        return self.grade is None or self.grade < LEAST_GRADE


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A hand-over as its page shows it, without saying to whom."""

    id: int
    receipt_number: str
    handed_over_at: datetime
    identity_checked: str


def grounds(session: Session, case_id: int, seized_item_id: int) -> list[Ground]:
    """What the item can be handed over on now, the strongest first; the caller has logged that the case is read."""
    found: list[Ground] = []
    revealed = _revealed_owners(session, case_id)
    for reading in case_readings.of_seized_item(session, case_id, seized_item_id):
        for candidate in reading.candidates:
            owner_id = revealed.get((reading.identification_id, candidate.kit_id, None))
            if owner_id is not None:
                ground = Ground(
                    identification_id=reading.identification_id,
                    reading_number=reading.number,
                    kit_id=candidate.kit_id,
                    code=candidate.kit_code,
                    grade=candidate.grade,
                    owner_id=owner_id,
                )
                found.extend(replace(ground, item_id=item.item_id, item_name=item.name) for item in candidate.items)
                found.append(ground)
        for tag in reading.tags:
            owner_id = revealed.get((reading.identification_id, None, tag.tag_mark_id))
            if owner_id is not None and tag.item is not None:
                found.append(
                    Ground(
                        identification_id=reading.identification_id,
                        reading_number=reading.number,
                        kit_id=None,
                        code=tag.number,
                        grade=tag.grade,
                        owner_id=owner_id,
                        item_id=tag.item.item_id,
                        item_name=tag.item.name,
                        tag_mark_id=tag.tag_mark_id,
                    )
                )
        owner_id = revealed.get((reading.identification_id, None, None))
        if reading.sticker is not None and owner_id is not None:
            item = reading.sticker.item
            found.append(
                Ground(
                    identification_id=reading.identification_id,
                    reading_number=reading.number,
                    kit_id=None,
                    code=reading.sticker.number,
                    grade=None,
                    owner_id=owner_id,
                    item_id=item.item_id if item else None,
                    item_name=item.name if item else "",
                )
            )
    return sorted(found, key=lambda ground: -9 if ground.grade is None else ground.grade, reverse=True)


def hand_over(
    session: Session,
    actor: Actor,
    case_id: int,
    seized_item_id: int,
    *,
    ground_key: str,
    identity_checked: str,
    reason: str = "",
) -> int:
    """Hand a held item over to the owner of the chosen ground and return the hand-over's id.

    Raises InvalidInput for a ground that is none or lacks its reason, Conflict when the item was handed over before:
    of two officers who do it at the same moment one wins.
    """
    case = cases.of_officer(session, actor, case_id, still_open=True)
    item = seizures.item_of_case(session, case_id, seized_item_id)
    ground = next((one for one in grounds(session, case_id, seized_item_id) if one.key == ground_key), None)
    if ground is None and not item.handed_over:
        raise InvalidInput(field="ground", value=repr(ground_key[:40]), allowed="a reading of this item with its owner")
    checked = one_line("identity_checked", identity_checked, 3, 200)
    said = one_line("reason", reason, 10 if ground and ground.needs_reason else 0, 500)
    moment = clock.now()
    taken = session.execute(
        update(SeizedItem)
        .where(SeizedItem.id == seized_item_id, SeizedItem.status == SeizedItemStatus.HELD)
        .values(status=SeizedItemStatus.HANDED_OVER)
        .returning(SeizedItem.id)
    ).scalar_one_or_none()
    if taken is None or ground is None:
        raise Conflict(what=item.label, reason="it has been handed over")
    row = Handover(
        seized_item_id=seized_item_id,
        identification_id=ground.identification_id,
        owner_id=ground.owner_id,
        item_id=ground.item_id,
        receipt_number=f"{moment:%Y}-{seized_item_id:06d}",
        handed_over_by_id=actor.own_account(_ACT),
        identity_checked=checked,
        handed_over_at=moment,
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        actor,
        audit.Action.HANDOVER_MADE,
        f"handover:{row.id}",
        case_number=case.number,
        reason=said,
        organisation_id=case.organisation_id,
        details={
            "seized_item": seized_item_id,
            "identification": ground.identification_id,
            "kit": ground.kit_id or 0,
            "tag": ground.tag_mark_id or 0,
            "owner": ground.owner_id,
            "grade": "none" if ground.grade is None else ground.grade,
        },
    )
    reader_models.learn_from_handover(session, actor, row.id, seized_item_id)
    _notify(session, ground.owner_id, case.organisation_id)
    return row.id


def of_seized_item(session: Session, seized_item_id: int) -> HandedOver | None:
    """The hand-over of an item, if it has been; the caller has logged that the case is read."""
    row = session.scalar(select(Handover).where(Handover.seized_item_id == seized_item_id))
    if row is None:
        return None
    return HandedOver(row.id, row.receipt_number, row.handed_over_at, row.identity_checked)


def receipt(session: Session, actor: Actor, case_id: int, seized_item_id: int, language: Language) -> tuple[str, bytes]:
    """The receipt of a hand-over as file name and PDF; it names the owner, so that it was printed is logged first."""
    case = cases.of_officer(session, actor, case_id)
    item = seizures.item_of_case(session, case_id, seized_item_id)
    row = session.scalar(select(Handover).where(Handover.seized_item_id == seized_item_id))
    if row is None:
        raise NotFound(what="receipt", which=item.label)
    audit.record(
        session,
        actor,
        audit.Action.RECEIPT_PRINTED,
        f"handover:{row.id}",
        case_number=case.number,
        organisation_id=case.organisation_id,
        details={"owner": row.owner_id},
    )
    code, grade, reading_number = _evidence(session, row)
    paper = Receipt(
        number=row.receipt_number,
        authority=session.get_one(Organisation, case.organisation_id).name,
        case_number=case.number,
        item_number=item.label,
        description=item.description,
        handed_over_at=row.handed_over_at.astimezone(clock.LOCAL_TIME),
        seizure_number=str(item.seizure_number),
        storage=item.storage_place,
        kit_code=code,
        grade=grade,
        reading_id=reading_number,
        owner_name=owners.open_contact(session, row.owner_id).name,
        handed_over_by=accounts.profile(session, row.handed_over_by_id).name,
        identity_checked=row.identity_checked,
    )
    # A thing is handed over also while the file of the coat of arms is away.
    style = paper_style(session, settings_of(session).authority)
    stream = io.BytesIO()
    write_receipt(stream, paper, language, style)
    return f"{row.receipt_number}.pdf", stream.getvalue()


def _evidence(session: Session, handover: Handover) -> tuple[str, int | None, str]:
    """Kit code, grade and reading number of what the hand-over rests on; no kit and grade for a sticker."""
    number = session.scalars(
        select(Reading.reading_number)
        .join(Identification, Identification.reading_id == Reading.id)
        .where(Identification.id == handover.identification_id)
    ).one()
    best: Sequence[tuple[str, int]] = [
        (row.code, row.grade)
        for row in session.execute(
            select(Kit.code, CandidateRow.grade)
            .join(CandidateRow, CandidateRow.kit_id == Kit.id)
            .join(
                Reveal,
                (Reveal.identification_id == CandidateRow.identification_id) & (Reveal.kit_id == CandidateRow.kit_id),
            )
            .where(CandidateRow.identification_id == handover.identification_id, Reveal.owner_id == handover.owner_id)
            .order_by(CandidateRow.rank)
        )
    ]
    return (*best[0], number) if best else ("", None, number)


def _revealed_owners(session: Session, case_id: int) -> dict[tuple[int, int | None, int | None], int]:
    rows = session.execute(
        select(Reveal.identification_id, Reveal.kit_id, Reveal.tag_mark_id, Reveal.owner_id)
        .join(Identification, Identification.id == Reveal.identification_id)
        .join(Reading, Reading.id == Identification.reading_id)
        .where(Reading.case_id == case_id)
        .order_by(Reveal.id)
    )
    return {(row.identification_id, row.kit_id, row.tag_mark_id): row.owner_id for row in rows}


def _notify(session: Session, owner_id: int, organisation_id: int) -> None:
    """Tell the owner's accounts, in their language, without naming item, value or address."""
    authority = session.get_one(Organisation, organisation_id).name
    for account in session.scalars(select(Account).where(Account.owner_id == owner_id, Account.disabled_at.is_(None))):
        say = words(Language(account.language)).gettext
        text = say(_MAIL_TEXT).format(address=settings_of(session).public_url, authority=authority)
        mail.queue(session, account, accounts.profile(session, account.id).email, say(_MAIL_SUBJECT), text)
