"""Accounts: who may sign in, and what each is to the register."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry import clock
from registry.errors import InvalidInput, NotFound, PasswordRefused
from registry.models.accounts import (
    Account,
    AccountToken,
    Membership,
    Organisation,
    OrganisationKind,
    Role,
    TokenPurpose,
)
from registry.services import audit, throttle
from registry.services.actor import Actor
from registry.services.context import keyring_of
from registry.services.sealing import new_uid, sealer
from registry.services.throttle import Limit

__all__ = [
    "HASHER",
    "NewAccount",
    "Profile",
    "actor_of",
    "change_language",
    "change_password",
    "check_password",
    "confirm_email",
    "confirm_password",
    "create",
    "disable",
    "find_by_email",
    "grant",
    "issue_confirmation",
    "organisation_named",
    "organisation_names",
    "organisation_there",
    "password_belongs_to_token",
    "profile",
    "replace_unconfirmed",
    "shut_out",
    "token_hash",
    "valid_email",
]

# OWASP's first choice for argon2id: 19 MiB, two passes, one lane.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Plain ASCII addresses only: what a mail header carries without extensions (RFC 5321 4.1.2, dot-string form).
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_EMAIL = re.compile(rf"{_ATOM}(\.{_ATOM})*@([A-Za-z0-9-]+\.)+[A-Za-z]{{2,}}")
_SHORTEST_PASSWORD = 12
_LONGEST_PASSWORD = 128
_CONFIRM_HOURS = 24


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What is needed for an account; the password in the clear lives only in this value."""

    email: str
    name: str
    password: str
    language: str = "sv"
    owner_id: int | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """An account as its own holder sees it."""

    account_id: int
    email: str
    name: str
    language: str
    email_confirmed: bool


def create(session: Session, actor: Actor, new: NewAccount) -> Account:
    """Create an account; raises InvalidInput for a bad address, a weak password or an address already in use."""
    email = new.email.strip()
    if not valid_email(email):
        raise InvalidInput(field="email", value=repr(email), allowed="an address such as anna@exempel.se")
    check_password(new.password, email)
    uid = new_uid()
    seal = sealer(session, "account", uid)
    account = Account(
        uid=uid,
        data_key_id=seal.data_key_id,
        email_sealed=seal.seal("email", email),
        email_index=keyring_of(session).blind_index("account.email", email),
        name_sealed=seal.seal("name", new.name.strip()),
        password_hash=HASHER.hash(new.password),
        owner_id=new.owner_id,
        language=new.language,
        created_at=clock.now(),
    )
    try:
        with session.begin_nested():
            session.add(account)
    except IntegrityError:
        raise InvalidInput(field="email", value=repr(email), allowed="an address without an account") from None
    audit.record(session, actor, audit.Action.ACCOUNT_CREATED, f"account:{account.id}")
    return account


def valid_email(email: str) -> bool:
    """Whether the text is an address that mail can be sent to."""
    return len(email) <= 200 and _EMAIL.fullmatch(email) is not None


def check_password(password: str, email: str) -> None:
    """Raise InvalidInput unless the password is 12 to 128 characters and not the address itself."""
    if not _SHORTEST_PASSWORD <= len(password) <= _LONGEST_PASSWORD:
        raise InvalidInput(
            field="password", value="…", allowed=f"{_SHORTEST_PASSWORD} to {_LONGEST_PASSWORD} characters"
        )
    local = email.split("@", maxsplit=1)[0].casefold()
    if password.casefold() in {email.casefold(), local * 2} or len(set(password)) < 4:
        raise InvalidInput(field="password", value="…", allowed="something that is not easily guessed")


def grant(session: Session, actor: Actor, account_id: int, role: Role, organisation_id: int | None = None) -> None:
    """Give an account a role; a second grant of the same changes nothing."""
    held = session.scalar(
        select(Membership.id).where(
            Membership.account_id == account_id,
            Membership.role == role,
            Membership.organisation_id.is_(organisation_id)
            if organisation_id is None
            else Membership.organisation_id == organisation_id,
        )
    )
    if held is not None:
        return
    row = Membership(account_id=account_id, role=role, organisation_id=organisation_id, created_at=clock.now())
    session.add(row)
    session.flush()
    audit.record(
        session,
        actor,
        audit.Action.ROLE_GRANTED,
        f"account:{account_id}",
        organisation_id=organisation_id,
        details={"role": role.value},
    )


