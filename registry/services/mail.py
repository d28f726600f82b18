"""Messages: promised in a transaction, sent after it, tried again until they are gone.

Without a mail server in the settings each message is written to a file instead, as the demo does.
"""

import os
import smtplib
import ssl
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import clock
from registry.models.accounts import Account
from registry.models.mail import OutgoingMail
from registry.services.context import settings_of
from registry.services.sealing import new_uid, sealer
from registry.settings import RegistrySettings

__all__ = ["queue", "send_waiting"]

_SMTP_SECONDS = 10
_MOST_TRIES = 20


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
    seal = sealer(session, "outgoing_mail", uid, account.data_key_id)
    sealed = seal.seal_bytes("message", message.as_bytes())
    session.add(OutgoingMail(uid=uid, account_id=account.id, message_sealed=sealed, queued_at=clock.now()))
    session.flush()


def send_waiting(session: Session, limit: int = 20) -> int:
    """Send what waits, oldest first; returns how many went. A mail server that is down leaves them waiting.

    Rows are locked while they are sent, so that two processes never send the same message.
    """
    settings = settings_of(session)
    waiting = session.scalars(
        select(OutgoingMail)
        .where(OutgoingMail.sent_at.is_(None), OutgoingMail.tries < _MOST_TRIES)
        .order_by(OutgoingMail.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    sent = 0
    for row in waiting:
        account = session.get_one(Account, row.account_id)
        content = sealer(session, "outgoing_mail", row.uid, account.data_key_id).open_bytes(
            "message", row.message_sealed
        )
        row.tries += 1
        try:
            _deliver(settings, row.uid, content)
        except OSError:
            # The server is down or refuses: the rest would fare no better now.
            break
        row.sent_at = clock.now()
        sent += 1
    return sent


def _deliver(settings: RegistrySettings, uid: str, content: bytes) -> None:
    if not settings.smtp_host:
        settings.mail_directory.mkdir(parents=True, exist_ok=True)
        name = f"{clock.now():%Y%m%dT%H%M%S}-{uid[:8]}.eml"
        (settings.mail_directory / name).write_bytes(content)
        return
    context = ssl.create_default_context()
    with _connect(settings, context) as server:
        if settings.smtp_security == "starttls":
            server.starttls(context=context)
        if settings.smtp_user:
            server.login(settings.smtp_user, os.environ.get("MARKDNA_SMTP_PASSWORD", ""))
        server.send_message(message_from_bytes(content, policy=SMTP))


def _connect(settings: RegistrySettings, context: ssl.SSLContext) -> smtplib.SMTP:
    if settings.smtp_security == "tls":
        return smtplib.SMTP_SSL(settings.smtp_host, settings.smtp_port, timeout=_SMTP_SECONDS, context=context)
    return smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=_SMTP_SECONDS)
