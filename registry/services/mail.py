"""Messages: promised in a transaction, sent after it, tried again until they are gone.

Without a mail server in the settings each message is written to a file instead, as the demo does.
"""

import logging
import os
import smtplib
import ssl
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from registry import clock
from registry.database import Database
from registry.errors import KeyFault
from registry.models.accounts import Account
from registry.models.mail import OutgoingMail
from registry.services.context import settings_of
from registry.services.sealing import new_uid, sealer
from registry.settings import RegistrySettings

__all__ = ["QUEUED", "queue", "send_waiting"]

_LOG: Final = logging.getLogger(__name__)
_SMTP_SECONDS: Final = 10
# A message that did not go is tried again after one minute, then two, at last after an hour; for five days in all,
# as RFC 5321 (4.5.4.1) asks of a sender, so that a mail server may be away over a long weekend.
_MOST_TRIES: Final = 150
_IN_HAND: Final = timedelta(minutes=1)
_LONGEST_PAUSE: Final = 60

QUEUED: Final = "mail_queued"
"""Key in ``session.info`` that tells whoever commits that the postman has something to fetch."""


@dataclass(frozen=True, slots=True)
class _InHand:
    id: int
    uid: str
    content: bytes | None


def queue(session: Session, account: Account, recipient: str, subject: str, text: str) -> None:
    """Promise one message to one recipient; it exists only if the transaction is committed."""
    message = EmailMessage(policy=SMTP)
    message["From"] = settings_of(session).mail_from
    # Address refuses line breaks and a second recipient in one string.
    message["To"] = Address(addr_spec=recipient)
    message["Subject"] = " ".join(subject.split())
    message["Date"] = clock.now()
    message.set_content(text)
    uid = new_uid()
    # A message that goes twice, since a process died in between, is known by this to the reader's mail program.
    message["Message-ID"] = f"<{uid}@{settings_of(session).mail_from.rpartition('@')[2]}>"
    seal = sealer(session, "outgoing_mail", uid, account.data_key_id)
    sealed = seal.seal_bytes("message", message.as_bytes())
    session.add(OutgoingMail(uid=uid, account_id=account.id, message_sealed=sealed, queued_at=clock.now()))
    session.flush()
    session.info[QUEUED] = True


def send_waiting(database: Database, limit: int = 100) -> int:
    """Send what waits, oldest first; returns how many went. A mail server that is down leaves the rest waiting."""
    sent = 0
    for _ in range(limit):
        with database.transaction() as session:
            settings, message = settings_of(session), _take(session)
        if message is None:
            break
        if message.content is None:
            _LOG.warning("message %s waits: it does not open", message.uid[:8])
            continue
        try:
            _deliver(settings, message.uid, message.content)
        except smtplib.SMTPRecipientsRefused:
            _LOG.warning("message %s waits: its recipient was refused", message.uid[:8])
            continue
        except (OSError, smtplib.SMTPException) as fault:
            # The server is down or refuses; the others would fare no better now.
            _LOG.warning("message %s waits: %s", message.uid[:8], type(fault).__name__)
            break
        with database.transaction() as session:
            now = clock.now()
            session.execute(update(OutgoingMail).where(OutgoingMail.id == message.id).values(sent_at=now))
        sent += 1
    return sent


def _take(session: Session) -> _InHand | None:
    """Take the oldest waiting message in hand, so that no other process sends it too."""
    now = clock.now()
    row = session.scalar(
        select(OutgoingMail)
        .where(
            OutgoingMail.sent_at.is_(None),
            OutgoingMail.tries < _MOST_TRIES,
            OutgoingMail.held_until.is_(None) | (OutgoingMail.held_until < now),
        )
        .order_by(OutgoingMail.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if row is None:
        return None
    row.tries += 1
    row.held_until = now + _IN_HAND * min(row.tries, _LONGEST_PAUSE)
    return _InHand(row.id, row.uid, _opened(session, row))


def _opened(session: Session, row: OutgoingMail) -> bytes | None:
    """The message in the clear; None when its account's key was destroyed, for then nobody is left to write to."""
    account = session.get_one(Account, row.account_id)
    try:
        seal = sealer(session, "outgoing_mail", row.uid, account.data_key_id)
        return seal.open_bytes("message", row.message_sealed)
    except KeyFault:
        return None


def _deliver(settings: RegistrySettings, uid: str, content: bytes) -> None:
    if not settings.smtp_host:
        _write_file(settings.mail_directory, f"{clock.now():%Y%m%dT%H%M%S}-{uid[:8]}.eml", content)
        return
    with _connect(settings) as server:
        if settings.smtp_security == "starttls":
            server.starttls(context=ssl.create_default_context())
        if settings.smtp_user:
            server.login(settings.smtp_user, os.environ.get("MARKDNA_SMTP_PASSWORD", ""))
        server.send_message(message_from_bytes(content, policy=SMTP))


def _write_file(folder: Path, name: str, content: bytes) -> None:
    """Write a message that only this user can read: it holds an address and a link that opens an account."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def _connect(settings: RegistrySettings) -> smtplib.SMTP:
    if settings.smtp_security == "tls":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(settings.smtp_host, settings.smtp_port, timeout=_SMTP_SECONDS, context=context)
    return smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=_SMTP_SECONDS)
