"""Taking in an inventory file, with the report of what was taken, mended and refused."""

from collections import Counter

from flask import g, render_template
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField

from registry.access import Permission, needs
from registry.errors import RefusedFile
from registry.request_scope import actor, db
from registry.services import equipment
from registry.services.equipment_import import ImportWishes, import_file
from registry.services.inventory_rows import HEADER
from registry.services.tables.remarks import SHOWN, Remark
from registry.services.tables.results import ImportResult
from registry.services.tables.source import Source
from registry.web.municipality import blueprint
from registry.web.words import lazy, translate


class InventoryForm(FlaskForm):  # type: ignore[misc]
    """The file, and whether it may change what is in the register."""

    file = FileField(
        lazy("Inventory file"),
        [FileRequired(lazy("Choose a file."))],
        description=lazy("As the economy system exports it: CSV, Windows-1252 or UTF-8."),
    )
    update = BooleanField(
        lazy("The file may change things that are in the register"),
        description=lazy("Without the tick, rows that differ from the register are refused and told."),
    )


@blueprint.get("/equipment/inventory")
@needs(Permission.EQUIPMENT)
def inventory() -> str:
    """The form."""
    return _page(InventoryForm())


@blueprint.post("/equipment/inventory")
@needs(Permission.EQUIPMENT)
def take_inventory() -> tuple[str, int]:
    """Take the file and show the report; a file that is refused as a whole leaves nothing behind."""
    form = InventoryForm()
    organisation_id = equipment.municipality(actor())
    if not form.validate():
        return _page(form), 422
    sent = form.file.data
    source = Source.of_bytes(sent.filename or "inventory.csv", sent.read())
    try:
        result = import_file(db(), actor(), source, organisation_id, ImportWishes(update=form.update.data))
    except RefusedFile as refusal:
        g.refusal = refusal
        form.form_errors.append(translate("The file was refused as a whole. Nothing was taken."))
        return _page(form, refusals=refusal.values["rows"]), 422
    return _page(InventoryForm(formdata=None), result, result.refusals), 200


def _page(form: InventoryForm, result: ImportResult | None = None, refusals: object = ()) -> str:
    rows = [_row(remark) for remark in refusals] if isinstance(refusals, tuple) else []
    return render_template(
        "municipality/inventory.html",
        form=form,
        result=result,
        refusals=rows[:SHOWN],
        more=max(0, len(rows) - SHOWN),
        mendings=_mendings(result) if result else [],
        columns=HEADER,
    )


def _mendings(result: ImportResult) -> list[dict[str, object]]:
    """Each kind of mending once, with how often and an example."""
    counts = Counter((remark.column, remark.reason) for remark in result.mendings)
    first = {(remark.column, remark.reason): remark for remark in reversed(result.mendings)}
    return [{**_row(first[kind]), "count": count} for kind, count in counts.most_common()]


def _row(remark: Remark) -> dict[str, object]:
    return {
        "line": remark.line,
        "column": remark.column,
        "value": remark.shown_value,
        "taken": remark.taken,
        "reason": remark.explain(translate),
    }
