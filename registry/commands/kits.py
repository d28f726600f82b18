"""``markdna kits``: take deliveries of kits, and stop one."""

from contextlib import closing
from pathlib import Path

import click

from registry.commands.context import opened_database, say
from registry.commands.imports import FILE, opened_source, refusals_listed, tell_result, tell_warnings
from registry.commands.progress import shown_progress
from registry.services import kit_deliveries, suppliers
from registry.services.actor import OPERATOR


@click.group()
def kits() -> None:
    """Import deliveries of kits and stop them."""


@kits.command("import")
@FILE
def import_file(file: Path) -> None:
    """Take the delivery of kits in FILE, all or none.

    UTF-8, columns separated by `;`, with the header
    supplier;batch;kit_code;kit_pin;signature;emission_nm;best_before;marks. A second run changes nothing.
    """
    source, database = opened_source(file), opened_database()
    with refusals_listed():
        with shown_progress(source.name) as progress, database.transaction(reads_only=True) as session:
            delivery = kit_deliveries.read_delivery(session, source, progress)
        with closing(delivery), shown_progress(source.name) as progress, database.transaction() as session:
            result = kit_deliveries.take(session, OPERATOR, delivery, progress)
    tell_result(
        result,
        lambda: say("{taken} kits taken, {already} were there already.", taken=result.taken, already=result.already),
    )
    tell_warnings(result)


@kits.command("revoke-batch")
@click.argument("supplier")
@click.argument("batch")
@click.confirmation_option(prompt="Kits of this delivery can then no longer be activated. Go on?")
def revoke_batch(supplier: str, batch: str) -> None:
    """Stop the delivery BATCH of SUPPLIER; kits that have an owner stay theirs."""
    with opened_database().transaction() as session:
        line = suppliers.revoke_batch(session, OPERATOR, supplier, batch)
    say(
        "{batch} of {supplier} is stopped: {stopped} kits can no longer be activated, {activated} have an owner.",
        batch=line.number,
        supplier=line.supplier,
        stopped=line.revoked,
        activated=line.activated,
    )
