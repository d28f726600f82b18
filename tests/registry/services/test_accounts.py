"""Accounts: what is refused, what is kept sealed, and that roles and organisations fit each other."""

from pathlib import Path

import pytest
from sqlalchemy import select, text

from registry.errors import InvalidInput, KeyFault, NotFound
from registry.models.accounts import Account, Membership, OrganisationKind
from registry.services import accounts, audit, owners
from registry.services.accounts import NewAccount
from registry.services.actor import OPERATOR, Role

PASSWORD = "vinter i Exempelby"


def create(session, email="karin@exempel.example", name="Karin Åkerlund", password=PASSWORD) -> Account:
    return accounts.create(session, OPERATOR, NewAccount(email, name, password))


def test_passwords_are_kept_as_argon2id_with_the_parameters_we_say(session):
    assert create(session).password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize(
    "password", ["blåbär & ljung 7", "p" * 4 + "åäöñ漢字🔑 ", " mellanslag runt om ", "x'; DROP TABLE--"]
)
def test_any_characters_make_a_password_and_are_taken_as_they_are(session, password):
    account = create(session, password=password)
    assert accounts.HASHER.verify(account.password_hash, password)


@pytest.mark.parametrize("password", ["kort", "elva tecken", "x" * 129, "aaaaaaaaaaaaaaa", "KARIN@exempel.example"])
def test_a_weak_or_endless_password_is_refused_and_not_repeated(session, password):
    with pytest.raises(InvalidInput) as refused:
        create(session, password=password)
    assert password not in str(refused.value)


@pytest.mark.parametrize(
    "email",
    [
        "",
        "karin",
        "@exempel.example",
        "karin@",
        "karin@exempel",
        "a@b@c.example",
        "två ord@exempel.example",
        "karin@exempel.example\r\nBcc: alla@exempel.example",
        "karin\x00@exempel.example",
        "a,b@exempel.example",
        "<karin@exempel.example>",
        "åsa@exempel.example",
        "k..e@exempel.example",
        "x" * 200 + "@exempel.example",
    ],
)
def test_an_address_that_no_mail_could_reach_is_refused(session, email):
    with pytest.raises(InvalidInput):
        create(session, email=email)


@pytest.mark.parametrize("again", ["karin@exempel.example", "KARIN@Exempel.example", " karin@exempel.example "])
def test_an_address_has_one_account_however_it_is_spelled(either_database, again):
    with either_database.transaction() as session:
        create(session)
    with either_database.transaction() as session, pytest.raises(InvalidInput):
        create(session, email=again)


def test_neither_name_nor_address_stands_readable_in_the_database_or_its_log(database):
    with database.transaction() as session:
        create(session)
    database.close()
    path = database.url.removeprefix("sqlite:///")
    for end in ("", "-wal"):
        content = Path(path + end).read_bytes() if Path(path + end).exists() else b""
        assert b"karin@exempel" not in content
        assert "Åkerlund".encode() not in content


def test_values_that_changed_places_do_not_open(database):
    """Who can write to the database cannot make one person's address appear as another's."""
    with database.transaction() as session:
        first = owners.create(
            session, OPERATOR, owners.OwnerKind.PERSON, owners.Contact("Ada", "1", "a@x.example", "A 1")
        )
        second = owners.create(
            session, OPERATOR, owners.OwnerKind.PERSON, owners.Contact("Bo", "2", "b@x.example", "B 2")
        )
        assert owners.open_contact(session, first).address == "A 1"
    swaps = ("address_sealed", "phone_sealed", "data_key_id")
    for column in swaps:
        with database.open() as session:
            session.execute(
                text(f"UPDATE owner SET {column} = (SELECT {column} FROM owner WHERE id = :other) WHERE id = :one"),  # noqa: S608
                {"one": first, "other": second},
            )
            with pytest.raises(KeyFault, match="does not open"):
                owners.open_contact(session, first)
            session.rollback()


def test_two_columns_of_one_row_cannot_be_exchanged(database):
    with database.transaction() as session:
        one = owners.create(
            session, OPERATOR, owners.OwnerKind.PERSON, owners.Contact("Ada", "1", "a@x.example", "A 1")
        )
        session.execute(text("UPDATE owner SET phone_sealed = address_sealed"))
        with pytest.raises(KeyFault):
            owners.open_contact(session, one)


def test_a_role_is_granted_once(either_database):
    with either_database.transaction() as session:
        account = create(session)
        for _ in range(2):
            accounts.grant(session, OPERATOR, account.id, Role.RESIDENT)
        assert len(session.scalars(select(Membership)).all()) == 1
        granted = [event.action for event in audit.newest(session)].count(audit.Action.ROLE_GRANTED)
        assert granted == 1


def test_a_name_belongs_to_one_kind_of_organisation(session):
    """Or an officer could come to stand in a municipality, and see its things as police."""
    municipality = accounts.organisation_named(session, OPERATOR, "Exempelby kommun", OrganisationKind.MUNICIPALITY)
    again = accounts.organisation_named(session, OPERATOR, " Exempelby  kommun ", OrganisationKind.MUNICIPALITY)
    assert again == municipality
    with pytest.raises(InvalidInput, match="municipality"):
        accounts.organisation_named(session, OPERATOR, "Exempelby kommun", OrganisationKind.POLICE)


def test_an_organisation_has_a_name(session):
    with pytest.raises(InvalidInput):
        accounts.organisation_named(session, OPERATOR, "  ", OrganisationKind.POLICE)


def test_an_account_is_shut_out_once(session):
    create(session)
    accounts.disable(session, OPERATOR, "KARIN@exempel.example")
    with pytest.raises(NotFound):
        accounts.disable(session, OPERATOR, "karin@exempel.example")


def test_a_confirmation_is_good_once_and_for_a_day(database):
    import time_machine

    with database.transaction() as session:
        account = create(session)
        token, late = (accounts.issue_confirmation(session, account.id) for _ in range(2))
    with database.transaction() as session:
        assert accounts.confirm_email(session, OPERATOR, token) == 1
    with database.transaction() as session, pytest.raises(NotFound):
        accounts.confirm_email(session, OPERATOR, token)
    with (
        time_machine.travel(account.created_at.timestamp() + 24 * 3600 + 60),
        database.transaction() as session,
        pytest.raises(NotFound),
    ):
        accounts.confirm_email(session, OPERATOR, late)
