"""Numbers of hidden tags and vehicles, registered on items by their owners and by a municipality for its equipment.

A number that counts stands for one item alone, which the database holds. Who tries a number that is another's learns
only that; such tries are logged and slowed, since whoever has read a tag could ask so whether it is registered.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry import clock
from registry.errors import InvalidInput, NotFound, RegistryError, TagTaken
from registry.models.equipment import Equipment
from registry.models.items import Item
from registry.models.tag_marks import TagMark
from registry.services import audit, throttle
from registry.services.actor import Actor, Role
from registry.services.tag_numbers import MOST_TAGS, TagKind, TagNumber, kind_of, shown, tag_number
from registry.services.throttle import Limit

__all__ = [
    "MOST_TAGS",
    "BulkLine",
    "RegisteredTag",
    "TagLine",
    "held_elsewhere",
    "of_item",
    "of_items",
    "of_organisation",
    "put",
    "register",
    "register_lines",
    "remove",
    "take_off",
]

MOST_LINES = 500
_SHOWN_LINE = 60


@dataclass(frozen=True, slots=True)
class TagLine:
    """A number of an item, in its normal form and as people write it."""

    id: int
    kind: TagKind
    number: str
    registered_at: datetime

    @property
    def shown(self) -> str:
        """As people write it."""
        return shown(self.kind, self.number)


@dataclass(frozen=True, slots=True)
class RegisteredTag:
    """What was registered; ``already`` when the item had the number before."""

    number: TagNumber
    already: bool

    @property
    def shown(self) -> str:
        """As people write it."""
        return shown(self.number.kind, self.number.number)


@dataclass(frozen=True, slots=True)
class BulkLine:
    """What became of one line of a list: what was registered, or why not."""

    line: int
    text: str
    done: RegisteredTag | None
    refusal: RegistryError | None


def register(session: Session, actor: Actor, item_id: int, text: str) -> RegisteredTag:
    """Register the number in ``text`` on an own item, or on equipment of the actor's municipality.

    Raises NotATagNumber, NotFound for an item that is not the actor's, InvalidInput for more than 6 numbers, and
    TagTaken, which is counted and logged, for a number that stands for another item.
    """
    organisation_id = _check_own(session, actor, item_id)
    number = tag_number(text)
    return _register(session, actor, item_id, number, organisation_id)


def register_lines(session: Session, actor: Actor, text: str) -> list[BulkLine]:
    """Register many numbers on equipment: a line each, inventory number and number apart by a semicolon, tab or comma.

    Every line that is right is taken, whatever the others are; after too many numbers of others the rest is slowed.
    Raises InvalidInput for no line or more than 500.
    """
    organisation_id = actor.organisation_as(Role.ASSET_MANAGER, "register tags")
    lines = [(place, line.strip()) for place, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if not 0 < len(lines) <= MOST_LINES:
        raise InvalidInput(field="lines", value=str(len(lines)), allowed="1 to 500 lines")
    done = []
    for place, line in lines:
        try:
            item_id, number = _of_line(session, organisation_id, line)
            registered = _register(session, actor, item_id, number, organisation_id)
        except RegistryError as refusal:
            done.append(BulkLine(place, line[:_SHOWN_LINE], None, refusal))
        else:
            done.append(BulkLine(place, line[:_SHOWN_LINE], registered, None))
    return done


def remove(session: Session, actor: Actor, item_id: int, tag_id: int) -> None:
    """Take a number off an own item; what was identified by it stays in the cases. Raises NotFound."""
    organisation_id = _check_own(session, actor, item_id)
    if not take_off(session, TagMark.id == tag_id, TagMark.item_id == item_id):
        raise NotFound(what="number", which=tag_id)
    audit.record(
        session,
        actor,
        audit.Action.TAG_REMOVED,
        f"item:{item_id}",
        organisation_id=organisation_id,
        details={"tag": tag_id},
    )


def of_item(session: Session, actor: Actor, item_id: int) -> Sequence[TagLine]:
    """The numbers of an own item or of equipment of the actor's municipality; raises NotFound for any other."""
    _check_own(session, actor, item_id, hold=False)
    return of_items(session, [item_id]).get(item_id, [])


def of_items(session: Session, item_ids: Collection[int]) -> dict[int, list[TagLine]]:
    """The numbers of these items that count, in the order they were registered; the caller may see the items."""
    rows = session.scalars(
        select(TagMark).where(TagMark.item_id.in_(item_ids), TagMark.removed_at.is_(None)).order_by(TagMark.id)
    )
    found: dict[int, list[TagLine]] = {}
    for row in rows:
        found.setdefault(row.item_id, []).append(TagLine(row.id, row.kind, row.number, row.registered_at))
    return found


def held_elsewhere(session: Session, numbers: Collection[str]) -> dict[str, int]:
    """Which of these numbers (normal form) count now, and for which item."""
    found: dict[str, int] = {}
    wanted = sorted(numbers)
    # Databases take a few thousand parameters to a statement.
    for start in range(0, len(wanted), 500):
        rows = session.execute(
            select(TagMark.number, TagMark.item_id).where(
                TagMark.number.in_(wanted[start : start + 500]), TagMark.removed_at.is_(None)
            )
        )
        found.update({row.number: row.item_id for row in rows})
    return found


