"""The list of stolen marks at 100 000 marks: time at the registry, size, and how long a question takes.

The register is real (SQLite); of the argon2id values that it keeps the first 20 are true, and those marks must be found
in the list. The others are random bytes here, since to make them all takes a core some 40 minutes, and one is timed
apart. Five thousand marks with --quick.
"""

import secrets
import statistics
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import insert

from benchmarks.report import Claim, argument_parser, publish
from registry import clock, migrations
from registry.database import Database
from registry.keyring import Keyring
from registry.models.accounts import OrganisationKind
from registry.models.items import Category, Item, Marking
from registry.models.kits import Kit
from registry.models.stolen_marks import SlowMark
from registry.models.suppliers import Batch, Supplier
from registry.models.thefts import TheftReport
from registry.services import accounts, owners, stations, stolen_list
from registry.services.actor import OPERATOR, Actor
from registry.services.stolen_list import StolenList
from registry.settings import RegistrySettings
from scanner.kept_list import KeptList

NONCE = "5e" * 16
PORTION = 10_000
ASKED_LISTED, ASKED_UNLISTED = 20, 40
"""Marks that are asked for: listed ones, which have their true hash, and ones that nobody has."""


def code_of(number: int) -> str:
    """The code of the kit on the thing with this number."""
    return f"KQ{number:07d}"


def slow_hash_of(number: int, salt: bytes) -> bytes:
    """The mark's argon2id when it will be asked for, and random bytes in its place when not."""
    if number <= ASKED_LISTED:
        return stolen_list.slow_hash(f"code:{code_of(number)}", salt)
    return secrets.token_bytes(32)


def filled(folder: Path, count: int) -> Database:
    """A register in which ``count`` things are marked and reported stolen; of the first few the hashes are true."""
    settings = RegistrySettings(database=f"sqlite:///{folder}/register.db", offline_list=True)
    keyring = Keyring(secrets.token_bytes(32))
    database = Database(settings.database, {"keyring": keyring, "settings": settings})
    migrations.upgrade(database.engine)
    now = clock.now()
    with database.transaction() as session:
        salt = stolen_list.list_salt(session)
        supplier = Supplier(name="Nordmark", phone="", email="", emission_nm=612, created_at=now)
        session.add(supplier)
        session.flush()
        batch = Batch(supplier_id=supplier.id, number="NF26-001", imported_at=now)
        session.add(batch)
        contact = owners.Contact("Exempel", phone="", email="a@exempel.example", address="")
        owner_id = owners.create(session, OPERATOR, owners.OwnerKind.PERSON, contact)
        session.flush()
        for start in range(1, count + 1, PORTION):
            numbers = range(start, min(start + PORTION, count + 1))
            kits = {
                "batch_id": batch.id,
                "supplier_id": supplier.id,
                "pin_hash": bytes(32),
                "signature": "",
                "marks": 50,
            }
            codes = {number: code_of(number) for number in numbers}
            session.execute(
                insert(Kit), [{"id": n, "code": code, "code_folded": code, **kits} for n, code in codes.items()]
            )
            item = {"owner_id": owner_id, "name": "Cykel", "category": Category.BICYCLE, "created_at": now}
            session.execute(insert(Item), [{"id": n, **item} for n in numbers])
            marking = {"marked_on": now.date(), "created_at": now}
            session.execute(insert(Marking), [{"item_id": n, "kit_id": n, **marking} for n in numbers])
            theft = {"police_number": "5000-K98765-26", "reported_at": now}
            session.execute(insert(TheftReport), [{"item_id": n, **theft} for n in numbers])
            index = keyring.blind_index
            slow = [
                {"mark_index": index("stolen mark", f"code:{code}"), "slow_hash": slow_hash_of(n, salt)}
                for n, code in codes.items()
            ]
            session.execute(insert(SlowMark), slow)
    return database


def main() -> int:
    """Measure and publish."""
    options = argument_parser("stolen_list", __doc__).parse_args()
    count = 5_000 if options.quick else 100_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = filled(folder, count)
        with database.transaction() as session:
            police = accounts.organisation_named(session, OPERATOR, "Polisen Exempelby", OrganisationKind.POLICE)
            stations.enrol(session, OPERATOR, police, "Bilen")
            station = Actor(label="station:1", station_id=1)
            list_key, salt = stolen_list.list_key(session), stolen_list.list_salt(session)
        began = time.perf_counter()
        with database.transaction() as session:
            given = stolen_list.give(session, station, NONCE)
        give_seconds = time.perf_counter() - began
        if not isinstance(given, StolenList):
            sys.exit(f"not ready: {given}")
        content = len(given.header).to_bytes(4, "big") + given.header + given.signature + given.entries
        kept = KeptList(folder, secret=b"secret", list_key=list_key, outlives_power=True)
        began = time.perf_counter()
        kept.keep(content, NONCE)
        keep_seconds = time.perf_counter() - began
        began = time.perf_counter()
        stolen = KeptList(folder, secret=b"secret", list_key=list_key, outlives_power=True).current()
        open_seconds = time.perf_counter() - began
        if stolen is None:
            sys.exit("the kept list does not open")
        milliseconds, hits = [], []
        listed = [f"code:{code_of(number)}" for number in range(1, ASKED_LISTED + 1)]
        for mark in [*listed, *(f"code:{secrets.token_hex(8)}" for _ in range(ASKED_UNLISTED))]:
            began = time.perf_counter()
            hits.append(stolen.holds(mark))
            milliseconds.append((time.perf_counter() - began) * 1000)
        found, false_hits = sum(hits[:ASKED_LISTED]), sum(hits[ASKED_LISTED:])
        began = time.perf_counter()
        for number in range(20):
            stolen_list.slow_hash(f"code:{number}", salt)
        hash_ms = (time.perf_counter() - began) * 50
        on_disk = sum(file.stat().st_size for file in folder.glob("stolen.*"))
        database.close()
    marks, median = f"{count} marks", statistics.median(milliseconds)
    claims = [
        Claim("the registry gives the list", round(give_seconds, 2), "s", "≤ 10", give_seconds <= 10, marks),
        Claim("size on the line", round(len(content) / 1e6, 3), "MB", "≤ 2", len(content) <= 2e6, marks),
        Claim("size on the station's disk", round(on_disk / 1e6, 3), "MB", "≤ 2", on_disk <= 2e6, marks),
        Claim("the station checks and keeps it", round(keep_seconds, 3), "s", "≤ 1", keep_seconds <= 1),
        Claim("the station opens it at its start", round(open_seconds, 3), "s", "≤ 1", open_seconds <= 1),
        Claim("a question, median", round(median, 1), "ms", "≤ 250", median <= 250),
        Claim("listed marks found", found, f"of {ASKED_LISTED}", f"{ASKED_LISTED}", found == ASKED_LISTED),
        Claim("marks not listed that passed for listed", false_hits, f"of {ASKED_UNLISTED}", "0", false_hits == 0),
        Claim("one hash at the registry", round(hash_ms, 1), "ms", "", None, "argon2id, 19 MiB, two passes"),
    ]
    return publish("stolen_list", claims, options, packages=["argon2-cffi", "cryptography", "sqlalchemy"])


if __name__ == "__main__":
    sys.exit(main())
