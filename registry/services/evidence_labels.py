"""Labels for what the police hold in a case: one for each seized thing, one that seals each sample taken of it.

The code on them leads an officer of the same authority to the thing on its case's page, and everybody else nowhere; the
number people read is the one the thing or the seal has in the case.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from labels.designs import design_named
from labels.language import Language
from labels.pdf import Design, LabelContent
from registry import clock
from registry.errors import InvalidInput, NotFound
from registry.models.accounts import Organisation
from registry.models.cases import Case, SeizedItem, Seizure
from registry.services import audit, cases, label_jobs, samples, seizures, sheet_packages, stickers
from registry.services.actor import Actor, Role
from registry.services.cases import CaseHead
from registry.services.context import settings_of
from registry.services.label_jobs import Job, JobWish
from registry.services.stickers import MOST_COPIES

__all__ = ["DESIGNS", "EvidenceWish", "case_of_item", "item_ids_of", "order_labels"]

DESIGNS: Final[Sequence[Design]] = tuple(design_named(name) for name in ("seized-item-label", "sample-bag-label"))
"""What the police can print: a label for each thing, or one for each sample of it."""


@dataclass(frozen=True, slots=True)
class EvidenceWish:
    """Which seized things by id; design and stock by code, first free place (from 1), places to leave out, copies."""

    items: Collection[int]
    design: str
    stock: str
    start: int = 1
    skip: Collection[int] = frozenset()
    copies: int = 1
    language: Language = Language.SWEDISH


def order_labels(
    session: Session,
    actor: Actor,
    case_id: int,
    wish: EvidenceWish,
    *,
    key: str | None = None,
    body_hash: bytes | None = None,
) -> Job:
    """Order labels of seized things of one case of the own authority, in the case's order; logged with its number.

    A closed case can be labelled too: things lie in the store after it. Raises NotFound for another authority's case,
    InvalidInput naming the field (items, design, stock, start, skip, copies), and what ``label_jobs.order`` raises.
    """
    case = cases.of_officer(session, actor, case_id)
    design = next((design for design in DESIGNS if design.name == wish.design), None)
    if design is None:
        raise InvalidInput(field="design", value=repr(wish.design[:20]), allowed="a design of the list")
    stock = sheet_packages.checked_places(stickers.stocks_for(design), wish.stock, wish.start, wish.skip)
    if not 1 <= wish.copies <= MOST_COPIES:
        raise InvalidInput(field="copies", value=str(wish.copies), allowed="1 to 20 copies")
    authority = session.get_one(Organisation, case.organisation_id).name
    labels = _contents(session, case, design, set(wish.items), authority)
    plain = JobWish(design.name, stock.code, wish.start, sorted(wish.skip), wish.copies, wish.language.value, authority)
    job = label_jobs.order(session, actor, plain, labels, key=key, body_hash=body_hash)
    audit.record(
        session,
        actor,
        audit.Action.LABELS_PRINTED,
        f"case:{case.id}",
        case_number=case.number,
        organisation_id=case.organisation_id,
        details={"things": len(labels), "stock": stock.code, "design": design.name},
    )
    return job


def case_of_item(session: Session, actor: Actor, seized_item_id: int) -> int:
    """The case of a seized thing, for whoever scanned its label; raises NotFound for another authority's."""
    organisation_id = actor.organisation_as(Role.OFFICER, "police work")
    case_id = session.scalar(
        select(Seizure.case_id)
        .join(SeizedItem, SeizedItem.seizure_id == Seizure.id)
        .join(Case, Case.id == Seizure.case_id)
        .where(SeizedItem.id == seized_item_id, Case.organisation_id == organisation_id)
    )
    if case_id is None:
        raise NotFound(what="seized item", which=seized_item_id)
    return case_id


def item_ids_of(session: Session, actor: Actor, case_id: int, labels: Collection[str]) -> list[int]:
    """The seized things of a case of the own authority that are spoken of as ``labels`` (``1:2``), all if it is empty.

    Raises NotFound for another authority's case and for a thing that is not in this one.
    """
    case = cases.of_officer(session, actor, case_id)
    held = {item.label: item.id for seizure in seizures.of_case(session, case.id) for item in seizure.items}
    for label in labels:
        if label not in held:
            raise NotFound(what="seized item", which=label[:40])
    return [held[label] for label in labels or held]


def _contents(session: Session, case: CaseHead, design: Design, wanted: set[int], authority: str) -> list[LabelContent]:
    held = [(seizure, item) for seizure in seizures.of_case(session, case.id) for item in seizure.items]
    chosen = [(seizure, item) for seizure, item in held if item.id in wanted]
    if len(chosen) != len(wanted):
        raise InvalidInput(field="items", value="…", allowed="seized items of this case")
    taken = samples.bags_of_case(session, case.id) if design.name == "sample-bag-label" else {}
    base, labels = settings_of(session).public_url, []
    for seizure, item in chosen:
        thing = LabelContent(
            url=f"{base}/b/{item.id}".upper(),
            number=item.label,
            name=item.description,
            owner=authority,
            place=item.storage_place,
            case_number=case.number,
            date=f"{seizure.seized_at.astimezone(clock.LOCAL_TIME):%Y-%m-%d}",
        )
        if design.name == "seized-item-label":
            labels.append(thing)
        else:
            fields = asdict(thing) | {"place": "", "date": ""}
            labels += [LabelContent(**fields | {"number": sample.seal_number}) for sample in taken.get(item.id, ())]
    if not labels:
        allowed = "at least one thing" if design.name == "seized-item-label" else "at least one thing with a sample"
        raise InvalidInput(field="items", value="0", allowed=allowed)
    return labels
