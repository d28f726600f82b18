"""A refusal shown in the form that caused it: at its field, in the reader's words, with nothing half done."""

from flask import g
from flask_wtf import FlaskForm

from registry.errors import InvalidInput, RegistryError
from registry.web.errors import status_of
from registry.web.words import translate

__all__ = ["explained", "show_in_form"]


def show_in_form(form: FlaskForm, refusal: RegistryError) -> int:
    """Put the refusal beside the field it names, or above the form, and return the status of the page.

    The request's transaction is rolled back as if the refusal had reached the error page (registry.request_scope).
    """
    g.refusal = refusal
    text = explained(refusal)
    field = form._fields.get(str(refusal.values.get("field", "")))
    if field is None:
        form.form_errors.append(text)
    else:
        field.errors = [*field.errors, text]
    return status_of(refusal)


def explained(refusal: RegistryError) -> str:
    """The refusal in the reader's words; of a plain InvalidInput what is allowed is a message id of its own."""
    if type(refusal) is InvalidInput:
        return translate("This is not allowed here. Allowed: %(allowed)s.", allowed=translate(_allowed(refusal)))
    return refusal.explain(translate)


def _allowed(refusal: InvalidInput) -> str:
    return str(refusal.values["allowed"])
