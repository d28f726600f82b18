"""Registering a kit: one winner, nothing told to who guesses, slowed but never locked."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from registry import clock
from registry.database import Database
from registry.errors import AlreadyActivated, InvalidInput, KitRecalled, RegistryError, TooManyAttempts, WrongPin
from registry.models.audit import AuditEvent
from registry.models.kits import Kit
from registry.models.mail import OutgoingMail
from registry.models.suppliers import Batch, Supplier
from registry.services import kits, owners
from registry.services.actor import OPERATOR, Actor
from registry.services.context import keyring_of
from registry.services.folding import folded_code

CODE, PIN = "SDNA-4K7Q-2M9X", "71924865"
THREADS = 8


def deliver(database: Database, code: str = CODE, pin: str = PIN) -> int:
    with database.transaction() as session:
        supplier = Supplier(name=f"Nordmark {code}", phone="", email="", created_at=clock.now())
        session.add(supplier)
        session.flush()
        batch = Batch(supplier_id=supplier.id, number="1", imported_at=clock.now())
        session.add(batch)
        session.flush()
        kit = Kit(
            batch_id=batch.id,
            supplier_id=supplier.id,
            code=code,
            code_folded=folded_code(code),
            pin_hash=keyring_of(session).pin_hash(code, pin),
            signature="",
            marks=50,
        )
        session.add(kit)
        session.flush()
        return kit.id


def resident(database: Database) -> Actor:
    with database.transaction() as session:
        owner_id = owners.create(session, OPERATOR, owners.OwnerKind.PERSON, owners.Contact("Karin Åkerlund"))
    return Actor(label=f"owner:{owner_id}", owner_id=owner_id)


def attempt(database: Database, actor: Actor, code: str = CODE, pin: str = PIN, address: str = "192.0.2.1") -> str:
    """Try to register, keep what survives a refusal as the pages do, and say how it went."""
    with database.open() as session:
        try:
            kits.activate(session, actor, code, pin, address)
        except RegistryError as refusal:
            if refusal.keeps_changes:
                session.commit()
            else:
                session.rollback()
            return type(refusal).__name__
        session.commit()
        return "won"


def raced(act: Callable[[int], str]) -> list[str]:
    """What ``act`` answered in each of eight threads that start together."""
    answers = [""] * THREADS
    gate = threading.Barrier(THREADS)

    def run(number: int) -> None:
        gate.wait(10)
        answers[number] = act(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


def test_of_eight_who_send_the_right_pin_at_once_exactly_one_becomes_the_owner(either_database: Database) -> None:
    actors = [resident(either_database) for _ in range(THREADS)]
    for number in range(5):
        code = f"RACE-000{number}"
        kit_id = deliver(either_database, code)
        answers = raced(lambda who, code=code: attempt(either_database, actors[who], code))
        assert sorted(answers) == ["AlreadyActivated"] * (THREADS - 1) + ["won"]
        with either_database.transaction(reads_only=True) as session:
            assert session.get_one(Kit, kit_id).owner_id == actors[answers.index("won")].owner_id
            told = session.scalars(
                select(AuditEvent.subject).where(
                    AuditEvent.action == "kit:activated", AuditEvent.subject == f"kit:{kit_id}"
                )
            ).all()
            assert len(told) == 1


def test_control_check_then_act_makes_several_owners(either_database: Database) -> None:
    kit_id = deliver(either_database)
    actors = [resident(either_database) for _ in range(THREADS)]
    checked = threading.Barrier(THREADS)

    def check_then_act(number: int) -> str:
        with either_database.transaction(reads_only=True) as session:
            free = session.get_one(Kit, kit_id).owner_id is None
        checked.wait(30)
        if not free:
            return "taken"
        with either_database.transaction() as session:
            values = {"owner_id": actors[number].owner_id, "activated_at": clock.now()}
            session.execute(update(Kit).where(Kit.id == kit_id).values(**values))
        return "won"

    assert raced(check_then_act).count("won") > 1


@pytest.mark.parametrize(
    "typed", ["sdna-4k7q-2m9x", "SDNA 4K7Q 2M9X", "sdna4k7q2m9x", " SDNA–4K7Q–2M9X ", "5DNA-4K7Q-ZM9X"]
)
def test_a_code_may_be_typed_as_people_type(database: Database, typed: str) -> None:
    deliver(database)
    assert attempt(database, resident(database), typed, "7192 4865") == "won"


def test_an_unknown_code_and_a_wrong_pin_are_answered_alike(database: Database) -> None:
    deliver(database)
    actor = resident(database)
    words = []
    for code, pin in ((CODE, "00000000"), ("SDNA-0000-0000", PIN)):
        with database.open() as session, pytest.raises(WrongPin) as refused:
            kits.activate(session, actor, code, pin, "192.0.2.1")
        words.append((str(refused.value), dict(refused.value.values)))
    assert words[0] == words[1]


def test_wrong_pins_slow_the_code_from_every_address_and_never_lock_it(database: Database) -> None:
    deliver(database)
    actor = resident(database)
    start = datetime(2026, 11, 22, 12, tzinfo=UTC)
    with time_machine.travel(start, tick=False) as traveller:
        for number in range(5):
            assert attempt(database, actor, pin=f"{number:08}", address=f"192.0.2.{number}") == "WrongPin"
        assert attempt(database, actor, address="198.51.100.9") == "TooManyAttempts"
        traveller.shift(timedelta(hours=1, seconds=1))
        assert attempt(database, actor, address="198.51.100.9") == "won"


def test_wrong_pins_slow_the_address_over_all_codes(database: Database) -> None:
    deliver(database)
    actor = resident(database)
    tries = [attempt(database, actor, f"GUESS{number:04}", "1", "192.0.2.7") for number in range(21)]
    assert tries == ["WrongPin"] * 20 + ["TooManyAttempts"]
    assert attempt(database, actor, address="192.0.2.8") == "won"


def test_every_wrong_try_is_logged_without_code_or_pin(database: Database) -> None:
    deliver(database)
    attempt(database, resident(database), pin="99999999")
    with database.transaction(reads_only=True) as session:
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "kit:refused")).one()
        assert (event.subject, event.details) == ("kit:unknown", {})


def test_the_owner_who_sends_it_again_is_answered_as_the_first_time(database: Database) -> None:
    deliver(database)
    actor = resident(database)
    attempt(database, actor)
    with database.transaction() as session:
        assert kits.activate(session, actor, CODE, PIN, "192.0.2.1").already is True


def test_only_who_knows_the_pin_learns_that_a_kit_is_taken_or_recalled(database: Database) -> None:
    kit_id = deliver(database)
    with database.transaction() as session:
        batch_id = session.get_one(Kit, kit_id).batch_id
        session.execute(update(Batch).where(Batch.id == batch_id).values(revoked_at=clock.now()))
    other = resident(database)
    with database.open() as session, pytest.raises(KitRecalled):
        kits.activate(session, other, CODE, PIN, "192.0.2.1")
    assert attempt(database, other, pin="00000001") == "WrongPin"
    with database.transaction() as session:
        session.execute(update(Batch).where(Batch.id == batch_id).values(revoked_at=None))
    attempt(database, resident(database))
    with database.open() as session, pytest.raises(AlreadyActivated):
        kits.activate(session, other, CODE, PIN, "192.0.2.1")


def test_a_kit_past_its_date_can_still_be_registered_since_it_may_have_been_used_in_time(database: Database) -> None:
    kit_id = deliver(database)
    with database.transaction() as session:
        session.execute(update(Kit).where(Kit.id == kit_id).values(best_before=clock.today() - timedelta(days=1)))
        done = kits.activate(session, resident_in(session), CODE, PIN, "192.0.2.1")
    assert done.past_best_before is True


def resident_in(session: object) -> Actor:
    owner_id = owners.create(session, OPERATOR, owners.OwnerKind.PERSON, owners.Contact("Karin Åkerlund"))
    return Actor(label=f"owner:{owner_id}", owner_id=owner_id)


@pytest.mark.parametrize(("code", "pin", "field"), [("AB", PIN, "code"), ("A" * 21, PIN, "code"), (CODE, " - ", "pin")])
def test_what_cannot_be_a_code_or_a_pin_is_said_at_its_field(
    database: Database, code: str, pin: str, field: str
) -> None:
    actor = resident(database)
    with database.open() as session, pytest.raises(InvalidInput) as refused:
        kits.activate(session, actor, code, pin, "192.0.2.1")
    assert refused.value.values["field"] == field


def test_the_slowed_answer_says_how_long(database: Database) -> None:
    deliver(database)
    actor = resident(database)
    for number in range(5):
        attempt(database, actor, pin=f"{number:08}")
    with database.open() as session, pytest.raises(TooManyAttempts, match=r"in \d+ seconds"):
        kits.activate(session, actor, CODE, PIN, "192.0.2.1")


def test_a_new_owner_is_written_to(people: object, database: Database) -> None:
    people.kit()
    actor = people.resident()
    with database.transaction() as session:
        kits.activate(session, actor, "ENXB09494", "71924865", "192.0.2.1")
        assert len(session.scalars(select(OutgoingMail)).all()) == 1
        assert [kit.code for kit in kits.own(session, actor)] == ["ENXB09494"]
