"""Messages over a real mail server: one recipient, sent once, waiting while the server is away."""

import socket
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
import time_machine
from aiosmtpd.controller import Controller
from sqlalchemy import select, update

from registry import clock
from registry.database import Database
from registry.models.accounts import DataKey
from registry.models.mail import OutgoingMail
from registry.services import accounts, mail
from registry.services.accounts import NewAccount
from registry.services.actor import OPERATOR

KARIN = "karin@exempel.example"


class Inbox:
    """A mail server's ear: keeps what came; refuses the recipients it is told to."""

    def __init__(self, port: int) -> None:
        self.envelopes: list[tuple[list[str], bytes]] = []
        self.refused: set[str] = set()
        self.port = port
        self.controller: Controller | None = None

    def start(self) -> None:
        """Let the server listen; before that a connection is refused."""
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self.controller.start()

    async def handle_RCPT(self, _server, _session, envelope, address, _options) -> str:  # noqa: N802
        if address in self.refused:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope) -> str:  # noqa: N802
        self.envelopes.append((list(envelope.rcpt_tos), envelope.content))
        return "250 OK"


@pytest.fixture
def inbox():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        received = Inbox(free.getsockname()[1])
    yield received
    if received.controller is not None:
        received.controller.stop()


@pytest.fixture
def register(database: Database, settings, inbox) -> Iterator[Database]:
    mailing = settings.model_copy(update={"smtp_host": "127.0.0.1", "smtp_port": inbox.port, "smtp_security": "none"})
    database.context["settings"] = mailing
    opened = Database(database.url, database.context)
    yield opened
    opened.close()


def promise(register: Database, *recipients: str, subject: str = "Bekräfta din adress") -> None:
    with register.transaction() as session:
        for recipient in recipients:
            account = accounts.find_by_email(session, recipient) or accounts.create(
                session, OPERATOR, NewAccount(recipient, "Karin", "vinter i Exempelby")
            )
            mail.queue(session, account, recipient, subject, "Hej! Öppna länken.")


def waiting(register: Database) -> int:
    with register.transaction(reads_only=True) as session:
        return len(session.scalars(select(OutgoingMail.id).where(OutgoingMail.sent_at.is_(None))).all())


def test_a_message_has_one_recipient_and_arrives_as_it_was_written(register, inbox):
    inbox.start()
    promise(register, KARIN)
    assert mail.send_waiting(register) == 1
    recipients, content = inbox.envelopes[0]
    message = message_from_bytes(content, policy=default)
    assert recipients == [KARIN]
    assert (message["To"], message["Subject"]) == (KARIN, "Bekräfta din adress")
    assert message.get_content().strip() == "Hej! Öppna länken."
    assert message["Message-ID"].endswith("@exempelby.example>")
    assert (message["Cc"], message["Bcc"]) == (None, None)


def test_what_went_does_not_go_again(register, inbox):
    inbox.start()
    promise(register, KARIN)
    assert [mail.send_waiting(register) for _ in range(3)] == [1, 0, 0]
    assert len(inbox.envelopes) == 1


def test_a_transaction_that_is_undone_promised_nothing(register, inbox):
    inbox.start()
    with register.open() as session:
        account = accounts.create(session, OPERATOR, NewAccount(KARIN, "Karin", "vinter i Exempelby"))
        mail.queue(session, account, KARIN, "Hej", "Hej")
        session.rollback()
    assert mail.send_waiting(register) == 0


@pytest.mark.parametrize(
    "recipient", ["karin@exempel.example\r\nBcc: alla@exempel.example", "karin@exempel.example, bo@exempel.example"]
)
def test_a_recipient_that_is_two_is_refused(register, recipient):
    with register.open() as session:
        account = accounts.create(session, OPERATOR, NewAccount(KARIN, "Karin", "vinter i Exempelby"))
        with pytest.raises(ValueError, match=r"address|addr_spec"):
            mail.queue(session, account, recipient, "Hej", "Hej")
        session.rollback()


def test_a_subject_cannot_bring_headers_of_its_own(register, inbox):
    inbox.start()
    promise(register, KARIN, subject="Hej\r\nBcc: alla@exempel.example\r\n\r\nbrödtext")
    mail.send_waiting(register)
    recipients, content = inbox.envelopes[0]
    assert recipients == [KARIN]
    assert message_from_bytes(content, policy=default)["Bcc"] is None


def test_while_the_server_is_away_messages_wait_and_then_go_once(register, inbox):
    promise(register, KARIN, "bo@exempel.example")
    now = clock.now()
    assert mail.send_waiting(register) == 0
    assert waiting(register) == 2
    inbox.start()
    with time_machine.travel(now + timedelta(minutes=5)):
        assert mail.send_waiting(register) == 2
        assert mail.send_waiting(register) == 0
    assert sorted(recipients for recipients, _ in inbox.envelopes) == [["bo@exempel.example"], [KARIN]]


def test_four_days_without_the_server_lose_nothing(register, inbox):
    promise(register, KARIN)
    now = clock.now()
    for minutes in range(0, 4 * 24 * 60, 30):
        with time_machine.travel(now + timedelta(minutes=minutes)):
            mail.send_waiting(register)
    inbox.start()
    with time_machine.travel(now + timedelta(days=4, hours=2)):
        assert mail.send_waiting(register) == 1


def test_a_recipient_that_is_refused_does_not_hold_up_the_others(register, inbox):
    inbox.start()
    inbox.refused = {KARIN}
    promise(register, KARIN, "bo@exempel.example")
    assert mail.send_waiting(register) == 1
    assert [recipients for recipients, _ in inbox.envelopes] == [["bo@exempel.example"]]


def test_a_message_whose_key_was_destroyed_does_not_hold_up_the_others(register, inbox):
    inbox.start()
    promise(register, KARIN, "bo@exempel.example")
    with register.transaction() as session:
        gone = accounts.find_by_email(session, KARIN).data_key_id
        session.execute(update(DataKey).where(DataKey.id == gone).values(wrapped=None))
    assert mail.send_waiting(register) == 1
    assert [recipients for recipients, _ in inbox.envelopes] == [["bo@exempel.example"]]


def test_no_transaction_is_open_while_a_message_is_delivered(register, monkeypatch: pytest.MonkeyPatch):
    """A slow mail server must not stop the register's writers."""
    promise(register, KARIN)
    wrote = []

    def slow(*_: object) -> None:
        with register.transaction() as session:
            session.add(DataKey(created_at=clock.now()))
        wrote.append(True)

    monkeypatch.setattr(mail, "_deliver", slow)
    assert mail.send_waiting(register) == 1
    assert wrote == [True]


def test_without_a_server_a_message_is_a_file_for_its_user_alone(database, settings):
    promise(database, KARIN)
    assert mail.send_waiting(database) == 1
    file = next(Path(settings.mail_directory).iterdir())
    assert file.stat().st_mode & 0o777 == 0o600
    assert message_from_bytes(file.read_bytes(), policy=default)["To"] == KARIN


def test_a_waiting_message_is_not_readable_in_the_database(database):
    promise(database, KARIN)
    with database.transaction(reads_only=True) as session:
        sealed = session.scalars(select(OutgoingMail.message_sealed)).one()
    assert b"karin" not in sealed
    assert b"Hej" not in sealed
