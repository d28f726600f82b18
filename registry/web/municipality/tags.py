"""Numbers of hidden tags and of vehicles on equipment: on one thing, or a list of many."""

from flask import flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from registry.access import Permission, needs
from registry.errors import RegistryError
from registry.request_scope import actor, db
from registry.services import equipment, tag_marks
from registry.services.tag_marks import BulkLine
from registry.web.municipality import blueprint
from registry.web.refusals import explained, show_in_form
from registry.web.tag_forms import TagForm, entered, registered_words, tag_rows
from registry.web.words import lazy, translate

_LONGEST_LIST = 40_000


class TagListForm(FlaskForm):  # type: ignore[misc]
    """Many numbers at once."""

    lines = TextAreaField(
        lazy("One thing a line"),
        [DataRequired(lazy("Write at least one line.")), Length(max=_LONGEST_LIST)],
        description=lazy("Inventory number, semicolon, number of the tag or VIN: B-117; 900 250000023921"),
        render_kw={"rows": 10, "spellcheck": "false", "autocomplete": "off"},
    )


@blueprint.get("/equipment/<int:item_id>/tags")
@needs(Permission.EQUIPMENT, writes=True)
def tags(item_id: int) -> str:
    """The numbers of a thing and the form for another."""
    return _page(TagForm(), item_id)


@blueprint.post("/equipment/<int:item_id>/tags")
@needs(Permission.EQUIPMENT)
def add_tag(item_id: int) -> tuple[str, int] | BaseResponse:
    """Register the number, or say what is wrong with it."""
    form = TagForm()
    status = entered(form, item_id)
    if status is None:
        return redirect(url_for("municipality.equipment_card", item_id=item_id), 303)
    return _page(form, item_id), status


@blueprint.post("/equipment/<int:item_id>/tags/<int:tag_id>/remove")
@needs(Permission.EQUIPMENT)
def remove_tag(item_id: int, tag_id: int) -> BaseResponse:
    """Take the number off the thing."""
    tag_marks.remove(db(), actor(), item_id, tag_id)
    flash(translate("The number counts no more."), "success")
    return redirect(url_for("municipality.tags", item_id=item_id), 303)


@blueprint.get("/equipment/tags")
@needs(Permission.EQUIPMENT)
def tag_list() -> str:
    """The form for many."""
    return render_template("municipality/tag_list.html", form=TagListForm(), taken=None, refused=[])


@blueprint.post("/equipment/tags")
@needs(Permission.EQUIPMENT)
def add_tag_list() -> tuple[str, int]:
    """Take the lines that are right and tell the others; those stay in the form, to be mended."""
    form = TagListForm()
    if not form.validate():
        return render_template("municipality/tag_list.html", form=form, taken=None, refused=[]), 422
    try:
        done = tag_marks.register_lines(db(), actor(), form.lines.data)
    except RegistryError as refusal:
        status = show_in_form(form, refusal)
        return render_template("municipality/tag_list.html", form=form, taken=None, refused=[]), status
    written = form.lines.data.splitlines()
    refused = [line for line in done if line.refusal is not None]
    form.lines.data = "\n".join(written[line.line - 1] for line in refused)
    rows = [_row(line) for line in done]
    page = render_template(
        "municipality/tag_list.html", form=form, taken=len(done) - len(refused), refused=refused, rows=rows
    )
    return page, 200


def _row(line: BulkLine) -> dict[str, object]:
    if line.refusal is not None:
        return {"line": line.line, "text": line.text, "outcome": explained(line.refusal)}
    assert line.done is not None  # noqa: S101 - one of the two is there
    said = registered_words(line.done)
    if line.done.number.rewritten or line.done.number.doubtful:
        said = f"{said} {translate('Look again that it agrees with the vehicle.')}"
    return {"line": line.line, "text": line.text, "outcome": said}


def _page(form: TagForm, item_id: int) -> str:
    return render_template(
        "municipality/tags.html",
        form=form,
        card=equipment.one(db(), actor(), item_id),
        tags=tag_rows(list(tag_marks.of_item(db(), actor(), item_id))),
        most=tag_marks.MOST_TAGS,
    )
