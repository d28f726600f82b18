"""Creating an account tells nobody whether an address has one, and no address can be taken from its holder."""

import email
import re
from datetime import timedelta
from email.policy import default
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import func, select

from registry import clock
from registry.database import Database
from registry.errors import InvalidInput, NotFound, PasswordRefused, SignInRefused, TooManyAttempts
from registry.models.accounts import Account, DataKey
from registry.models.owners import Owner
from registry.services import accounts, mail, owners, registration, sessions
from registry.services.actor import PUBLIC
from registry.services.registration import NewResident

ADDRESS, PASSWORD, OTHER = "astrid@exempel.example", "en katt på taket", "en hund i parken"


def newest_letter(database: Database) -> email.message.EmailMessage:
    mail.send_waiting(database)
    folder: Path = database.context["settings"].mail_directory
    newest = max(folder.glob("*.eml"), key=lambda file: file.stat().st_mtime_ns)
    return email.message_from_bytes(newest.read_bytes(), policy=default)


def register(database: Database, password: str = PASSWORD, address: str = ADDRESS, **more: object) -> str:
    with database.transaction() as session:
        return registration.register(
            session, PUBLIC, NewResident(address, "Astrid Öberg", password, **more), "192.0.2.1"
        )


def token_of(letter: email.message.EmailMessage) -> str:
    return re.search(r"/confirm/(\S+)", letter.get_content())[1]


def confirm(database: Database, token: str, **proof: str) -> str:
    with database.transaction() as session:
        return registration.confirm(session, PUBLIC, token, **proof)


def test_the_browser_that_registered_confirms_with_one_press_and_is_signed_in(database: Database) -> None:
    proof = register(database, kind=owners.OwnerKind.HOUSEHOLD)
    letter = newest_letter(database)
    assert letter["To"] == ADDRESS
    cookie = confirm(database, token_of(letter), proof=proof)
    with database.transaction() as session:
        signed_in = sessions.resume(session, cookie)
        assert signed_in is not None
        assert owners.kind_of(session, signed_in.actor.owner_id) is owners.OwnerKind.HOUSEHOLD
        assert owners.open_contact(session, signed_in.actor.owner_id).name == "Astrid Öberg"


def test_another_browser_needs_the_password_and_a_wrong_one_spends_nothing(database: Database) -> None:
    register(database)
    token = token_of(newest_letter(database))
    with database.open() as session, pytest.raises(PasswordRefused):
        registration.confirm(session, PUBLIC, token, proof="0" * 64, password=OTHER)
    assert confirm(database, token, password=PASSWORD)


def test_a_link_works_once_and_for_a_day(database: Database) -> None:
    proof = register(database)
    token = token_of(newest_letter(database))
    with time_machine.travel(clock.now() + timedelta(hours=24, seconds=1)), pytest.raises(NotFound):
        confirm(database, token, proof=proof)
    confirm(database, token, proof=proof)
    with pytest.raises(NotFound):
        confirm(database, token, proof=proof)


def test_nobody_signs_in_before_the_address_is_confirmed(database: Database) -> None:
    register(database)
    with database.open() as session, pytest.raises(SignInRefused):
        sessions.sign_in(session, ADDRESS, PASSWORD, "192.0.2.1")


def test_a_known_address_gets_another_letter_and_nothing_else_differs(database: Database) -> None:
    confirm(database, token_of((register(database), newest_letter(database))[1]), password=PASSWORD)

    def rows() -> list[int]:
        with database.transaction(reads_only=True) as session:
            return [session.scalar(select(func.count()).select_from(table)) for table in (Account, Owner, DataKey)]

    before = rows()
    proof = register(database, OTHER)
    assert re.fullmatch(r"[0-9a-f]{64}", proof), "the same kind of answer as for a new address"
    assert rows() == before, "the trial run left nothing"
    letter = newest_letter(database)
    assert "/confirm/" not in letter.get_content()
    assert "/sign-in" in letter.get_content()
    with database.open() as session, pytest.raises(SignInRefused):
        sessions.sign_in(session, ADDRESS, OTHER, "192.0.2.1")


