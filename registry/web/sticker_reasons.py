"""Why a sticker counts no more, as a question with answers."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from registry.services.stickers import CancelReason
from registry.web.words import lazy

__all__ = ["REASONS", "CancelForm", "reason_field"]

REASONS = (
    SelectChoice(CancelReason.LOST.value, lazy("It is lost, or came off")),
    SelectChoice(CancelReason.DAMAGED.value, lazy("It is damaged and cannot be read")),
    SelectChoice(CancelReason.MISPRINTED.value, lazy("It was printed badly")),
)


UNKNOWN = {"invalid_choice_message": lazy("Choose one of those in the list.")}


def reason_field(kind: Any, *validators: Any) -> Any:
    """A field of ``kind`` that asks for the reason."""
    return kind(lazy("What happened to it?"), validators, choices=list(REASONS), **UNKNOWN)


class CancelForm(FlaskForm):  # type: ignore[misc]
    """Why a printed number counts no more."""

    reason = reason_field(RadioField, InputRequired(lazy("Choose a reason.")))
