"""Where each kind of user starts, and what stands in the bar at the top of their pages."""

from dataclasses import dataclass

from flask import request, url_for

from registry.services.actor import Actor, Role
from registry.web.words import translate

__all__ = ["Entry", "entries", "start_of"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One link in the navigation: endpoint, English text, icon; ``family``: prefixes that mark it current."""

    endpoint: str
    text: str
    icon: str
    family: str | tuple[str, ...]


# An audience adds its line here, and the pages follow.
_OWN_THINGS = tuple(
    f"residents.{view}"
    for view in (
        "home",
        "item",
        "new_item",
        "add_item",
        "edit_item",
        "change_item",
        "marks",
        "save_marks",
        "ask_removal",
    )
)
_OWN_THEFTS = tuple(f"residents.{view}" for view in ("own_thefts", "new_theft", "report_theft", "ask_withdrawal"))
_CASES = tuple(
    f"police.{act}" for act in ("case", "every", "find", "new", "open", "add", "take", "ask", "show", "hand")
)
_STARTS: dict[Role, str] = {
    Role.RESIDENT: "residents.home",
    Role.OFFICER: "police.start",
    Role.ASSET_MANAGER: "municipality.start",
    Role.ADMINISTRATOR: "administration.start",
    Role.SUPPLIER: "administration.deliveries",
}
_ENTRIES: dict[Role, tuple[Entry, ...]] = {
    Role.RESIDENT: (
        Entry("residents.home", "My things", "home", _OWN_THINGS),
        Entry("residents.own_kits", "Kits", "kit", ("residents.own_kits", "residents.activate_kit")),
        Entry("residents.stickers_page", "Stickers", "sticker", ("residents.stickers", "residents.print_stickers")),
        Entry("residents.own_thefts", "Thefts", "theft", _OWN_THEFTS),
    ),
    Role.OFFICER: (
        Entry("police.start", "Next step", "home", "police.start"),
        Entry("police.every_case", "Cases", "case", _CASES),
    ),
    Role.ASSET_MANAGER: (
        Entry("municipality.start", "Next step", "home", "municipality.start"),
        Entry("municipality.equipment_list", "Equipment", "equipment", "municipality.equipment"),
        Entry("municipality.labels", "Labels", "print", ("municipality.labels", "municipality.print")),
        Entry("municipality.inventory", "Inventory", "download", ("municipality.inventory", "municipality.take")),
    ),
    Role.ADMINISTRATOR: (
        Entry("administration.start", "Next step", "home", "administration.start"),
        Entry("administration.deliveries", "Deliveries", "kit", ("administration.deliver", "administration.box_label")),
        Entry("administration.staff", "Staff", "owner", "administration.staff"),
        Entry("administration.stations", "Stations", "reader", "administration.station"),
        Entry("administration.log", "Log", "log", "administration.log"),
    ),
    Role.SUPPLIER: (Entry("administration.deliveries", "Deliveries", "kit", "administration.deliver"),),
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