def of_organisation(session: Session, organisation_id: int) -> dict[int, list[str]]:
    """The numbers (normal form) of a municipality's equipment that count, by item."""
    rows = session.execute(
        select(TagMark.item_id, TagMark.number)
        .join(Equipment, Equipment.item_id == TagMark.item_id)
        .where(Equipment.organisation_id == organisation_id, TagMark.removed_at.is_(None))
    )
    found: dict[int, list[str]] = {}
    for item_id, number in rows:
        found.setdefault(item_id, []).append(number)
    return found


def put(session: Session, item_id: int, numbers: Iterable[str]) -> None:
    """Give an item exactly these numbers (normal form); the caller has checked that they are free, and logs the import.

    Raises IntegrityError when somebody registered one of them at the same moment.
    """
    wanted = set(numbers)
    held = {line.number for line in of_items(session, [item_id]).get(item_id, [])}
    if gone := held - wanted:
        take_off(session, TagMark.item_id == item_id, TagMark.number.in_(gone))
    now = clock.now()
    session.add_all(
        TagMark(item_id=item_id, kind=kind_of(number), number=number, registered_at=now)
        for number in sorted(wanted - held)
    )
    session.flush()


def take_off(session: Session, *which: object) -> int:
    """Let the numbers that meet these conditions count no more; how many there were."""
    gone = session.execute(
        update(TagMark)
        .where(*which, TagMark.removed_at.is_(None))  # type: ignore[arg-type]
        .values(removed_at=clock.now())
        .returning(TagMark.id)
    )
    return len(gone.all())


def _register(
    session: Session, actor: Actor, item_id: int, number: TagNumber, organisation_id: int | None
) -> RegisteredTag:
    throttle.check(session, Limit.TAG_NUMBER, actor.label)
    held = _holder(session, number)
    if held == item_id:
        return RegisteredTag(number, already=True)
    if held is not None:
        raise _taken(session, actor, item_id, number, organisation_id)
    count = session.scalar(
        select(func.count()).select_from(TagMark).where(TagMark.item_id == item_id, TagMark.removed_at.is_(None))
    )
    if count is not None and count >= MOST_TAGS:
        raise InvalidInput(field="tag_number", value=str(count + 1), allowed="at most 6 numbers of one thing")
    row = TagMark(item_id=item_id, kind=number.kind, number=number.number, registered_at=clock.now())
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        # Somebody registered the same number at the same moment.
        if _holder(session, number) == item_id:
            return RegisteredTag(number, already=True)
        raise _taken(session, actor, item_id, number, organisation_id) from None
    audit.record(
        session,
        actor,
        audit.Action.TAG_REGISTERED,
        f"item:{item_id}",
        organisation_id=organisation_id,
        details={"tag": row.id, "kind": number.kind.value},
    )
    return RegisteredTag(number, already=False)


def _taken(session: Session, actor: Actor, item_id: int, number: TagNumber, organisation_id: int | None) -> TagTaken:
    throttle.count(session, Limit.TAG_NUMBER, actor.label)
    audit.record(
        session,
        actor,
        audit.Action.TAG_REFUSED,
        f"item:{item_id}",
        organisation_id=organisation_id,
        details={"kind": number.kind.value},
    )
    return TagTaken(field="tag_number")


def _holder(session: Session, number: TagNumber) -> int | None:
    return session.scalar(select(TagMark.item_id).where(TagMark.number == number.number, TagMark.removed_at.is_(None)))


def _check_own(session: Session, actor: Actor, item_id: int, *, hold: bool = True) -> int | None:
    """Raise NotFound unless the item is the resident's, or the manager's municipality's, whose id is returned.

    ``hold`` keeps others from adding numbers to the item meanwhile; a page that only reads cannot.
    """
    query = select(Item.id).where(Item.id == item_id, Item.removed_at.is_(None))
    if hold:
        query = query.with_for_update()
    organisation_id = None
    if Role.ASSET_MANAGER in actor.role_names:
        organisation_id = actor.organisation_as(Role.ASSET_MANAGER, "register tags")
        equipment = select(Equipment.item_id).where(Equipment.organisation_id == organisation_id)
        found = session.scalar(query.where(Item.id.in_(equipment)))
    else:
        found = None
    if found is None and actor.owner_id is not None:
        organisation_id, found = None, session.scalar(query.where(Item.owner_id == actor.owner_id))
    if found is None:
        raise NotFound(what="item", which=item_id)
    return organisation_id


def _of_line(session: Session, organisation_id: int, line: str) -> tuple[int, TagNumber]:
    for separator in (";", "\t", ","):
        inventory_number, found, text = line.partition(separator)
        if found:
            break
    else:
        raise InvalidInput(field="lines", value=ascii(line[:20]), allowed="inventory number; number of the tag")
    item_id = session.scalar(
        select(Equipment.item_id)
        .join(Item, Item.id == Equipment.item_id)
        .where(
            Equipment.organisation_id == organisation_id,
            Equipment.inventory_number == inventory_number.strip().strip('"'),
            Item.removed_at.is_(None),
        )
        .with_for_update()
    )
    if item_id is None:
        raise NotFound(what="equipment", which=inventory_number.strip()[:40])
    return item_id, tag_number(text.strip().strip('"'))
