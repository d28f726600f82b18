"""The form for the number of a hidden tag or a vehicle, and what is said when it is registered; for two audiences."""

from flask import flash
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from registry.errors import RegistryError
from registry.request_scope import actor, db
from registry.services import tag_marks
from registry.services.tag_marks import RegisteredTag, TagLine
from registry.services.tag_numbers import TagKind
from registry.web.refusals import show_in_form
from registry.web.words import lazy, translate

__all__ = ["TagForm", "entered", "kind_names", "registered_words", "tag_rows"]


class TagForm(FlaskForm):  # type: ignore[misc]
    """The number as it stands on the tag, on a reader or on the vehicle; what it is shows by its shape."""

    tag_number = StringField(
        lazy("Number of the tag, or VIN"),
        [DataRequired(lazy("Write the number.")), Length(max=60, message=lazy("At most 60 characters."))],
        description=lazy(
            "10 hexadecimal digits (EM4100), 15 digits (ISO 11784, FDX-B) or the 17 characters of a vehicle. Spaces "
            "and hyphens do not matter."
        ),
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )


def kind_names() -> dict[TagKind, str]:
    """What carries a number, in the reader's language."""
    return {
        TagKind.EM4100: translate("RFID tag, EM4100"),
        TagKind.ISO11784: translate("RFID tag, ISO 11784"),
        TagKind.VIN: translate("Vehicle identification number (VIN)"),
    }


def tag_rows(lines: list[TagLine]) -> list[dict[str, object]]:
    """Numbers of an item for a page: id, kind in words, and the number as people write it."""
    names = kind_names()
    return [{"id": line.id, "kind": names[line.kind], "shown": line.shown} for line in lines]


def registered_words(done: RegisteredTag) -> str:
    """That the number is registered, in a sentence."""
    kind = kind_names()[done.number.kind]
    if done.already:
        return translate("%(kind)s %(number)s was registered already.", kind=kind, number=done.shown)
    return translate("%(kind)s %(number)s is registered.", kind=kind, number=done.shown)


def entered(form: TagForm, item_id: int) -> int | None:
    """Register what the form holds on an item of the actor; tells it, or gives the status of what is wrong in it."""
    if not form.validate():
        return 422
    try:
        done = tag_marks.register(db(), actor(), item_id, form.tag_number.data)
    except RegistryError as refusal:
        return show_in_form(form, refusal)
    flash(registered_words(done), "success")
    if done.number.rewritten:
        flash(
            translate("A VIN has no I, O or Q: they were taken for 1 and 0. See that it agrees with the vehicle."),
            "warning",
        )
    if done.number.doubtful:
        flash(
            translate(
                "The ninth character of the VIN does not agree as a check digit. Not every maker uses it, so look "
                "again that nothing is miswritten."
            ),
            "warning",
        )
    return None
