"""What tests of police work share: a small register with kits, items and thefts, an authority and its station."""

import base64
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, cast
from unittest import mock

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from registry import clock
from registry.database import Database
from registry.models.accounts import Account
from registry.models.imports import ImportedFile
from registry.models.items import Category, Item, Marking, MarkPoint, Sticker, StickerStatus
from registry.models.kits import Kit
from registry.models.suppliers import Batch, CodeFamily, Primer, Supplier
from registry.models.thefts import TheftReport
from registry.services import accounts, cases, marks, owners, stations
from registry.services.accounts import NewAccount, OrganisationKind
from registry.services.actor import OPERATOR, Actor, Role
from registry.services.folding import folded_code
from registry.services.search_engine import SearchEngine
from registry.services.tables.bulk import bulk_insert
from registry.settings import RegistrySettings

# As in the accounts of the folder above: no test of police work measures what a hash costs.
CHEAP_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
CASE_NUMBER = "5000-K123456-26"
STICKER_NUMBER = "4K7Q2M9XW3PZD7N"
SIGNATURES = {
    "ENXB09494": "AGACAATTACATAACATACACGTCAGCACGAAACTTGTTGGCCCAGTGTGAATCGCTTAAGGGT",
    "CJSZ87051": "AGTGTGATGCATACGCCTTTACTTGCTGTGTCCACCCCATCGGACTGGCATTTTTATTACACTC",
    "KWPD30162": "TTGACCTAAGCTGACGGTATCCGATAGCTTACGGATCCATGCAAGTCTTAGCCATGACCGTTAA",
}


@dataclass(frozen=True)
class Town:
    """The people and things of a small register; ``token`` is the station's."""

    officer: Actor
    officer_of_another_authority: Actor
    owner_account: Actor
    owner_id: int
    item_id: int
    kit_ids: dict[str, int]
    token: str
    station: Actor


def fill(session: Session) -> Town:
    """Three kits, of which ENXB09494 belongs to Karin Åkerlund and marks her stolen bicycle."""
    now = clock.now()
    supplier = Supplier(
        name="Nordmark Forensik",
        phone="010-000 01 00",
        email="register@nordmark.example",
        emission_nm=612,
        created_at=now,
    )
    session.add(supplier)
    session.flush()
    session.add(CodeFamily(supplier_id=supplier.id, pattern="[A-Z]{4}[0-9]{5}"))
    session.add(Primer(supplier_id=supplier.id, forward="GTCATGCTAGGACTTCACGA", reverse="CAGTTGACCTAGCATGTCGT"))
    batch = Batch(supplier_id=supplier.id, number="NF26-001", imported_at=now)
    session.add(batch)
    session.flush()
    contact = owners.Contact("Karin Åkerlund", "070-000 00 01", "karin@exempel.example", "Storgatan 1, Exempelby")
    owner_id = owners.create(session, OPERATOR, owners.OwnerKind.PERSON, contact)
    owner_account = _account(session, "karin@exempel.example", "Karin Åkerlund", Role.RESIDENT, owner_id=owner_id)
    kits = {}
    for code, signature in SIGNATURES.items():
        kit = add_kit(session, batch, code, signature)
        kits[code] = kit.id
        if code == "ENXB09494":
            kit.owner_id, kit.activated_at = owner_id, now
    item = Item(
        owner_id=owner_id,
        name="Cykel",
        category=Category.BICYCLE,
        maker="Crescent",
        model="Elda",
        serial_number="CR-99812",
        serial_folded="CR99812",
        value_sek=9500,
        created_at=now,
    )
    session.add(item)
    session.flush()
    marking = Marking(item_id=item.id, kit_id=kits["ENXB09494"], marked_on=date(2026, 5, 2), created_at=now)
    session.add(marking)
    session.flush()
    session.add(MarkPoint(marking_id=marking.id, position=1, place="under sadeln"))
    session.add(
        TheftReport(item_id=item.id, police_number="5000-K98765-26", occurred_on=date(2026, 11, 1), reported_at=now)
    )
    session.add(
        Sticker(number=STICKER_NUMBER, owner_id=owner_id, item_id=item.id, status=StickerStatus.ISSUED, issued_at=now)
    )
    police = accounts.organisation_named(session, OPERATOR, "Polisen Exempelby", OrganisationKind.POLICE)
    others = accounts.organisation_named(session, OPERATOR, "Polisen Annanby", OrganisationKind.POLICE)
    officer = _account(session, "lo@polisen.example", "Lo Exempel", Role.OFFICER, police)
    other = _account(session, "bo@polisen.example", "Bo Annan", Role.OFFICER, others)
    token = stations.enrol(session, OPERATOR, police, "Beslagsrummet")
    station = stations.actor_for(session, token)
    assert station is not None
    return Town(officer, other, owner_account, owner_id, item.id, kits, token, station)


