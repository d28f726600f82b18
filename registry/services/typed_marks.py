"""What an officer types off a thing: a number of a tag or a vehicle, a sticker's number, or a kit code.

It goes the way of a station's reading, so that it is stored, searched, explained and handed over on alike.
"""

import hashlib
from typing import Any

from sqlalchemy.orm import Session

from registry import clock
from registry.errors import InvalidInput
from registry.models.readings import ObservationKind
from registry.services import case_readings, identifications, readings
from registry.services.actor import Actor
from registry.services.readings import Observed, Submission
from registry.services.tag_search import TYPED
from registry.services.text import one_line

__all__ = ["LONGEST_CODE", "enter", "observed_in_text"]

LONGEST_CODE = 64


def enter(
    session: Session, actor: Actor, case_id: int, key: str, text: str, seized_item_id: int | None = None
) -> tuple[int, dict[str, Any]]:
    """Store and search what was typed, once for each key; the reading's number and what the register makes of it.

    Put with a seized item when one is named. Raises InvalidInput for a text that no mark has, NotFound or Conflict for
    a case or an item that is not there.
    """
    written = one_line("code", text, 4, LONGEST_CODE)
    if not written.isascii():
        raise InvalidInput(field="code", value=ascii(written[:20]), allowed="letters A to Z, digits and ?")
    received = readings.typed(
        session,
        actor,
        case_id,
        Submission(
            case_number="",
            idempotency_key=key,
            body_hash=hashlib.sha256(written.encode()).digest(),
            reading_number=f"typed-{key[:8]}",
            reader=None,
            raw=written.encode(),
            read_at=clock.now(),
            observations=observed_in_text(written),
        ),
    )
    if received.duplicate:
        return received.reading_id, identifications.told(session, received.reading_id)
    told = identifications.identify(session, actor, received.reading_id)
    if seized_item_id is not None:
        case_readings.attach(session, actor, case_id, received.reading_id, seized_item_id)
    return received.reading_id, told


def observed_in_text(text: str) -> list[Observed]:
    """A typed text as a number, and as the code of a microdot: which of them it is, the search shows."""
    return [Observed(ObservationKind.NUMBER, text, symbology=TYPED), Observed(ObservationKind.DOT, text)]
