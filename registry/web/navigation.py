"""Where each kind of user starts, and what stands in the bar at the top of their pages."""

from dataclasses import dataclass

from flask import request, url_for

from registry.services.actor import Actor, Role
from registry.web.words import translate

__all__ = ["Entry", "entries", "start_of"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One link in the navigation: endpoint, English text, icon; ``family`` is the prefix that marks it current."""

    endpoint: str
    text: str
    icon: str
    family: str


# An audience adds its line here, and the pages follow.
_STARTS: dict[Role, str] = {Role.OFFICER: "police.start"}
_ENTRIES: dict[Role, tuple[Entry, ...]] = {
    Role.OFFICER: (
        Entry("police.start", "Next step", "home", "police.start"),
        Entry("police.every_case", "Cases", "case", "police."),
    ),
}


def start_of(actor: Actor) -> str | None:
    """The endpoint of the actor's starting page; None for the public."""
    return next((endpoint for role, endpoint in _STARTS.items() if role in actor.role_names), None)


def entries(actor: Actor) -> list[dict[str, object]]:
    """The navigation of the actor for the layout: label, url, current, icon."""
    return [
        {
            "label": translate(entry.text),
            "url": url_for(entry.endpoint),
            "current": (request.endpoint or "").startswith(entry.family),
            "icon": entry.icon,
        }
        for role, group in _ENTRIES.items()
        if role in actor.role_names
        for entry in group
    ]