def add_kit(session: Session, batch: Batch, code: str, signature: str) -> Kit:
    """A kit of the batch, not activated."""
    kit = Kit(
        batch_id=batch.id,
        supplier_id=batch.supplier_id,
        code=code,
        code_folded=code,
        pin_hash=bytes(32),
        signature=signature,
        emission_nm=612,
        marks=50,
    )
    session.add(kit)
    session.flush()
    return kit


def _account(
    session: Session, email: str, name: str, role: Role, organisation_id: int | None = None, owner_id: int | None = None
) -> Actor:
    with mock.patch.object(accounts, "HASHER", CHEAP_HASHER):
        account: Account = accounts.create(
            session, OPERATOR, NewAccount(email, name, "vinter i Exempelby", owner_id=owner_id)
        )
    account.email_confirmed_at = clock.now()
    accounts.grant(session, OPERATOR, account.id, role, organisation_id)
    return accounts.actor_of(session, account)


@pytest.fixture
def town(database: Database) -> Town:
    """The small register on SQLite, committed."""
    with database.transaction() as session:
        return fill(session)


@pytest.fixture
def either_town(either_database: Database) -> Town:
    """The small register, once on SQLite and once on PostgreSQL."""
    with either_database.transaction() as session:
        return fill(session)


@pytest.fixture
def new_kit() -> Callable[[Session, str, str], int]:
    """Adds a kit to the first batch, as an import would."""

    def add(session: Session, code: str, signature: str = "") -> int:
        batch = session.query(Batch).first()
        assert batch is not None
        return add_kit(session, batch, code, signature).id

    return add


@pytest.fixture
def case_id(database: Database, town: Town) -> int:
    """An open case of the town's police."""
    with database.transaction() as session:
        return cases.open_case(session, town.officer, CASE_NUMBER, "Stöld av cyklar på Storgatan")


@pytest.fixture
def body() -> Callable[..., dict[str, Any]]:
    """The body of a reading as a station sends it: a damaged dot unless other observations are given."""

    def make(*observations: dict[str, Any], **changes: Any) -> dict[str, Any]:
        dot = {"kind": "dot", "text": "ENX?O9494", "quality": "IIH!+IIIG"}
        return {
            "case_number": CASE_NUMBER,
            "reading_id": "R-000812",
            "reader": {"maker": "Nordisk Mätteknik", "model": "UVD-2", "serial_number": "SN00417", "firmware": "1.4.2"},
            "read_at": "2026-11-22T15:04:05.123Z",
            "raw": base64.b64encode(b"$MDDOT,2,R-000812,ENX?O9494,IIH!+IIIG*CB6F7C5D\r\n").decode(),
            "observations": list(observations) or [dot],
            **changes,
        }

    return make


@pytest.fixture
def station_headers(town: Town) -> Callable[..., dict[str, str]]:
    """The headers of a station's request, with a fresh key each."""

    def make(**changes: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {town.token}", "Idempotency-Key": str(uuid.uuid4()), **changes}

    return make


@pytest.fixture
def fill_register() -> Callable[[Session], Town]:
    """Fills a register that the test opened itself."""
    return fill


@pytest.fixture
def imported_file() -> ImportedFile:
    """The row that an import of kits leaves behind."""
    return ImportedFile(kind="kits", content_hash=bytes(32), report={}, imported_at=clock.now())


@pytest.fixture
def search_engine(settings: RegistrySettings) -> SearchEngine:
    """A search of its own that has no index built by itself."""
    return SearchEngine(settings.index_file, lambda _from_scratch: None)


@pytest.fixture
def deliver() -> Callable[[Session, Iterable[tuple[str, str]]], dict[str, int]]:
    """Takes kits (code, signature) into the register as an import does; returns their numbers by code."""

    def take(session: Session, rows: Iterable[tuple[str, str]]) -> dict[str, int]:
        supplier = session.query(Supplier).first() or Supplier(
            name="Nordmark Forensik", phone="", email="", created_at=clock.now()
        )
        session.add(supplier)
        session.flush()
        batch = Batch(supplier_id=supplier.id, number=uuid.uuid4().hex, imported_at=clock.now())
        session.add(batch)
        session.flush()
        columns = ("batch_id", "supplier_id", "code", "code_folded", "pin_hash", "signature", "marks")
        kits = ((batch.id, supplier.id, code, folded_code(code), bytes(32), dna, 50) for code, dna in rows)
        with marks.arriving(session, [batch.id]):
            bulk_insert(session, cast("Table", Kit.__table__), columns, kits)
        found = session.execute(select(Kit.code, Kit.id).where(Kit.batch_id == batch.id))
        return {row.code: row.id for row in found}

    return take
