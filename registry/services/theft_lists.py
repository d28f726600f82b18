"""Lists of stolen goods that police publish, taken with a mapping of their columns.

Rows that are right are taken, others are refused and told; a file that cannot be trusted as a whole is refused. A row
is known again by its reference within its list (``source``), so the same file, or a newer one of the same list, adds
only what is new. Where the mapping names no reference, the row's own content is it.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, cast

from sqlalchemy import Table, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry import clock
from registry.errors import Conflict
from registry.models.thefts import TheftReport
from registry.services import audit
from registry.services.actor import Actor
from registry.services.csv_export import unescaped
from registry.services.folding import folded_serial
from registry.services.tables.bulk import bulk_insert
from registry.services.tables.cells import amount_in_ore, checked_text, day_in, looks_like_formula, means_nothing
from registry.services.tables.reading import Row, read_rows
from registry.services.tables.remarks import CellRefused, Reason, Remarks
from registry.services.tables.results import ImportResult, conclude, counted
from registry.services.tables.source import Progress, Source, no_progress
from registry.services.theft_mapping import TheftMapping

__all__ = ["import_file"]

_KEPT_REMARKS = 100_000
_CHUNK = 500
_LONGEST = {
    "police_number": 60,
    "reference": 80,
    "source": 60,
    "goods": 120,
    "maker": 120,
    "model": 120,
    "serial_number": 80,
    "colour": 60,
    "place": 200,
    "account": 2000,
}
_DEFAULT_SOURCE = "police list"


@dataclass(frozen=True, slots=True)
class _Theft:
    """A row that can be taken."""

    source: str
    reference: str
    police_number: str
    occurred_on: date | None
    goods: str
    maker: str
    model: str
    serial_folded: str
    colour: str
    value: int | None
    place: str
    account: str
    recovered: bool


def import_file(
    session: Session,
    actor: Actor,
    source: Source,
    organisation_id: int,
    mapping: TheftMapping,
    *,
    strict: bool = False,
    progress: Progress = no_progress,
) -> ImportResult:
    """Take a list of thefts for a police authority; raises RefusedFile when the file as a whole is refused.

    A thing that a newer list calls recovered is no longer reported stolen.
    """
    mapping.check()
    mendings, refusals = Remarks(_KEPT_REMARKS), Remarks(_KEPT_REMARKS)
    rows, count = _read(source, mapping, mendings, refusals, progress)
    if strict or refusals.fatal:
        refusals.raise_if_any(source.name)
    new, changed = _against_register(session, organisation_id, rows, refusals)
    if strict:
        refusals.raise_if_any(source.name)
    _write(session, organisation_id, new, source.name)
    refused = len({remark.line for remark in refusals.kept})
    result = ImportResult(
        "thefts",
        source.name,
        rows=count,
        taken=len(new),
        changed=changed,
        already=count - len(new) - changed - refused,
        refused=refused,
        mended=len(mendings),
        refusals=tuple(sorted(refusals.kept, key=lambda remark: remark.line)),
        mendings=tuple(sorted(mendings.kept, key=lambda remark: remark.line)),
        counts=counted(refusals, mendings),
    )
    return conclude(session, actor, audit.Action.THEFTS_IMPORTED, result, source.fingerprint(), organisation_id)


def _read(
    source: Source, mapping: TheftMapping, mendings: Remarks, refusals: Remarks, progress: Progress
) -> tuple[list[tuple[int, _Theft]], int]:
    reader = _RowReader(mapping, mendings, refusals, clock.now().date())
    seen: dict[tuple[str, str], tuple[int, _Theft]] = {}
    count = 0
    rows = read_rows(
        source,
        _check_header(mapping),
        refusals,
        encoding=mapping.encoding,
        delimiter=mapping.delimiter,
        progress=progress,
    )
    for row in rows:
        count += 1
        theft = reader.checked(row)
        if theft is None:
            continue
        first = seen.setdefault((theft.source, theft.reference), (row.line, theft))
        if first[0] == row.line:
            continue
        column = mapping.columns.get("reference", "")
        if first[1] == theft:
            same = Reason.SAME_ROW_AGAIN
            mendings.add(row.line, column, theft.reference, same, taken=theft.reference, first=first[0])
        else:
            refusals.add(row.line, column, theft.reference, Reason.REPEATED_WITH_OTHER_CONTENT, first=first[0])
    broken = sum(times for (_, reason), times in refusals.counts.items() if reason is Reason.CELL_COUNT)
    return list(seen.values()), count + broken


def _check_header(mapping: TheftMapping) -> Callable[[Sequence[str], Remarks], list[str]]:
    def check(header: Sequence[str], remarks: Remarks) -> list[str]:
        names = [name.strip() for name in header]
        for name in dict.fromkeys(mapping.columns.values()):
            if name not in names:
                remarks.add(1, name, name, Reason.NOT_MAPPED, fatal=True, allowed=", ".join(names))
            elif names.count(name) > 1:
                remarks.add(1, name, name, Reason.REPEATED_COLUMN, fatal=True)
        return [name if name in mapping.columns.values() else "" for name in names]

    return check


class _RowReader:
    """Takes rows apart as the mapping says."""

    def __init__(self, mapping: TheftMapping, mendings: Remarks, refusals: Remarks, today: date) -> None:
        self._mapping = mapping
        self._mendings = mendings
        self._refusals = refusals
        self._today = today

    def checked(self, row: Row) -> _Theft | None:
        """The theft of a row; None when something of it is refused."""
        before = len(self._refusals)
        texts = {name: self._text(row, name) for name in _LONGEST}
        occurred_on, value, recovered = self._day(row), self._value(row), self._recovered(row)
        if len(self._refusals) > before:
            return None
        theft = _Theft(
            source=texts["source"] or _DEFAULT_SOURCE,
            reference=texts["reference"],
            police_number=texts["police_number"],
            occurred_on=occurred_on,
            goods=texts["goods"],
            maker=texts["maker"],
            model=texts["model"],
            serial_folded=folded_serial(texts["serial_number"]),
            colour=texts["colour"],
            value=value,
            place=texts["place"],
            account=texts["account"],
            recovered=recovered,
        )
        return theft if theft.reference else _with_own_reference(theft)

    def _text(self, row: Row, name: str) -> str:
        text = unescaped(self._given(row, name))
        needed = name == "police_number" or (name == "reference" and name in self._mapping.columns)
        if name != "account" and ("\n" in text or "\r" in text):
            joined = " ".join(text.split())
            self._mend(row, name, text, Reason.LINE_BREAKS_JOINED, joined)
            text = joined
        if looks_like_formula(text):
            self._mend(row, name, text, Reason.FORMULA_KEPT_AS_TEXT, text)
        try:
            return checked_text(text, _LONGEST[name], needed=needed, lines=name == "account")
        except CellRefused as fault:
            self._refuse(row, name, text, fault)
            return ""

    def _day(self, row: Row) -> date | None:
        text = self._given(row, "occurred_on")
        if not text:
            return None
        try:
            day = day_in(text, self._mapping.date_formats)
            if day > self._today:
                raise CellRefused(Reason.NOT_ALLOWED, allowed=f"≤ {self._today}")  # noqa: TRY301 - one way out
        except CellRefused as fault:
            self._refuse(row, "occurred_on", text, fault)
            return None
        return day

    def _value(self, row: Row) -> int | None:
        text = self._given(row, "value")
        if not text:
            return None
        try:
            units = round(amount_in_ore(text) / 100)
        except CellRefused as fault:
            self._refuse(row, "value", text, fault)
            return None
        if str(units) != text:
            self._mend(row, "value", text, Reason.AMOUNT_REWRITTEN, str(units))
        return units

    def _recovered(self, row: Row) -> bool:
        text = self._given(row, "state").casefold()
        if text not in {"", "stolen", "recovered"}:
            self._refuse(row, "state", text, CellRefused(Reason.NOT_ALLOWED, allowed="stolen, recovered"))
        return text == "recovered"

    def _given(self, row: Row, name: str) -> str:
        """The field's value: its constant, or its cell without blanks and with the mapping's words."""
        if name in self._mapping.constants:
            return self._mapping.constants[name]
        column = self._mapping.columns.get(name)
        if column is None:
            return ""
        given = row.cells[column]
        text = given.strip()
        if text != given:
            self._mend(row, name, given, Reason.BLANKS_REMOVED, text)
        words = self._mapping.words.get(name, {})
        if text in words or name in self._mapping.letters:
            said = self._in_words(text, name, words)
            if said != text:
                self._mend(row, name, text, Reason.VALUE_MAPPED if said else Reason.NOTHING_TO_MAP, said)
            return said
        if means_nothing(text):
            self._mend(row, name, text, Reason.NOTHING_KNOWN, "")
            return ""
        return text

    def _in_words(self, text: str, name: str, words: Any) -> str:
        """The words for a code, which may hold several of equal length: ``BLKSIL`` is black and silver."""
        if text in words:
            return str(words[text])
        length = self._mapping.letters.get(name, 0)
        parts = [text[start : start + length] for start in range(0, len(text), length)] if length else [text]
        if not all(part in words for part in parts):
            return text
        return ", ".join(word for part in parts if (word := words[part]))

    def _mend(self, row: Row, name: str, value: str, reason: Reason, taken: str) -> None:
        self._mendings.add(row.line, self._mapping.columns.get(name, name), value, reason, taken=taken)

    def _refuse(self, row: Row, name: str, value: str, fault: CellRefused) -> None:
        self._refusals.add(row.line, self._mapping.columns.get(name, name), value, fault.reason, **fault.values)


def _with_own_reference(theft: _Theft) -> _Theft:
    content = "\x1f".join(str(value) for name, value in asdict(theft).items() if name != "recovered")
    digest = hashlib.sha256(content.encode()).hexdigest()[:32]
    return _Theft(**{**asdict(theft), "reference": digest})


def _against_register(
    session: Session, organisation_id: int, rows: Sequence[tuple[int, _Theft]], refusals: Remarks
) -> tuple[list[_Theft], int]:
    """What is new, and how many reports were withdrawn because the thing was recovered."""
    new: list[_Theft] = []
    changed = 0
    now = clock.now()
    for start in range(0, len(rows), _CHUNK):
        chunk = rows[start : start + _CHUNK]
        held = {
            (report.source, report.reference): report
            for report in session.scalars(
                select(TheftReport).where(
                    TheftReport.organisation_id == organisation_id,
                    TheftReport.reference.in_([theft.reference for _, theft in chunk]),
                )
            )
        }
        for line, theft in chunk:
            report = held.get((theft.source, theft.reference))
            if report is None:
                new.append(theft)
            elif differing := _differences(report, theft):
                reason = Reason.DIFFERS_FROM_REGISTER
                refusals.add(line, "reference", theft.reference, reason, columns=differing)
            elif theft.recovered and report.withdrawn_at is None:
                report.withdrawn_at = now
                changed += 1
    session.flush()
    return new, changed


def _differences(report: TheftReport, theft: _Theft) -> str:
    names = [name for name in asdict(theft) if name != "recovered"]
    return ", ".join(name for name in names if getattr(report, name) != getattr(theft, name))


def _write(session: Session, organisation_id: int, thefts: Sequence[_Theft], file: str) -> None:
    if not thefts:
        return
    now = clock.now()
    fields = [name for name in asdict(thefts[0]) if name != "recovered"]
    columns = [*fields, "organisation_id", "reported_at", "withdrawn_at"]
    rows = (
        [*(getattr(theft, name) for name in fields), organisation_id, now, now if theft.recovered else None]
        for theft in thefts
    )
    try:
        bulk_insert(session, cast("Table", TheftReport.__table__), columns, rows)
    except IntegrityError as refused:
        raise Conflict(what=file, reason="somebody else imports it now; try again") from refused
