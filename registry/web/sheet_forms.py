"""What both forms for printing labels share: places of a sheet, packages, stocks in words, designs with pictures."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, session
from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange

from labels.pdf import Design
from labels.stock import Stock
from registry.services.sheet_packages import LONGEST_NAME, Package
from registry.services.stickers import MOST_COPIES
from registry.web.words import current_language, lazy, translate

__all__ = ["DesignCard", "SheetForm", "design_cards", "keep_sheet", "places_in", "sheet_in_use", "stock_choices"]

_PLACES = re.compile(r"\s*|\s*\d{1,3}(?:\s*[-,\s]\s*\d{1,3})*\s*")
_PLACE = lazy("Write the number of a place, 1 for a new sheet.")
_COPIES = lazy("Write a number from 1 to 20.")


class SheetForm(FlaskForm):  # type: ignore[misc]
    """On which stock, from which place, which places to leave out, how many of each, from which package."""

    stock = SelectField(
        lazy("Sheet of labels"),
        [InputRequired(lazy("Choose a sheet."))],
        description=lazy("The code stands on the package of the sheets."),
        invalid_choice_message=lazy("Choose one of those in the list."),
    )
    start = IntegerField(
        lazy("First free place on the sheet"),
        [InputRequired(_PLACE), NumberRange(1, 1000, _PLACE)],
        invalid_value_message=_PLACE,
        default=1,
        description=lazy("1 for a new sheet. Places count from the top left, row by row."),
    )
    copies = IntegerField(
        lazy("Copies of each"),
        [InputRequired(lazy("Write how many.")), NumberRange(1, MOST_COPIES, _COPIES)],
        invalid_value_message=_COPIES,
        default=1,
    )
    skip = StringField(
        lazy("Places to leave out"),
        [Length(max=400)],
        description=lazy("Places of the first sheet that are used or damaged, such as 4, 7-9."),
        render_kw={"autocomplete": "off"},
    )
    package = StringField(
        lazy("Remember the sheet as"),
        [Length(max=LONGEST_NAME, message=lazy("Use a name of at most 60 characters."))],
        description=lazy("A name for the package, such as “blue box”. Next time you go on at its first free place."),
        render_kw={"autocomplete": "off"},
    )

    def validate_skip(self, field: StringField) -> None:
        """Refuse what is no list of places."""
        if not _PLACES.fullmatch(field.data or ""):
            raise ValidationError(translate("Write numbers of places, such as 4, 7-9."))


@dataclass(frozen=True, slots=True)
class DesignCard:
    """A design to choose: its name and purpose in the reader's words, and its picture among the static files."""

    name: str
    title: str
    purpose: str
    picture: str


def design_cards(designs: Sequence[Design]) -> list[DesignCard]:
    """The designs as they are shown."""
    language = current_language().value
    return [
        DesignCard(one.name, translate(one.title), translate(one.purpose), f"labels/{one.name}-{language}.png")
        for one in designs
    ]


def stock_choices(stocks: Sequence[Stock]) -> list[SelectChoice]:
    """Stocks by code with count and size in words."""
    return [SelectChoice(stock.code, _stock_name(stock)) for stock in stocks]


def _stock_name(stock: Stock) -> str:
    width, height = (f"{side:g}".replace(".", ",") for side in stock.label)
    if stock.positions == 1:
        return translate("%(code)s: a page of %(width)s by %(height)s mm", code=stock.code, width=width, height=height)
    return translate(
        "%(code)s: %(count)s labels of %(width)s by %(height)s mm",
        code=stock.code,
        count=stock.positions,
        width=width,
        height=height,
    )


def places_in(text: str) -> frozenset[int]:
    """``4, 7-9`` as places."""
    places: set[int] = set()
    for first, last in re.findall(r"(\d+)(?:\s*-\s*(\d+))?", text):
        places.update(range(int(first), int(last or first) + 1))
    return frozenset(places)


def places_told(places: Collection[int]) -> str:
    """Places as ``4, 7-9``."""
    told: list[list[int]] = []
    for place in sorted(places):
        if told and told[-1][1] == place - 1:
            told[-1][1] = place
        else:
            told.append([place, place])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in told)


def sheet_in_use(kept_as: str, stocks: Sequence[Stock], package: Package | None) -> dict[str, Any]:
    """What the form begins with: the package that was chosen, else where this browser's last sheet can go on.

    Sheets lie where the printer stands, so a sheet without a package is remembered in the browser alone.
    """
    known = {stock.code: stock for stock in stocks}
    if package is not None and package.stock in known:
        skip = places_told(package.skip)
        return {"stock": package.stock, "start": package.start, "skip": skip, "package": package.name}
    match session.get(kept_as):
        case [str(code), int(start)] if code in known and 1 <= start <= known[code].positions:
            return {"stock": code, "start": start}
        case _:
            return {"stock": next(iter(known)), "start": 1}


def keep_sheet(kept_as: str, stock: str, next_start: int, *, replaced: bool = False) -> None:
    """Remember in the browser where the last sheet can go on; the next page tells of letters that were ``replaced``."""
    session[kept_as] = [stock, next_start]
    if replaced:
        flash(
            translate("Some characters are not in the typeface and were printed as a question mark."),
            "warning",
        )
