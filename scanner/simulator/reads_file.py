"""Files of readings for the virtual reader: FASTQ, TOML, JSON and CSV (docs/readers/virtual.md)."""

import csv
import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NoReturn

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from scanner.drivers.virtual import PlannedReading
from scanner.errors import BadReadsFileError
from scanner.reading import DnaRead, DotText, Observation, ReaderIdentity, UvFinding

__all__ = ["DEFAULT_IDENTITY", "planned_readings", "reader_identity"]

DEFAULT_IDENTITY = ReaderIdentity("Nordisk Mätteknik", "UVD-2", "SN00417", "1.4.2")
_FASTQ = {".fastq", ".fq"}
_KNOWN = ".fastq, .fq, .toml, .json, .csv"


class _Row(BaseModel):
    """One reading of a TOML, JSON or CSV file."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)

    id: str = Field(pattern=r"^[!-~]{1,64}$")
    glow: bool | None = None
    peak_nm: int = Field(default=612, ge=0, le=2000)
    intensity: int = Field(default=700, ge=0, le=1000)
    dot: str = Field(default="", max_length=64)
    dot_quality: str = Field(default="", pattern=r"^[!-~]*$")
    bases: str = Field(default="", pattern=r"^[ACGTN]*$")
    bases_quality: str = Field(default="", pattern=r"^[!-~]*$")

    @model_validator(mode="after")
    def _fits(self) -> "_Row":
        if self.dot_quality and len(self.dot_quality) != len(self.dot):
            raise ValueError("dot_quality is not as long as dot")
        if self.bases_quality and len(self.bases_quality) != len(self.bases):
            raise ValueError("bases_quality is not as long as bases")
        if self.glow is None and not self.dot and not self.bases:
            raise ValueError("a reading needs glow, dot or bases")
        return self

    def planned(self) -> PlannedReading:
        observations: list[Observation] = []
        if self.glow is not None:
            observations.append(UvFinding(self.glow, self.peak_nm, self.intensity))
        if self.dot:
            # 40 is a chance of error of one in ten thousand, "I" in Phred+33.
            sure = "".join("!" if character == "?" else "I" for character in self.dot)
            observations.append(DotText(self.dot, self.dot_quality or sure))
        if self.bases:
            observations.append(DnaRead(self.bases, self.bases_quality or "I" * len(self.bases)))
        return PlannedReading(self.id, tuple(observations))


def planned_readings(file: Path, uv: UvFinding | None = None) -> list[PlannedReading]:
    """The readings in ``file``, in order; ``uv`` is put before what each has, for files that cannot say it.

    Raises BadReadsFileError for a file that cannot be read, holds no reading, names one twice or has a bad one.
    """
    readings: list[PlannedReading] = []
    places: dict[str, str] = {}
    for place, reading in _readings(file):
        if earlier := places.get(reading.reading_id):
            _refuse(file, place, f"the id {reading.reading_id} stands at {earlier} already", "each id once")
        places[reading.reading_id] = place
        readings.append(PlannedReading(reading.reading_id, (uv, *reading.observations)) if uv else reading)
    if not readings:
        _refuse(file, "line 1", "no reading", "one reading or more")
    return readings


def reader_identity(file: Path) -> ReaderIdentity:
    """Who the virtual reader says it is: the table ``[reader]`` of a TOML file, else an invented one."""
    if file.suffix.lower() != ".toml":
        return DEFAULT_IDENTITY
    default, given = DEFAULT_IDENTITY.as_json(), _toml(file).get("reader", {})
    if not isinstance(given, dict) or not set(given) <= set(default):
        _refuse(file, "[reader]", "a key that is not known", ", ".join(default))
    return ReaderIdentity(**{key: str(value) for key, value in {**default, **given}.items()})


def _readings(file: Path) -> Iterator[tuple[str, PlannedReading]]:
    suffix = file.suffix.lower()
    if suffix in _FASTQ:
        yield from _fastq(file)
        return
    for place, row in _rows(file, suffix):
        try:
            yield place, _Row.model_validate(row).planned()
        except ValidationError as refused:
            first = refused.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            _refuse(file, f"{place} {where}".strip(), f"{first['input']!r}", first["msg"])


def _rows(file: Path, suffix: str) -> Iterable[tuple[str, Any]]:
    if suffix == ".toml":
        return _numbered("reading", _toml(file).get("reading", []), file)
    if suffix == ".json":
        try:
            return _numbered("reading", json.loads(_text(file)), file)
        except json.JSONDecodeError as fault:
            _refuse(file, f"line {fault.lineno}", fault.msg, "a JSON list of readings")
        except (ValueError, RecursionError) as fault:
            # A number of thousands of digits, or brackets nested a thousand deep.
            _refuse(file, "-", str(fault), "a JSON list of readings")
    if suffix != ".csv":
        _refuse(file, "-", f"the kind {suffix or '(none)'} is not known", _KNOWN)
    return _csv_rows(file)


def _numbered(noun: str, rows: Any, file: Path) -> list[tuple[str, Any]]:
    if not isinstance(rows, list):
        _refuse(file, noun, "not a list", "a list of readings")
    return [(f"{noun} {number}", row) for number, row in enumerate(rows, 1)]


def _csv_rows(file: Path) -> Iterator[tuple[str, Any]]:
    rows = csv.DictReader(_text(file).splitlines())
    for row in rows:
        if None in row or None in row.values():
            _refuse(file, f"line {rows.line_num}", "not as many cells as the header", "one cell a column")
        yield f"line {rows.line_num}", {column: cell for column, cell in row.items() if cell}


def _fastq(file: Path) -> Iterator[tuple[str, PlannedReading]]:
    """Four-line records (Cock et al. 2010, Nucleic Acids Research 38(6)); the id is the first word of the name."""
    lines = _text(file).splitlines()
    for start in range(0, len(lines), 4):
        place = f"line {start + 1}"
        name, bases, plus, quality = (*lines[start : start + 4], "", "", "")[:4]
        if not any((name, bases, plus, quality)):
            continue
        if not name.startswith("@") or not plus.startswith("+"):
            _refuse(file, place, "not a FASTQ record", "@name, bases, +, quality, a line each")
        if not re.fullmatch("[ACGTN]+", bases):
            _refuse(file, f"line {start + 2}", "a letter that is no base", "A, C, G, T, N")
        if len(quality) != len(bases) or not re.fullmatch("[!-~]+", quality):
            _refuse(file, f"line {start + 4}", "quality does not fit the bases", "one of ! to ~ for each base")
        identity = name[1:].split(maxsplit=1)[0] if name[1:].strip() else ""
        if not re.fullmatch("[!-~]{1,64}", identity):
            _refuse(file, place, "a name that cannot be sent", "1 to 64 printable ASCII characters")
        yield place, PlannedReading(identity, (DnaRead(bases, quality),))


def _toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_text(file))
    except (ValueError, RecursionError) as fault:
        _refuse(file, "-", str(fault), "TOML with [[reading]] tables")


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as fault:
        _refuse(file, "-", fault.strerror or str(fault), "a readable file")
    except UnicodeDecodeError as fault:
        _refuse(file, f"byte {fault.start}", "not UTF-8", "UTF-8")


def _refuse(file: Path, place: str, problem: str, allowed: str) -> NoReturn:
    raise BadReadsFileError(file=file, place=place, problem=problem, allowed=allowed)
