"""Who may do what: one table, read by every surface, denied by default.

A view names the permission it needs with ``@needs(Permission.X)``; a view without one cannot be reached at all. The
table says which roles hold a permission and why. Whose things an actor may touch is decided in the services.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeVar

from registry.services.actor import Actor, Role

__all__ = ["TABLE", "Grant", "Permission", "Rule", "allows", "needs", "rule_of"]


class Permission(StrEnum):
    """What a page or an endpoint may be opened for."""

    ANYONE = "anyone"
    SIGNED_IN = "signed_in"
    OWN_THINGS = "own_things"
    POLICE_WORK = "police_work"
    EQUIPMENT = "equipment"
    DELIVERIES = "deliveries"
    ADMINISTRATION = "administration"
    STATION = "station"
    LABEL_PROGRAM = "label_program"
    CASE_LABEL_PROGRAM = "case_label_program"
    LABEL_JOB = "label_job"
    ACCESS_TOKENS = "access_tokens"


@dataclass(frozen=True, slots=True)
class Grant:
    """The roles that hold a permission and the reason they do."""

    roles: frozenset[Role]
    why: str


TABLE: Mapping[Permission, Grant] = MappingProxyType(
    {
        Permission.ANYONE: Grant(
            frozenset(), "Public pages: sign in, what a sticker says, help. They show nothing of owners or kits."
        ),
        Permission.SIGNED_IN: Grant(frozenset(Role), "A person's own account: language, password, sign out."),
        Permission.OWN_THINGS: Grant(
            frozenset({Role.RESIDENT}), "Residents see and change their own kits, items, stickers and reports."
        ),
        Permission.POLICE_WORK: Grant(
            frozenset({Role.OFFICER}), "Officers open cases, identify and hand over, within their own authority."
        ),
        Permission.EQUIPMENT: Grant(
            frozenset({Role.ASSET_MANAGER}), "Asset managers see and label their own organisation's equipment."
        ),
        Permission.DELIVERIES: Grant(
            frozenset({Role.SUPPLIER, Role.ADMINISTRATOR}), "Suppliers follow their own deliveries, never owners."
        ),
        Permission.ADMINISTRATION: Grant(
            frozenset({Role.ADMINISTRATOR}), "Administrators manage accounts and stations and read the log, not owners."
        ),
        Permission.LABEL_PROGRAM: Grant(
            frozenset({Role.ASSET_MANAGER}),
            "A program with an asset manager's access token prints labels of that manager's own equipment, and blank "
            "stickers for it.",
        ),
        Permission.CASE_LABEL_PROGRAM: Grant(
            frozenset({Role.OFFICER}),
            "A program with an officer's access token prints labels of what is held in the own authority's cases.",
        ),
        Permission.LABEL_JOB: Grant(
            frozenset({Role.ASSET_MANAGER, Role.OFFICER}),
            "A program asks how far the jobs are that its own account ordered, and fetches their PDFs.",
        ),
        Permission.ACCESS_TOKENS: Grant(
            frozenset({Role.ASSET_MANAGER, Role.OFFICER}),
            "Those whose programs the API serves make, see and revoke their own access tokens.",
        ),
        Permission.STATION: Grant(
            frozenset(), "A station with its own token, not a person, delivers readings to its authority's open cases."
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Rule:
    """What a view asks for.

    ``writes`` is True when even a GET writes (a look-up that must be logged); ``largest_body`` is the most bytes it
    takes when that is less than the application allows.
    """

    permission: Permission
    writes: bool = False
    largest_body: int | None = None


View = TypeVar("View", bound=Callable[..., Any])


def needs(permission: Permission, *, writes: bool = False, largest_body: int | None = None) -> Callable[[View], View]:
    """Mark a view with the permission it needs; the innermost decorator of every view."""

    def mark(view: View) -> View:
        view.access_rule = Rule(permission, writes, largest_body)  # type: ignore[attr-defined]
        return view

    return mark


def rule_of(view: Callable[..., Any] | None) -> Rule | None:
    """The rule a view was marked with, or None: then nobody may open it."""
    return getattr(view, "access_rule", None)


def allows(actor: Actor, permission: Permission) -> bool:
    """Whether the table lets the actor use the permission."""
    if permission is Permission.ANYONE:
        return True
    if permission is Permission.STATION:
        return actor.station_id is not None
    return bool(actor.role_names & TABLE[permission].roles)
