"""Letters go after the commit, survive a mail server that is down, and go once."""

import asyncio
import socket
import threading
from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select

from registry import clock
from registry.database import Database
from registry.models.accounts import Account
from registry.models.mail import OutgoingMail
from registry.services import mail
from registry.services.postman import Postman
from registry.settings import RegistrySettings


class Inbox:
    """What a mail server got."""

    def __init__(self) -> None:
        self.got: list[str] = []

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802 - the name aiosmtpd calls
        await asyncio.sleep(0)
        assert envelope.rcpt_tos == ["karin@exempel.example"]
        self.got.append(envelope.content.decode())
        return "250 OK"


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def by_smtp(database: Database, settings: RegistrySettings, free_port: int) -> Database:
    """The register, with a mail server named that is not running yet."""
    values = settings.model_dump() | {"smtp_host": "127.0.0.1", "smtp_port": free_port, "smtp_security": "none"}
    database.context["settings"] = RegistrySettings(**values)
    return Database(database.url, database.context)


@pytest.fixture
def inbox(free_port: int) -> Iterator[tuple[Inbox, Controller]]:
    held = Inbox()
    controller = Controller(held, hostname="127.0.0.1", port=free_port)
    yield held, controller
    if controller.loop.is_running():
        controller.stop()
    if not controller.loop.is_closed():
        controller.loop.close()


def promise(database: Database, people: object, count: int = 1) -> None:
    actor = people.resident()
    with database.transaction() as session:
        account = session.get_one(Account, actor.account_id)
        for number in range(count):
            mail.queue(session, account, "karin@exempel.example", f"Brev {number}", "Hej på dig, Åsa!")


def test_a_message_waits_for_a_server_that_is_down_and_goes_when_it_is_up(by_smtp: Database, people, inbox) -> None:
    held, controller = inbox
    promise(by_smtp, people)
    assert mail.send_waiting(by_smtp) == 0
    controller.start()
    assert mail.send_waiting(by_smtp) == 0, "tried a moment ago: it waits its minute"
    with by_smtp.transaction() as session:
        session.scalars(select(OutgoingMail)).one().held_until = clock.now()
    assert mail.send_waiting(by_smtp) == 1
    assert len(held.got) == 1
    assert mail.send_waiting(by_smtp) == 0
    by_smtp.close()


def test_two_postmen_never_send_the_same_message(by_smtp: Database, people, inbox) -> None:
    held, controller = inbox
    controller.start()
    promise(by_smtp, people, count=12)
    senders = [threading.Thread(target=mail.send_waiting, args=(by_smtp,)) for _ in range(4)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join(30)
    assert len(held.got) == 12
    by_smtp.close()


def test_a_woken_postman_sends_and_stops(database: Database, people, settings: RegistrySettings) -> None:
    promise(database, people)
    postman = Postman(database)
    postman.wake()
    postman.stop()
    assert len(list(settings.mail_directory.glob("*.eml"))) == 1
    with database.transaction(reads_only=True) as session:
        assert session.scalars(select(OutgoingMail.sent_at)).one() is not None


def test_what_is_rolled_back_is_never_sent(database: Database, people, settings: RegistrySettings) -> None:
    actor = people.resident()
    with database.open() as session:
        account = session.get_one(Account, actor.account_id)
        mail.queue(session, account, "karin@exempel.example", "Brev", "Hej")
        session.rollback()
    assert mail.send_waiting(database) == 0
    assert not settings.mail_directory.exists()
