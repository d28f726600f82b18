"""What the register writes to residents, in their language.

A letter names no item, no value and no address (threat T22: e-mail is read by others), and asks for nothing but a click
on the register's own address.
"""

from collections.abc import Callable

from sqlalchemy.orm import Session

from registry.language import Language, words
from registry.models.accounts import Account
from registry.services import mail
from registry.services.actor import Actor
from registry.services.context import settings_of
from registry.services.sealing import sealer

__all__ = [
    "already_confirmed",
    "confirm_address",
    "have_account",
    "kit_registered",
    "password_changed",
    "theft_reported",
]

Words = Callable[[str], str]


def confirm_address(session: Session, account: Account, token: str) -> None:
    """The letter with the link that confirms a new account's address."""
    gettext = _words(account)
    text = gettext(
        "Welcome to {register}.\n\n"
        "Open this address to confirm that the account is yours. It works once and for 24 hours:\n\n{link}\n\n"
        "If you did not create an account you need do nothing: without the confirmation it stays unused."
    )
    link = f"{settings_of(session).public_url}/confirm/{token}"
    _send(session, account, gettext("Confirm your e-mail address"), text, link=link)


def have_account(session: Session, account: Account) -> None:
    """The letter to somebody who has an account and for whose address another was asked for."""
    gettext = _words(account)
    text = gettext(
        "Somebody, probably you, asked for an account at {register} with this address.\n\n"
        "You already have one. Sign in here with the password you chose then:\n\n{link}\n\n"
        "If it was not you, you need do nothing: nothing has been changed."
    )
    link = f"{settings_of(session).public_url}/sign-in"
    _send(session, account, gettext("You already have an account"), text, link=link)


def already_confirmed(session: Session, account: Account) -> None:
    """The letter to somebody who asks for a new confirmation link and needs none."""
    gettext = _words(account)
    text = gettext(
        "You asked for a new link to confirm your address at {register}.\n\n"
        "Your address is confirmed already. Sign in here:\n\n{link}"
    )
    link = f"{settings_of(session).public_url}/sign-in"
    _send(session, account, gettext("Your address is confirmed already"), text, link=link)


def kit_registered(session: Session, account: Account, code: str) -> None:
    """The receipt for a registered kit; of its code only the end is told."""
    gettext = _words(account)
    text = gettext(
        "The kit whose code ends in {ending} is now registered to you at {register}.\n\n"
        "Things that you mark with it can be traced back to you if the police find them.\n\n"
        "If you did not register a kit, change your password at once and tell the register:\n\n{link}"
    )
    link = f"{settings_of(session).public_url}/account"
    _send(session, account, gettext("Your kit is registered"), text, ending=code[-4:], link=link)


def password_changed(session: Session, actor: Actor) -> None:
    """The notice to the actor that the password of their account was changed."""
    account = session.get_one(Account, actor.own_account("change the password"))
    gettext = _words(account)
    text = gettext(
        "The password of your account at {register} was changed just now, and other devices were signed out.\n\n"
        "If it was not you, contact {authority} at once."
    )
    _send(session, account, gettext("Your password was changed"), text)


def theft_reported(session: Session, account: Account, police_number: str) -> None:
    """The receipt for a theft report; it tells the police's number and nothing of what was stolen."""
    gettext = _words(account)
    text = gettext(
        "Your theft report with the police's number {number} is noted at {register}.\n\n"
        "Whoever looks up one of the stickers now sees that the thing is reported stolen. If you get your things back, "
        "withdraw the report here:\n\n{link}"
    )
    link = f"{settings_of(session).public_url}/my/thefts"
    _send(session, account, gettext("Your theft report is noted"), text, number=police_number, link=link)


def _words(account: Account) -> Words:
    return words(Language(account.language)).gettext


def _send(session: Session, account: Account, subject: str, text: str, **places: str) -> None:
    settings = settings_of(session)
    seal = sealer(session, "account", account.uid, account.data_key_id)
    recipient, name = seal.open("email", account.email_sealed), seal.open("name", account.name_sealed)
    gettext = _words(account)
    greeting = gettext("Hello {name},").format(name=" ".join(name.split()))
    body = text.format(register=settings.name, authority=settings.authority, **places)
    sender = gettext("{register}, {authority}").format(register=settings.name, authority=settings.authority)
    mail.queue(session, account, recipient, subject, f"{greeting}\n\n{body}\n\n{sender}\n")
