"""Rows of a municipality's inventory as its economy system exports them, made into what the register keeps.

Each row is taken whole or refused whole. What is mended on the way (a date in another style, ``saknas`` for a serial
number) is told line by line; what only looks odd, such as a formula in a note, is kept as plain text.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from registry.errors import NotATagNumber
from registry.services.csv_export import unescaped
from registry.services.tables.cells import (
    amount_in_ore,
    checked_text,
    iso_day,
    looks_like_formula,
    means_nothing,
    swedish_day,
)
from registry.services.tables.reading import Row
from registry.services.tables.remarks import CellRefused, Reason, Remarks
from registry.services.tag_numbers import MOST_TAGS, shown, tag_number

__all__ = ["HEADER", "InventoryRow", "InventoryRows", "check_header"]

# Field, its heading in exports, other headings that are understood, and the longest text that is allowed.
_FIELDS: tuple[tuple[str, str, tuple[str, ...], int], ...] = (
    ("inventory_number", "Inventarienummer", ("inventarienr", "inv.nr", "inventory number"), 60),
    ("name", "Benämning", ("föremål", "namn", "name"), 120),
    ("maker", "Tillverkare", ("fabrikat", "märke", "maker"), 120),
    ("model", "Modell", ("typ", "model"), 120),
    ("serial_number", "Serienummer", ("serienr", "serial number"), 80),
    ("theft_marking", "Stöldmärkning", ("märkning", "theft marking"), 60),
    ("department", "Avdelning", ("förvaltning", "enhet", "department"), 120),
    ("building", "Placering", ("byggnad", "plats", "building"), 120),
    ("room", "Rum", ("lokal", "room"), 120),
    ("custodian", "Ansvarig", ("kontaktperson", "custodian"), 120),
    ("purchased_on", "Inköpsdatum", ("anskaffningsdatum", "purchase date"), 30),
    ("price", "Inköpspris", ("anskaffningsvärde", "pris", "price"), 30),
    ("tag_numbers", "RFID/VIN", ("rfid", "vin", "transponder", "chassinummer", "tag number", "chip"), 200),
    ("note", "Anmärkning", ("notering", "kommentar", "note"), 2000),
)
HEADER: tuple[str, ...] = tuple(heading for _, heading, _, _ in _FIELDS)
_NEEDED = ("inventory_number", "name")
_HEADING = {field: heading for field, heading, _, _ in _FIELDS}
_LONGEST = {field: most for field, _, _, most in _FIELDS}
_FIELD_OF_HEADING = {
    name.casefold(): field for field, heading, others, _ in _FIELDS for name in (heading, field, *others)
}
_OWN_RULES = {"tag_numbers", "purchased_on", "price"}
_HARD_SPACES = "\u00a0\u2007\u2009\u202f"


@dataclass(frozen=True, slots=True)
class InventoryRow:
    """A row that can be taken; empty text or None where nothing is known."""

    inventory_number: str
    name: str
    maker: str = ""
    model: str = ""
    serial_number: str = ""
    theft_marking: str = ""
    department: str = ""
    building: str = ""
    room: str = ""
    custodian: str = ""
    purchased_on: date | None = None
    price_ore: int | None = None
    note: str = ""
    tag_numbers: tuple[str, ...] | None = None
    """Numbers of tags and vehicles in their normal form, sorted; None when the file has no column for them."""


def check_header(mendings: Remarks) -> Callable[[Sequence[str], Remarks], list[str]]:
    """A header check: number and name are needed; columns nobody knows are left out and told in ``mendings``."""

    def check(header: Sequence[str], remarks: Remarks) -> list[str]:
        fields: list[str] = []
        for name in header:
            field = _FIELD_OF_HEADING.get(name.strip().casefold(), "")
            if not field and name.strip():
                mendings.add(1, name, name, Reason.COLUMN_LEFT_OUT)
            if field and field in fields:
                remarks.add(1, name, name, Reason.REPEATED_COLUMN, fatal=True)
            fields.append(field)
        for field in _NEEDED:
            if field not in fields:
                remarks.add(1, _HEADING[field], "", Reason.MISSING_COLUMN, fatal=True)
        return fields

    return check


class InventoryRows:
    """Checks rows one after another, telling what it mends and what it refuses."""

    def __init__(self, mendings: Remarks, refusals: Remarks, today: date) -> None:
        self._mendings = mendings
        self._refusals = refusals
        self._today = today

    def checked(self, row: Row) -> InventoryRow | None:
        """The row to take; None when something of it is refused."""
        before = len(self._refusals)
        texts = {field: self._text(row, field) for field in row.cells if field not in _OWN_RULES}
        tag_numbers = self._tags(row) if "tag_numbers" in row.cells else None
        purchased_on = self._day(row)
        price_ore = self._price(row)
        if len(self._refusals) > before:
            return None
        return InventoryRow(**texts, purchased_on=purchased_on, price_ore=price_ore, tag_numbers=tag_numbers)

    def _text(self, row: Row, field: str) -> str:
        text = unescaped(self._bare(row, field))
        if "\n" in text and field != "note":
            joined = " ".join(text.split())
            self._mend(row, field, text, Reason.LINE_BREAKS_JOINED, joined)
            text = joined
        if looks_like_formula(text):
            self._mend(row, field, text, Reason.FORMULA_KEPT_AS_TEXT, text)
        try:
            return checked_text(text, _LONGEST[field], needed=field in _NEEDED, lines=field == "note")
        except CellRefused as fault:
            self._refusals.add(row.line, _HEADING[field], text, fault.reason, **fault.values)
            return ""

    def _tags(self, row: Row) -> tuple[str, ...]:
        text = unescaped(self._bare(row, "tag_numbers"))
        found: dict[str, None] = {}
        # A card's number has a comma and blanks in it, so none of these keeps two numbers apart.
        for part in filter(None, (part.strip() for part in text.split("/"))):
            try:
                one = tag_number(part)
            except NotATagNumber:
                self._refusals.add(row.line, _HEADING["tag_numbers"], part, Reason.NO_TAG_NUMBER)
                return ()
            if one.rewritten:
                self._mend(row, "tag_numbers", part, Reason.TAG_REWRITTEN, shown(one.kind, one.number))
            if one.doubtful:
                self._mend(row, "tag_numbers", part, Reason.TAG_DOUBTFUL, shown(one.kind, one.number))
            found[one.number] = None
        if len(found) > MOST_TAGS:
            self._refusals.add(row.line, _HEADING["tag_numbers"], text, Reason.NO_TAG_NUMBER)
        return tuple(sorted(found))

    def _day(self, row: Row) -> date | None:
        text = self._bare(row, "purchased_on")
        if not text:
            return None
        try:
            day = swedish_day(text)
        except CellRefused as fault:
            self._refusals.add(row.line, _HEADING["purchased_on"], text, fault.reason, **fault.values)
            return None
        try:
            iso_day(text)
        except CellRefused:
            self._mend(row, "purchased_on", text, Reason.DATE_REWRITTEN, day.isoformat())
        if day > self._today:
            self._mend(row, "purchased_on", text, Reason.IN_THE_FUTURE, day.isoformat())
        return day

    def _price(self, row: Row) -> int | None:
        text = self._bare(row, "price")
        if not text:
            return None
        try:
            ore = amount_in_ore(text)
        except CellRefused as fault:
            self._refusals.add(row.line, _HEADING["price"], text, fault.reason, **fault.values)
            return None
        plain = f"{ore // 100},{ore % 100:02d}"
        if any(space in text for space in _HARD_SPACES):
            self._mend(row, "price", text, Reason.HARD_SPACE, plain)
        elif text.replace(" ", "") not in {plain, str(ore // 100)}:
            self._mend(row, "price", text, Reason.AMOUNT_REWRITTEN, plain)
        return ore

    def _bare(self, row: Row, field: str) -> str:
        """The cell without blanks around it, empty when it says that nothing is known."""
        given = row.cells.get(field, "").replace("\r\n", "\n").replace("\r", "\n")
        text = given.strip()
        if text != given:
            self._mend(row, field, given, Reason.BLANKS_REMOVED, text)
        if means_nothing(text):
            self._mend(row, field, text, Reason.NOTHING_KNOWN, "")
            return ""
        return text

    def _mend(self, row: Row, field: str, value: str, reason: Reason, taken: str) -> None:
        self._mendings.add(row.line, _HEADING[field], value, reason, taken=taken)