def disable(session: Session, actor: Actor, email: str) -> None:
    """Shut out the account with this address. Raises NotFound when there is none that is open."""
    account = find_by_email(session, email)
    if account is None:
        raise NotFound(what="account", which=email)
    shut_out(session, actor, account.id)


def shut_out(session: Session, actor: Actor, account_id: int) -> None:
    """Shut an account out: its sessions end at once. Raises NotFound when it is not open."""
    changed = session.execute(
        update(Account)
        .where(Account.id == account_id, Account.disabled_at.is_(None))
        .values(disabled_at=clock.now())
        .returning(Account.id)
    ).scalar_one_or_none()
    if changed is None:
        raise NotFound(what="account", which=account_id)
    audit.record(session, actor, audit.Action.ACCOUNT_DISABLED, f"account:{account_id}")


def actor_of(session: Session, account: Account) -> Actor:
    """The account as an actor, with its roles as they are at this moment."""
    pairs = session.execute(
        select(Membership.role, Membership.organisation_id).where(Membership.account_id == account.id)
    )
    return Actor(
        label=f"account:{account.id}",
        account_id=account.id,
        owner_id=account.owner_id,
        roles=frozenset((role, organisation_id) for role, organisation_id in pairs),
    )


def find_by_email(session: Session, email: str) -> Account | None:
    """The account with this address, found through the blind index."""
    index = keyring_of(session).blind_index("account.email", email)
    return session.scalar(select(Account).where(Account.email_index == index))


def profile(session: Session, account_id: int) -> Profile:
    """An account's own data in the clear; the caller has checked that the reader is its holder."""
    account = session.get_one(Account, account_id)
    seal = sealer(session, "account", account.uid, account.data_key_id)
    return Profile(
        account_id=account.id,
        email=seal.open("email", account.email_sealed),
        name=seal.open("name", account.name_sealed),
        language=account.language,
        email_confirmed=account.email_confirmed_at is not None,
    )


def change_language(session: Session, actor: Actor, language: str) -> None:
    """The language in which the account is written to and its pages are shown, ``sv`` or ``en``."""
    account_id = actor.own_account("change the language")
    session.execute(update(Account).where(Account.id == account_id).values(language=language))
    audit.record(session, actor, audit.Action.ACCOUNT_CHANGED, f"account:{account_id}", details={"language": language})


def change_password(session: Session, actor: Actor, current: str, new: str) -> None:
    """Set a new password for the actor's own account; the caller ends its other sessions.

    Raises PasswordRefused when ``current`` is wrong (counted like a sign-in), TooManyAttempts when slowed, InvalidInput
    when ``new`` is weak.
    """
    account = confirm_password(session, actor, current)
    check_password(new, profile(session, account.id).email)
    account.password_hash = HASHER.hash(new)
    session.flush()
    audit.record(session, actor, audit.Action.PASSWORD_CHANGED, f"account:{account.id}")


def confirm_password(session: Session, actor: Actor, current: str) -> Account:
    """The actor's own account, if ``current`` is its password: asked again before what outlives a session.

    Raises PasswordRefused when it is wrong (counted like a sign-in), TooManyAttempts when slowed.
    """
    account = session.get_one(Account, actor.own_account("confirm the password"))
    key = f"account:{account.id}"
    throttle.check(session, Limit.SIGN_IN_ACCOUNT, key)
    try:
        HASHER.verify(account.password_hash, current)
    except VerificationError:
        throttle.count(session, Limit.SIGN_IN_ACCOUNT, key)
        audit.record(session, actor, audit.Action.PASSWORD_REFUSED, key)
        raise PasswordRefused from None
    throttle.clear(session, Limit.SIGN_IN_ACCOUNT, key)
    return account


def organisation_names(session: Session, actor: Actor) -> list[str]:
    """Names of the organisations in which the actor has a role, in alphabetical order."""
    ids = {organisation_id for _, organisation_id in actor.roles if organisation_id is not None}
    return sorted(session.scalars(select(Organisation.name).where(Organisation.id.in_(ids))))


