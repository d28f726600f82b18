"""The look of what the registry prints: as administrators set it, else as ``[labels]`` of config.toml says."""

import os
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Final

from sqlalchemy.orm import Session

from labels.coat_of_arms import CoatOfArms
from labels.config_file import config_path
from labels.errors import LabelError
from labels.pdf import HouseStyle
from labels.settings import READABLE_CONTRAST, LabelSettings, contrast, label_settings
from registry import clock
from registry.errors import InvalidInput, UnprintableLabel
from registry.models.house_style import HouseStyleRow
from registry.services import audit
from registry.services.actor import Actor
from registry.services.text import one_line

__all__ = ["LONGEST_CONTACT", "Look", "change", "coat_of_arms", "house_style", "look", "paper_style"]

LONGEST_CONTACT: Final = 200
_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True)
class Look:
    """What can be set: the line of contact, the two colours (``#rrggbb``), and whether there is a coat of arms."""

    contact: str
    ink: str
    signal: str
    has_arms: bool


def house_style(session: Session, organisation: str) -> HouseStyle:
    """The house style for labels of ``organisation``; raises ConfigFileError for a wrong setting.

    Its coat of arms is read when something draws it.
    """
    row = session.get(HouseStyleRow, 1)
    if row is not None:
        arms = CoatOfArms(row.coat_of_arms, "-") if row.coat_of_arms else None
        return HouseStyle(organisation, row.contact, row.ink, row.signal, arms)
    look = _look(config_path(environment=os.environ))
    arms = CoatOfArms(look.coat_of_arms) if look.coat_of_arms else None
    return HouseStyle(organisation, look.contact, look.ink, look.signal, arms)


def paper_style(session: Session, organisation: str) -> HouseStyle | None:
    """The house style for a paper that must be printed today: without its coat of arms if that cannot be drawn.

    None if config.toml is wrong as a whole.
    """
    try:
        style = house_style(session, organisation)
    except LabelError:
        return None
    try:
        return replace(style, coat_of_arms=style.coat_of_arms and style.coat_of_arms.checked())
    except LabelError:
        return replace(style, coat_of_arms=None)


def look(session: Session) -> Look:
    """What is set now, on the page or in config.toml."""
    row = session.get(HouseStyleRow, 1)
    if row is not None:
        return Look(row.contact, row.ink, row.signal, row.coat_of_arms is not None)
    settings = _look(config_path(environment=os.environ))
    return Look(settings.contact, settings.ink, settings.signal, settings.coat_of_arms is not None)


def coat_of_arms(session: Session) -> bytes | None:
    """The file of the coat of arms, None if there is none or it is away."""
    row = session.get(HouseStyleRow, 1)
    if row is not None:
        return row.coat_of_arms
    file = _look(config_path(environment=os.environ)).coat_of_arms
    return file.read_bytes() if file is not None and file.is_file() else None


def change(session: Session, actor: Actor, wished: Look, arms: bytes = b"") -> None:
    """Set the look; ``arms`` is a new coat of arms, without it the one there is stays if ``wished.has_arms``. Logged.

    Raises InvalidInput naming the field (contact, ink, signal) and UnprintableLabel for a file that cannot be drawn.
    """
    for field, colour in (("ink", wished.ink), ("signal", wished.signal)):
        if not _COLOUR.fullmatch(colour):
            raise InvalidInput(field=field, value=repr(colour[:10]), allowed="a colour such as #0b3d48")
    if contrast(wished.ink, "#ffffff") < READABLE_CONTRAST:
        raise InvalidInput(field="ink", value=wished.ink, allowed="a darker colour, which can be read on white")
    contact = one_line("contact", wished.contact, 0, LONGEST_CONTACT)
    if arms:
        try:
            CoatOfArms.of_bytes(arms, "-")
        except LabelError as refused:
            raise UnprintableLabel("coat_of_arms", refused) from None
    kept = arms or (coat_of_arms(session) if wished.has_arms else None)
    row = session.get(HouseStyleRow, 1)
    if row is None:
        row = HouseStyleRow(id=1)
        session.add(row)
    row.contact, row.ink, row.signal = contact, wished.ink.lower(), wished.signal.lower()
    row.coat_of_arms, row.changed_at = kept, clock.now()
    session.flush()
    details = {"ink": row.ink, "signal": row.signal, "coat_of_arms": kept is not None}
    audit.record(session, actor, audit.Action.HOUSE_STYLE_CHANGED, "house_style:1", details=details)


@lru_cache(maxsize=4)
def _look(path: Path | None) -> LabelSettings:
    return label_settings(path)
