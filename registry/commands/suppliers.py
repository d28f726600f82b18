"""``markdna suppliers``: who delivers kits, how their codes look, whom to call."""

from pathlib import Path

import click

from registry.commands.context import opened_database, say
from registry.commands.imports import FILE, opened_source, refusals_listed, tell_result
from registry.commands.progress import shown_progress
from registry.services import suppliers as service
from registry.services.actor import OPERATOR


@click.group()
def suppliers() -> None:
    """Import and list the suppliers of kits."""


@suppliers.command("import")
@FILE
def import_file(file: Path) -> None:
    """Take the suppliers in FILE, all or none.

    UTF-8, columns separated by `;`, with the header
    supplier;code_pattern;forward_primer;reverse_primer;emission_nm;phone;email and, if wanted, ;code_check: the check
    characters of the family's codes (none, vin, luhn, mod11-2, mod97-10, mod37-2, mod37-36, sticker). A check that
    codes in the register do not carry is refused. A second run changes nothing.
    """
    source = opened_source(file)
    with refusals_listed(), shown_progress(source.name) as progress, opened_database().transaction() as session:
        result = service.import_file(session, OPERATOR, source, progress)
    tell_result(
        result,
        lambda: say(
            "{taken} suppliers' rows taken, {already} were there already.", taken=result.taken, already=result.already
        ),
    )


@suppliers.command("list")
def list_suppliers() -> None:
    """List suppliers: name, code families with their checks, telephone, e-mail, number of deliveries and kits."""
    with opened_database().transaction(reads_only=True) as session:
        for line in service.every(session, OPERATOR):
            fields = (
                line.name,
                " ".join(map(_family, line.families)),
                line.phone,
                line.email,
                str(line.batches),
                str(line.kits),
            )
            click.echo("\t".join(fields))


def _family(family: service.FamilyLine) -> str:
    return family.pattern if family.check == "none" else f"{family.pattern} ({family.check})"
