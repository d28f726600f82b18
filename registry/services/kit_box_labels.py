"""Labels for the boxes of a delivery's kits: how to register a kit, until when its fluid is good, which delivery.

All boxes carry the same code, which opens the page for registering a kit. What stands on the card inside, the kit's
code and PIN, never stands outside, where anybody in a shop could copy it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from labels.designs import design_named
from labels.language import Language
from labels.pdf import LabelContent
from registry.errors import InvalidInput, NotFound, NotPermitted
from registry.models.kits import Kit
from registry.models.suppliers import Batch
from registry.services import audit, label_jobs, sheet_packages, stickers
from registry.services.actor import Actor, Role
from registry.services.context import settings_of
from registry.services.label_jobs import Job, JobWish

__all__ = ["DESIGN", "MOST", "BoxWish", "order_labels"]

DESIGN: Final = design_named("kit-box-label")
MOST: Final = 20_000
"""So many labels in one job; a larger delivery is printed in portions."""


@dataclass(frozen=True, slots=True)
class BoxWish:
    """Which delivery by id, how many labels; stock by code, first free place of the sheet (from 1), places left out."""

    batch_id: int
    count: int
    stock: str
    start: int = 1
    skip: Collection[int] = frozenset()
    language: Language = Language.SWEDISH


def order_labels(session: Session, actor: Actor, wish: BoxWish) -> Job:
    """Order labels for boxes of a delivery, those that are good the shortest first; logged.

    Raises NotPermitted for all but administrators, NotFound for a delivery that is not there or has been stopped,
    InvalidInput naming the field (count, stock, start, skip), and what ``label_jobs.order`` raises.
    """
    if Role.ADMINISTRATOR not in actor.role_names:
        raise NotPermitted(act="print labels for boxes")
    batch = session.get(Batch, wish.batch_id)
    if batch is None or batch.revoked_at is not None:
        raise NotFound(what="delivery", which=wish.batch_id)
    stock = sheet_packages.checked_places(stickers.stocks_for(DESIGN), wish.stock, wish.start, wish.skip)
    days = _days(session, batch.id)
    most = min(len(days), MOST)
    if not 1 <= wish.count <= most:
        raise InvalidInput(
            field="count", value=str(wish.count), allowed="as many labels as there are kits, at most 20000"
        )
    settings = settings_of(session)
    address = f"{settings.public_url}/k".upper()
    labels = [
        LabelContent(url=address, note=batch.number, date=day.isoformat() if day else "") for day in days[: wish.count]
    ]
    plain = JobWish(DESIGN.name, stock.code, wish.start, sorted(wish.skip), 1, wish.language.value, settings.authority)
    job = label_jobs.order(session, actor, plain, labels)
    audit.record(
        session,
        actor,
        audit.Action.LABELS_PRINTED,
        f"batch:{batch.id}",
        details={"boxes": len(labels), "stock": stock.code, "design": DESIGN.name},
    )
    return job


def _days(session: Session, batch_id: int) -> list[date | None]:
    """Until when each kit is good that was not recalled, the soonest first, those without a day last."""
    rows = session.execute(
        select(Kit.best_before, func.count())
        .where(Kit.batch_id == batch_id, Kit.revoked_at.is_(None))
        .group_by(Kit.best_before)
    ).all()
    days = [day for day, count in rows for _ in range(count)]
    return sorted(days, key=lambda day: (day is None, day or date.max))
