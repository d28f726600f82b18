"""A whole register in a folder of its own: configuration, key, database, accounts and deliveries."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy.orm import Session

from registry import clock, migrations
from registry.keyring import create_key_file
from registry.models.accounts import OrganisationKind, Role
from registry.services import accounts, kit_deliveries, stations, suppliers
from registry.services.accounts import NewAccount
from registry.services.actor import OPERATOR, Actor
from registry.services.context import open_database
from registry.services.tables.results import ImportResult
from registry.services.tables.source import Source
from registry.settings import read_settings

__all__ = ["AUTHORITY", "MUNICIPALITY", "Register"]

AUTHORITY = "Polisen Exempelby"
MUNICIPALITY = "Exempelby kommun"


class Register:
    """A new register in ``folder``, to be served on ``port`` of this machine."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.url = f"http://127.0.0.1:{port}"
        self.config = folder / "config.toml"
        self.mail = folder / "mail"
        self.config.write_text(
            "[registry]\n"
            f'authority = "{MUNICIPALITY}"\n'
            f'database = "sqlite:///{folder / "register.db"}"\n'
            f'key_file = "{folder / "registry.key"}"\n'
            f'mail_directory = "{self.mail}"\n'
            f"port = {port}\n"
            f'public_url = "{self.url}"\n'
            "workers = 1\n",
            encoding="utf-8",
        )
        settings = read_settings(self.config)
        create_key_file(settings.key_file)
        self.database = open_database(settings)
        migrations.upgrade(self.database.engine)

    @property
    def environment(self) -> dict[str, str]:
        """What programs of this register need in their environment."""
        return {"MARKDNA_CONFIG": str(self.config)}

    @contextmanager
    def work(self) -> Iterator[Session]:
        """One transaction of services."""
        with self.database.transaction() as session:
            yield session

    def import_suppliers(self, file: Path) -> ImportResult:
        """Take the suppliers in ``file``."""
        with self.work() as session:
            return suppliers.import_file(session, OPERATOR, Source.of_file(file))

    def import_kits(self, file: Path) -> ImportResult:
        """Take the delivery in ``file``, all or none."""
        source = Source.of_file(file)
        with self.work() as session, closing(kit_deliveries.read_delivery(session, source)) as delivery:
            return kit_deliveries.take(session, OPERATOR, delivery)

    def staff(self, email: str, name: str, role: Role, password: str) -> Actor:
        """A staff account in the demo's authority or municipality."""
        kind = OrganisationKind.POLICE if role is Role.OFFICER else OrganisationKind.MUNICIPALITY
        organisation = AUTHORITY if role is Role.OFFICER else MUNICIPALITY
        with self.work() as session:
            organisation_id = accounts.organisation_named(session, OPERATOR, organisation, kind)
            account = accounts.create(session, OPERATOR, NewAccount(email, name, password))
            account.email_confirmed_at = clock.now()
            accounts.grant(session, OPERATOR, account.id, role, organisation_id)
            return accounts.actor_of(session, account)

    def station(self, name: str) -> str:
        """Enrol a station of the demo's authority; returns its token."""
        with self.work() as session:
            organisation_id = accounts.organisation_named(session, OPERATOR, AUTHORITY, OrganisationKind.POLICE)
            return stations.enrol(session, OPERATOR, organisation_id, name)
