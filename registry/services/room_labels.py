"""Labels for the places of a municipality: its buildings, and the rooms and stores in them.

The code on one leads an asset manager of the same municipality to what stands there, and everybody else nowhere.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from labels.designs import design_named
from labels.language import Language
from labels.pdf import LabelContent
from registry.errors import InvalidInput, NotFound
from registry.models.accounts import Organisation
from registry.services import audit, departments, equipment, label_jobs, sheet_packages, stickers
from registry.services.actor import Actor
from registry.services.context import settings_of
from registry.services.label_jobs import Job, JobWish
from registry.services.stickers import MOST_COPIES

__all__ = ["DESIGN", "RoomWish", "confirm", "order_labels", "own"]

DESIGN: Final = design_named("room-label")


@dataclass(frozen=True, slots=True)
class RoomWish:
    """Which places by id; stock by code, first free place of the sheet (from 1), places to leave out, copies."""

    places: Collection[int]
    stock: str
    start: int = 1
    skip: Collection[int] = frozenset()
    copies: int = 1
    language: Language = Language.SWEDISH


def own(session: Session, actor: Actor) -> dict[int, str]:
    """The places of the actor's municipality: each building by name, followed by its rooms."""
    found: dict[int, str] = {}
    for building in departments.buildings(session, equipment.municipality(actor)):
        found[building.id] = building.name
        found |= {room_id: f"{building.name}, {room}" for room_id, room in building.rooms}
    return found


def confirm(session: Session, actor: Actor, place_id: int) -> None:
    """That a scanned place is the own municipality's; raises NotFound for another's."""
    if place_id not in own(session, actor):
        raise NotFound(what="place", which=place_id)


def order_labels(session: Session, actor: Actor, wish: RoomWish) -> Job:
    """Order labels of own places, in the order of the list; logged.

    Raises InvalidInput naming the field (places, stock, start, skip, copies), and what ``label_jobs.order`` raises.
    """
    stock = sheet_packages.checked_places(stickers.stocks_for(DESIGN), wish.stock, wish.start, wish.skip)
    if not 1 <= wish.copies <= MOST_COPIES:
        raise InvalidInput(field="copies", value=str(wish.copies), allowed="1 to 20 copies")
    known, wanted = own(session, actor), set(wish.places)
    if not wanted or not wanted <= known.keys():
        raise InvalidInput(field="places", value=str(len(wanted)), allowed="at least one place of your municipality")
    organisation_id, base = equipment.municipality(actor), settings_of(session).public_url
    owner = session.get_one(Organisation, organisation_id).name
    labels = [
        LabelContent(url=f"{base}/l/{place_id}".upper(), number=f"L-{place_id:04}", name=name, owner=owner)
        for place_id, name in known.items()
        if place_id in wanted
    ]
    plain = JobWish(DESIGN.name, stock.code, wish.start, sorted(wish.skip), wish.copies, wish.language.value, owner)
    job = label_jobs.order(session, actor, plain, labels)
    audit.record(
        session,
        actor,
        audit.Action.LABELS_PRINTED,
        f"organisation:{organisation_id}",
        organisation_id=organisation_id,
        details={"places": len(labels), "stock": stock.code, "design": DESIGN.name},
    )
    return job
