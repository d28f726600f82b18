"""Staff accounts as an administrator sees them. Residents' accounts are not among them: nobody looks those up here."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import clock
from registry.errors import Conflict, InvalidInput, NotFound
from registry.models.accounts import Account, Membership, Organisation, OrganisationKind
from registry.services import accounts, audit
from registry.services.accounts import NewAccount
from registry.services.actor import Actor, Role
from registry.services.sealing import sealer
from registry.services.text import one_line

__all__ = ["ROLES", "StaffLine", "create", "disable", "every", "grant", "organisations"]

ROLES: dict[Role, OrganisationKind | None] = {
    Role.OFFICER: OrganisationKind.POLICE,
    Role.ASSET_MANAGER: OrganisationKind.MUNICIPALITY,
    Role.COORDINATOR: OrganisationKind.MUNICIPALITY,
    Role.SUPPLIER: OrganisationKind.SUPPLIER,
    Role.ADMINISTRATOR: None,
}
"""The roles of staff, and in which kind of organisation each holds (None: in the register as a whole)."""
_PASSWORD_BYTES = 15


@dataclass(frozen=True, slots=True)
class StaffLine:
    """A staff account in a list."""

    account_id: int
    name: str
    email: str
    roles: tuple[tuple[Role, str], ...]
    """Each role with the name of its organisation, empty for an administrator."""
    created_at: datetime
    disabled_at: datetime | None


def every(session: Session, actor: Actor) -> list[StaffLine]:
    """All accounts with a role of staff, newest first; that they were listed is logged."""
    audit.record(session, actor, audit.Action.ACCOUNTS_LISTED, "accounts:staff")
    roles: dict[int, list[tuple[Role, str]]] = {}
    rows = session.execute(
        select(Membership.account_id, Membership.role, Organisation.name)
        .outerjoin(Organisation, Organisation.id == Membership.organisation_id)
        .where(Membership.role != Role.RESIDENT)
        .order_by(Membership.id)
    )
    for account_id, role, organisation in rows:
        roles.setdefault(account_id, []).append((role, organisation or ""))
    lines = []
    for account in session.scalars(select(Account).where(Account.id.in_(roles)).order_by(Account.id.desc())):
        seal = sealer(session, "account", account.uid, account.data_key_id)
        lines.append(
            StaffLine(
                account_id=account.id,
                name=seal.open("name", account.name_sealed),
                email=seal.open("email", account.email_sealed),
                roles=tuple(roles[account.id]),
                created_at=account.created_at,
                disabled_at=account.disabled_at,
            )
        )
    return lines


def organisations(session: Session, role: Role | None = None) -> list[tuple[int, str]]:
    """Number and name of all organisations, or of those in which ``role`` can hold, by name."""
    query = select(Organisation.id, Organisation.name).order_by(Organisation.name)
    if role is not None:
        query = query.where(Organisation.kind == ROLES[role])
    return [(row.id, row.name) for row in session.execute(query)]


def create(
    session: Session, actor: Actor, email: str, name: str, role: Role, organisation_id: int | None, language: str = "sv"
) -> str:
    """Create a staff account with a role; returns its first password, which is shown once and kept nowhere in clear."""
    password = secrets.token_urlsafe(_PASSWORD_BYTES)
    new = NewAccount(email=email, name=one_line("name", name, 1, 100), password=password, language=language)
    _check(session, role, organisation_id)
    account = accounts.create(session, actor, new)
    # The administrator vouches for the address; staff have no kit whose post could confirm it.
    account.email_confirmed_at = clock.now()
    accounts.grant(session, actor, account.id, role, organisation_id)
    return password


def grant(session: Session, actor: Actor, account_id: int, role: Role, organisation_id: int | None) -> None:
    """Give a staff account one more role; raises NotFound for a resident's account."""
    _check(session, role, organisation_id)
    _staff_account(session, account_id)
    accounts.grant(session, actor, account_id, role, organisation_id)


def disable(session: Session, actor: Actor, account_id: int) -> None:
    """Stop a staff account: its sessions end with their next click; raises Conflict for the actor's own."""
    _staff_account(session, account_id)
    if account_id == actor.account_id:
        raise Conflict(what="Your own account", reason="somebody else must do that")
    accounts.shut_out(session, actor, account_id)


def _check(session: Session, role: Role, organisation_id: int | None) -> None:
    """A role holds in its own kind of organisation, or in none."""
    if role not in ROLES:
        raise InvalidInput(field="role", value=role.value, allowed="a role of staff")
    wanted = ROLES[role]
    organisation = None if organisation_id is None else session.get(Organisation, organisation_id)
    if (organisation.kind if organisation else None) is not wanted or (organisation_id is None) is not (wanted is None):
        raise InvalidInput(
            field="organisation",
            value=str(organisation_id),
            allowed="an organisation that fits the role; none for an administrator",
        )


def _staff_account(session: Session, account_id: int) -> None:
    held = select(Membership.id).where(Membership.account_id == account_id, Membership.role != Role.RESIDENT).limit(1)
    if session.scalar(held) is None:
        raise NotFound(what="account", which=account_id)