def test_who_registers_first_with_anothers_address_does_not_keep_it(database: Database) -> None:
    register(database, OTHER)
    stranger = token_of(newest_letter(database))
    proof = register(database, PASSWORD)
    own = token_of(newest_letter(database))
    with pytest.raises(NotFound):
        confirm(database, stranger, password=OTHER)
    confirm(database, own, proof=proof)
    with database.open() as session:
        assert sessions.sign_in(session, ADDRESS, PASSWORD, "192.0.2.1")
        with pytest.raises(SignInRefused):
            sessions.sign_in(session, ADDRESS, OTHER, "192.0.2.1")


def test_a_strangers_new_registration_does_not_get_the_holders_browser_through(database: Database) -> None:
    holders = register(database, PASSWORD)
    register(database, OTHER)
    with database.open() as session, pytest.raises(PasswordRefused):
        registration.confirm(session, PUBLIC, token_of(newest_letter(database)), proof=holders)


def test_a_new_link_replaces_the_older_and_is_silent_for_unknown_addresses(database: Database) -> None:
    register(database)
    older = token_of(newest_letter(database))
    with database.transaction() as session:
        registration.resend(session, ADDRESS.upper())
        registration.resend(session, "ingen@exempel.example")
    newer = token_of(newest_letter(database))
    with pytest.raises(NotFound):
        confirm(database, older, password=PASSWORD)
    confirm(database, newer, password=PASSWORD)
    with database.transaction() as session:
        registration.resend(session, ADDRESS)
    assert newest_letter(database)["Subject"] == "Din adress är redan bekräftad"


def test_letters_follow_the_language_of_the_account(database: Database) -> None:
    register(database, language="en")
    assert newest_letter(database)["Subject"] == "Confirm your e-mail address"


def test_one_address_is_not_written_to_without_end(database: Database) -> None:
    for _ in range(5):
        register(database)
    with pytest.raises(TooManyAttempts):
        register(database)


def test_one_network_address_does_not_create_accounts_without_end(database: Database) -> None:
    for number in range(10):
        register(database, address=f"ny{number}@exempel.example")
    with pytest.raises(TooManyAttempts):
        register(database, address="ny10@exempel.example")


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("email", ("astrid", "Astrid", PASSWORD)),
        ("email", ("a@b@exempel.example", "Astrid", PASSWORD)),
        ("email", ("a@exempel.example\nBcc: b@exempel.example", "Astrid", PASSWORD)),
        ("email", ("å@exempel.example", "Astrid", PASSWORD)),
        ("name", (ADDRESS, "   ", PASSWORD)),
        ("name", (ADDRESS, "A" * 121, PASSWORD)),
        ("name", (ADDRESS, "Astrid\x00", PASSWORD)),
        ("password", (ADDRESS, "Astrid", "elva tecken")),
        ("password", (ADDRESS, "Astrid", "a" * 129)),
        ("password", (ADDRESS, "Astrid", "aaaaaaaaaaaa")),
        ("kind", (ADDRESS, "Astrid", PASSWORD, owners.OwnerKind.ORGANISATION)),
    ],
)
def test_what_is_not_allowed_is_said_at_its_field_and_leaves_nothing(database: Database, field: str, values) -> None:
    with database.transaction() as session:
        with pytest.raises(InvalidInput) as refused:
            registration.register(session, PUBLIC, NewResident(*values), "192.0.2.1")
        assert refused.value.values["field"] == field
        assert session.scalar(select(func.count()).select_from(Account)) == 0


def test_the_password_is_changed_only_with_the_current_one(people: object, database: Database) -> None:
    actor = people.resident()
    with database.transaction() as session:
        with pytest.raises(PasswordRefused):
            accounts.change_password(session, actor, "inte mitt lösenord", PASSWORD)
        with pytest.raises(InvalidInput):
            accounts.change_password(session, actor, "vinter i Exempelby", "kort")
        accounts.change_password(session, actor, "vinter i Exempelby", PASSWORD)
        assert sessions.sign_in(session, "karin@exempel.example", PASSWORD, "192.0.2.1")


def test_guessing_the_current_password_is_slowed(people: object, database: Database) -> None:
    actor = people.resident()
    with database.transaction() as session:
        for _ in range(5):
            with pytest.raises(PasswordRefused):
                accounts.change_password(session, actor, "inte mitt lösenord", PASSWORD)
        with pytest.raises(TooManyAttempts):
            accounts.change_password(session, actor, "vinter i Exempelby", PASSWORD)
