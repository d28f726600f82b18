"""An asset manager at the browser, and the inventory of the municipality."""

from pathlib import Path

import pytest
from sqlalchemy import select

from registry.models.accounts import Organisation
from registry.services import equipment_import
from registry.services.actor import OPERATOR, Role
from registry.services.tables.source import Source

SAMPLE = Path(__file__).parents[2] / "data" / "inventory-cp1252.csv"


@pytest.fixture
def manager(people, database):
    """The browser of an asset manager of a municipality whose inventory has been imported."""
    browser = people.browser(people.staff(Role.ASSET_MANAGER))
    with database.transaction() as session:
        number = session.scalar(select(Organisation.id).where(Organisation.name == "Exempelby kommun"))
        equipment_import.import_file(session, OPERATOR, Source.of_file(SAMPLE), number)
    return browser