def issue_confirmation(session: Session, account_id: int) -> str:
    """A token, good for a day and one use, to be mailed to the account's address."""
    token = secrets.token_urlsafe(32)
    session.add(
        AccountToken(
            token_hash=token_hash(token),
            account_id=account_id,
            purpose=TokenPurpose.CONFIRM_EMAIL,
            expires_at=clock.now() + timedelta(hours=_CONFIRM_HOURS),
        )
    )
    session.flush()
    return token


def confirm_email(session: Session, actor: Actor, token: str) -> int:
    """Confirm the address a token was mailed to and return the account's id; raises NotFound for a spent token."""
    now = clock.now()
    used = session.execute(
        update(AccountToken)
        .where(
            AccountToken.token_hash == token_hash(token),
            AccountToken.purpose == TokenPurpose.CONFIRM_EMAIL,
            AccountToken.used_at.is_(None),
            AccountToken.expires_at > now,
        )
        .values(used_at=now)
        .returning(AccountToken.account_id)
    ).scalar_one_or_none()
    if used is None:
        raise NotFound(what="confirmation", which="")
    session.execute(update(Account).where(Account.id == used).values(email_confirmed_at=now))
    audit.record(session, actor, audit.Action.ACCOUNT_CONFIRMED, f"account:{used}")
    return used


def password_belongs_to_token(session: Session, token: str, password: str) -> bool:
    """Whether ``password`` is that of the account whose confirmation token this is; it does not spend the token."""
    known = session.scalar(
        select(Account.password_hash)
        .join(AccountToken, AccountToken.account_id == Account.id)
        .where(
            AccountToken.token_hash == token_hash(token),
            AccountToken.used_at.is_(None),
            AccountToken.expires_at > clock.now(),
        )
    )
    if known is None:
        raise NotFound(what="confirmation", which="")
    try:
        return HASHER.verify(known, password)
    except VerificationError:
        return False


def replace_unconfirmed(session: Session, account: Account, name: str, password: str, language: str) -> None:
    """A new registration of an address that was never confirmed takes the place of the old one."""
    seal = sealer(session, "account", account.uid, account.data_key_id)
    account.name_sealed = seal.seal("name", name)
    account.password_hash = HASHER.hash(password)
    account.language = language
    session.flush()


def organisation_named(
    session: Session, actor: Actor, name: str, kind: OrganisationKind, *, phone: str = "", email: str = ""
) -> int:
    """The organisation with this name, created at the first call.

    Raises InvalidInput when the name is empty or an organisation of another kind has it.
    """
    name = " ".join(name.split())
    if not name:
        raise InvalidInput(field="organisation", value=repr(name), allowed="the name of an organisation")
    found = session.execute(select(Organisation.id, Organisation.kind).where(Organisation.name == name)).one_or_none()
    if found is not None:
        if found.kind is not kind:
            raise InvalidInput(
                field="organisation", value=repr(name), allowed=f"an organisation of another name: it is a {found.kind}"
            )
        known: int = found.id
        return known
    row = Organisation(name=name, kind=kind, phone=phone, email=email, created_at=clock.now())
    session.add(row)
    session.flush()
    audit.record(
        session, actor, audit.Action.ORGANISATION_CREATED, f"organisation:{row.id}", details={"kind": kind.value}
    )
    return row.id


def organisation_there(session: Session, name: str, kind: OrganisationKind) -> int:
    """The organisation of that kind and name; raises InvalidInput with the names there are, and makes none."""
    name = " ".join(name.split())
    known = {
        row.name: row.id
        for row in session.execute(
            select(Organisation.name, Organisation.id).where(Organisation.kind == kind).order_by(Organisation.name)
        )
    }
    if name not in known:
        none = "an organisation that is registered, and none of this kind is yet"
        raise InvalidInput(field="organisation", value=repr(name), allowed=", ".join(known) or none)
    found: int = known[name]
    return found


def token_hash(token: str) -> bytes:
    """What the database keeps of a random token."""
    return hashlib.sha256(token.encode()).digest()
