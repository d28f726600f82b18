"""Residents register themselves: an account, the owner behind it, and the proof that the e-mail address is theirs.

Nobody learns here whether an address has an account (threat T16): the answer is the same and takes the same work, only
the letter differs. Until its address is confirmed an account cannot sign in, and a new registration of the same address
replaces it; so an address cannot be taken from its holder by registering it first.
"""

import secrets
from dataclasses import dataclass

from sqlalchemy import update
from sqlalchemy.orm import Session

from registry import clock
from registry.errors import InvalidInput, PasswordRefused
from registry.models.accounts import Account, AccountToken, TokenPurpose
from registry.services import accounts, letters, owners, sessions, throttle
from registry.services.accounts import NewAccount, valid_email
from registry.services.actor import Actor, Role
from registry.services.context import keyring_of
from registry.services.owners import Contact, OwnerKind
from registry.services.throttle import Limit

__all__ = ["NewResident", "confirm", "proof_of", "register", "resend", "valid_email"]

_KINDS = frozenset({OwnerKind.PERSON, OwnerKind.HOUSEHOLD})


@dataclass(frozen=True, slots=True)
class NewResident:
    """What a resident gives to register; ``kind`` is a person or a household."""

    email: str
    name: str
    password: str
    kind: OwnerKind = OwnerKind.PERSON
    language: str = "sv"


def register(session: Session, actor: Actor, new: NewResident, address: str) -> str:
    """Register a resident, or write to the holder of an account that exists.

    Returns a proof that the browser may keep: with it and the mailed token the address is confirmed without the
    password being typed again. It looks the same, and opens nothing, when the address had an account. ``address`` is
    the network address, by which creation is slowed (TooManyAttempts). Raises InvalidInput for name, address, kind or
    password.
    """
    email, name = new.email.strip(), " ".join(new.name.split())
    _check(email, name, new)
    throttle.check(session, Limit.ACCOUNT_CREATION, address)
    throttle.check(session, Limit.MAIL, email)
    throttle.count(session, Limit.ACCOUNT_CREATION, address)
    throttle.count(session, Limit.MAIL, email)
    cleaned = NewResident(email, name, new.password, new.kind, new.language)
    held = accounts.find_by_email(session, email)
    if held is not None and held.email_confirmed_at is not None:
        _rehearse(session, actor, cleaned)
        letters.have_account(session, held)
        return proof_of(session, secrets.token_urlsafe(32))
    account = held or _create(session, actor, cleaned)
    if held is not None:
        _replace(session, actor, held, cleaned)
    return _send_token(session, account)


def resend(session: Session, email: str) -> None:
    """Send a new confirmation link; the same silence whatever the address. Raises TooManyAttempts when slowed."""
    throttle.check(session, Limit.MAIL, email.strip())
    throttle.count(session, Limit.MAIL, email.strip())
    account = accounts.find_by_email(session, email)
    if account is None or account.disabled_at is not None:
        return
    if account.email_confirmed_at is not None:
        letters.already_confirmed(session, account)
    else:
        _send_token(session, account)


def confirm(session: Session, actor: Actor, token: str, *, proof: str = "", password: str = "") -> str:
    """Confirm an address with the mailed token and start a session; returns the session's token.

    Either ``proof`` shows that this browser made the registration, or ``password`` is the one chosen then: the mail
    alone is not enough, or somebody could lead the address's holder into an account whose password a stranger knows.
    Raises NotFound for a spent or unknown token and PasswordRefused, which leaves the token unspent.
    """
    key = accounts.token_hash(token).hex()
    known = secrets.compare_digest(proof.encode(), proof_of(session, token).encode())
    if not known:
        throttle.check(session, Limit.SIGN_IN_ACCOUNT, key)
        if not accounts.password_belongs_to_token(session, token, password):
            throttle.count(session, Limit.SIGN_IN_ACCOUNT, key)
            raise PasswordRefused
    account_id = accounts.confirm_email(session, actor, token)
    return sessions.start(session, session.get_one(Account, account_id))


def proof_of(session: Session, token: str) -> str:
    """What the browser that registered keeps: a keyed hash of the token, from which the token cannot be had."""
    return keyring_of(session).blind_index("registration.browser", accounts.token_hash(token).hex()).hex()


def _check(email: str, name: str, new: NewResident) -> None:
    if not valid_email(email):
        raise InvalidInput(field="email", value=repr(email), allowed="an address such as anna@exempel.se")
    if not 1 <= len(name) <= 120 or not name.isprintable():
        raise InvalidInput(field="name", value=repr(name), allowed="1 to 120 characters")
    if new.kind not in _KINDS:
        raise InvalidInput(field="kind", value=repr(new.kind), allowed="person or household")
    accounts.check_password(new.password, email)


def _create(session: Session, actor: Actor, new: NewResident) -> Account:
    owner_id = owners.create(session, actor, new.kind, Contact(new.name, email=new.email))
    wanted = NewAccount(new.email, new.name, new.password, new.language, owner_id)
    account = accounts.create(session, actor, wanted)
    accounts.grant(session, actor, account.id, Role.RESIDENT)
    return account


def _rehearse(session: Session, actor: Actor, new: NewResident) -> None:
    """Do the work of a registration and throw it away, so that the clock does not tell that the address is known."""
    stranger = NewResident(f"{secrets.token_hex(16)}@exempel.example", new.name, new.password, new.kind, new.language)
    trial = session.begin_nested()
    _issue(session, _create(session, actor, stranger))
    trial.rollback()


def _replace(session: Session, actor: Actor, account: Account, new: NewResident) -> None:
    accounts.replace_unconfirmed(session, account, new.name, new.password, new.language)
    if account.owner_id is not None:
        as_owner = Actor(label=actor.label, owner_id=account.owner_id)
        owners.change_contact(session, as_owner, Contact(new.name, email=new.email), kind=new.kind)


def _send_token(session: Session, account: Account) -> str:
    token = _issue(session, account)
    letters.confirm_address(session, account, token)
    return proof_of(session, token)


def _issue(session: Session, account: Account) -> str:
    """A fresh token; older ones of the same account stop working."""
    older = (AccountToken.account_id == account.id, AccountToken.purpose == TokenPurpose.CONFIRM_EMAIL)
    session.execute(update(AccountToken).where(*older, AccountToken.used_at.is_(None)).values(used_at=clock.now()))
    return accounts.issue_confirmation(session, account.id)
