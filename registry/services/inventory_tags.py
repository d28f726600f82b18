"""Numbers of tags and vehicles in an inventory file: each stands for one thing, and asking for others' is slowed.

Whoever imports learns of a number that it is taken, and no more. So that nobody asks for other people's tags by a file
of numbers, each that is another owner's counts as a try at registering it does (``tag_marks``), under the same limit;
once it is reached no number of the file is looked up any more, free or taken. The operator at the server is not slowed.
What was asked for in vain is logged, whoever asked.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from registry.errors import TooManyAttempts
from registry.services import audit, tag_marks, throttle
from registry.services.actor import Actor
from registry.services.inventory_rows import InventoryRow
from registry.services.tables.remarks import Reason, Remarks
from registry.services.tag_numbers import kind_of
from registry.services.throttle import Limit

__all__ = ["with_free_tags"]

_COLUMN = "RFID/VIN"


class _Asked:
    """The numbers of others that a file has asked for, counted against who imports it."""

    def __init__(self, session: Session, actor: Actor) -> None:
        self._session = session
        self._actor = actor
        self._kinds: Counter[str] = Counter()
        self._slowed_rows = 0
        self._wait = self._seconds()

    def seconds_to_wait(self) -> int:
        """How long nothing is said to a row that is asked for now; 0 when it may be answered."""
        self._slowed_rows += self._wait > 0
        return self._wait

    def found(self, number: str) -> None:
        """A number was another's."""
        self._kinds[kind_of(number).value] += 1
        if self._is_slowed:
            throttle.count(self._session, Limit.TAG_NUMBER, self._actor.label)
            self._wait = self._seconds()

    def log(self, organisation_id: int) -> bool:
        """Write what was asked for in vain to the log, without a number; whether there was any."""
        if not self._kinds and not self._slowed_rows:
            return False
        details = {"kinds": dict(sorted(self._kinds.items())), "slowed": self._slowed_rows}
        subject = f"organisation:{organisation_id}"
        action = audit.Action.TAG_REFUSED
        audit.record(self._session, self._actor, action, subject, organisation_id=organisation_id, details=details)
        return True

    @property
    def _is_slowed(self) -> bool:
        return self._actor.account_id is not None

    def _seconds(self) -> int:
        if not self._is_slowed:
            return 0
        try:
            throttle.check(self._session, Limit.TAG_NUMBER, self._actor.label)
        except TooManyAttempts as slowed:
            return int(str(slowed.values["seconds"]))
        return 0


def with_free_tags(
    session: Session,
    actor: Actor,
    organisation_id: int,
    rows: Sequence[tuple[int, InventoryRow]],
    held: Mapping[str, InventoryRow],
    refusals: Remarks,
) -> tuple[list[tuple[int, InventoryRow]], bool]:
    """The rows whose numbers stand for no other thing, in file or register, and whether others' were asked for.

    ``held`` is what the organisation has in the register, by inventory number: its own numbers are no secret to it.
    """
    elsewhere = tag_marks.held_elsewhere(session, {tag for _, row in rows for tag in row.tag_numbers or ()})
    ours = {tag for row in held.values() for tag in row.tag_numbers or ()}
    asked = _Asked(session, actor)
    first_lines: dict[str, int] = {}
    free = []
    for line, row in rows:
        known = held.get(row.inventory_number)
        own = set(known.tag_numbers or ()) if known else set()
        strange = [tag for tag in row.tag_numbers or () if tag not in ours]
        if strange and (seconds := asked.seconds_to_wait()):
            refusals.add(line, _COLUMN, strange[0], Reason.TAG_SLOWED, seconds=seconds)
            continue
        for tag in row.tag_numbers or ():
            if tag in elsewhere and tag not in own:
                if tag not in ours:
                    asked.found(tag)
                refusals.add(line, _COLUMN, tag, Reason.TAG_OF_ANOTHER)
                break
            if first_lines.setdefault(tag, line) != line:
                refusals.add(line, _COLUMN, tag, Reason.TAG_IN_FILE, first=first_lines[tag])
                break
        else:
            free.append((line, row))
    return free, asked.log(organisation_id)
