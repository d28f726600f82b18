"""The style page: every component with plausible content in all states, and the colours with their contrast."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, cast

from flask import Blueprint, Response, current_app, make_response, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    FileField,
    Form,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Optional, Regexp

from labels.language import Language, translations
from registry.access import Permission, needs
from registry.identification.answer import AlignedColumn, Alignment, ColumnKind, Grade
from registry.web.contrast import measure, read_colours

__all__ = ["style", "style_page_context"]

TRANSLATIONS: Final = Path(__file__).parents[1] / "translations"
LOOKALIKES: Final = ("O0", "IL1|", "S5", "Z2", "B8", "G6")
"""Characters an etched dot makes easy to confuse (docs: domain glossary, code shapes)."""

Translate = Callable[[str], str]

style = Blueprint("style", __name__, url_prefix="/style")


def _kind(read: str, mark: str) -> ColumnKind:
    if not read:
        return ColumnKind.MISSING
    if not mark:
        return ColumnKind.EXTRA
    if read == mark:
        return ColumnKind.MATCH
    if read in "?N":
        return ColumnKind.UNREADABLE
    if any(read in group and mark in group for group in LOOKALIKES):
        return ColumnKind.LOOKALIKE
    return ColumnKind.MISMATCH


_STRAND = "ACGTTGATTACAGGCATACAGGACCATCGATTACGGCTTAGCAACGTTAGGCATCAGGATTACGC"


def _sample_alignment(read: str, mark: str, *, reverse_strand: bool = False) -> Alignment:
    """An alignment written by hand: two lines of equal length, ``-`` where one of them has nothing."""
    pairs = [(one.strip("-"), other.strip("-")) for one, other in zip(read, mark, strict=True)]
    columns = tuple(AlignedColumn(one, other, _kind(one, other)) for one, other in pairs)
    return Alignment(columns, reverse_strand=reverse_strand)


def _sample_form(translate: Translate, name: str, data: dict[str, str], *, sent: bool) -> Form:
    """A form filled with ``data``; one that was sent is checked, so that its wrong fields carry errors."""

    class SampleForm(Form):  # type: ignore[misc, unused-ignore]
        kit_code = StringField(
            translate("Kit code"),
            description=translate("Printed on the box, for example SDNA-4K7Q-2M9X."),
            validators=[
                InputRequired(translate("Enter the kit code.")),
                Regexp(r"^SDNA", message=translate("A kit code has letters and digits in three groups.")),
            ],
        )
        name = StringField(
            translate("What is it?"), validators=[InputRequired(translate("Enter what the thing is, e.g. bicycle."))]
        )
        category = SelectField(
            translate("Kind"),
            choices=[SelectChoice("bicycle", translate("Bicycle")), SelectChoice("tool", translate("Tool"))],
        )
        value = DecimalField(translate("Value"), validators=[Optional()])
        bought = DateField(translate("Bought"), validators=[Optional()])
        photo = FileField(translate("Photo"), description=translate("Place and camera data are removed."))
        place = RadioField(
            translate("Where is the mark?"),
            choices=[
                SelectChoice("frame", translate("Under the bottom bracket")),
                SelectChoice("bar", translate("Inside the handlebar")),
            ],
            validators=[InputRequired(translate("Choose where the mark is."))],
        )
        notes = TextAreaField(translate("Notes"), validators=[Optional()])
        confirmed = BooleanField(
            translate("I have put at least three mark points on the thing."),
            validators=[InputRequired(translate("Mark the thing before you register it."))],
        )

    form = SampleForm(MultiDict({f"{name}-{field}": value for field, value in data.items()}), prefix=name)
    if sent:
        form.validate()
    return form


def style_page_context(translate: Translate) -> dict[str, Any]:
    """What ``style/index.html`` shows beside its own words: colours, forms, alignments, moments."""
    colours = read_colours()
    return {
        "colours": colours,
        "contrasts": measure(colours),
        "form": _sample_form(
            translate, "right", {"kit_code": "SDNA-4K7Q-2M9X", "name": "Cykel, Crescent Femto"}, sent=False
        ),
        "wrong_form": _sample_form(translate, "wrong", {"kit_code": "4K7Q", "category": "bicycle"}, sent=True),
        "grades": sorted(Grade, reverse=True),
        "dot": _sample_alignment("ENX?O9494", "ENXQ09494"),
        "wrong_dot": _sample_alignment("NLP010-44X", "NLPO10444-"),
        "vehicle": _sample_alignment("WVWZZZ1JZXW00O0O1", "WVWZZZ1JZXW000001"),
        "strand": _sample_alignment(
            "ACGTTGATTACAGGCATTCAGGTACCATNGATTACGGCTTAGCA-CGTTAGGCATCAGGATTACGC",
            "ACGTTGATTACAGGCATACAGG-ACCATCGATTACGGCTTAGCAACGTTAGGCATCAGGATTACGC",
            reverse_strand=True,
        ),
        "reads": [
            _sample_alignment(read, _STRAND, reverse_strand=place == 1)
            for place, read in enumerate(
                (
                    f"{_STRAND[:11]}-{_STRAND[12:40]}T{_STRAND[41:]}",
                    f"{_STRAND[:30]}N{_STRAND[31:]}",
                    f"{_STRAND[:11]}G{_STRAND[12:]}",
                    _STRAND,
                )
            )
        ],
        "long_strand": _sample_alignment("ACGTTGATTACAGGCATTCAGGTACC" * 5, "ACGTTGATTACAGGCATTCAGGTACC" * 5),
        "now": datetime(2026, 11, 22, 15, 4, 5, tzinfo=UTC),
        "value": Decimal(12500),
        "icons": _icon_names(),
    }


def _icon_names() -> list[str]:
    sprite = (Path(__file__).parent / "static" / "icons" / "sprite.svg").read_text(encoding="utf-8")
    return [part.split('"', 1)[0] for part in sprite.split('<symbol id="')[1:]]


@style.get("")
@needs(Permission.ANYONE)
def index() -> str:
    """Every component; ``?language`` and ``?theme`` are read by the application's own switches, if it has them."""
    language = Language(cast("Callable[[], str]", current_app.jinja_env.globals["page_language"])())
    translate = translations(language, TRANSLATIONS).gettext
    return render_template("style/index.html", live_url=url_for("style.live"), **style_page_context(translate))


@style.get("/live")
@needs(Permission.ANYONE)
def live() -> Response:
    """One reading for the live region of the style page, then nothing new."""
    if request.args.get("after"):
        return Response(status=204)
    answer = make_response(render_template("style/live.html", now=datetime.now(UTC)))
    answer.headers["Live-Cursor"] = "1"
    return answer
