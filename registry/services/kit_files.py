"""A delivery manifest searched by itself, without any register: for laboratories, tests and benchmarks.

Nothing of it is stored, and nothing is logged: who holds the file knows what is in it.
"""

import re
from collections.abc import Sequence

from registry.identification.answer import Mark, PrimerPair
from registry.identification.bases import is_signature
from registry.identification.checks import Check
from registry.services import kit_deliveries, suppliers
from registry.services.code_families import Family
from registry.services.tables.reading import exact_columns, read_rows
from registry.services.tables.remarks import Reason, Remarks
from registry.services.tables.source import Progress, Source, no_progress

__all__ = ["families_in", "marks_in", "primers_in"]

_PRIMER = re.compile(r"[ACGT]{15,60}")
_CODE = re.compile(r"[A-Z0-9-]{4,20}")


def marks_in(source: Source, progress: Progress = no_progress) -> list[Mark]:
    """The marks of a manifest, numbered from 1 in the order of its rows.

    Raises RefusedFile listing rows whose code or signature cannot be searched, or whose code stands there twice.
    """
    remarks = Remarks()
    marks: list[Mark] = []
    lines: dict[str, int] = {}
    rows = read_rows(source, exact_columns(kit_deliveries.COLUMNS), remarks, delimiter=";", progress=progress)
    for row in rows:
        code, signature = row.cells["kit_code"], row.cells["signature"]
        if not _CODE.fullmatch(code):
            remarks.add(row.line, "kit_code", code, Reason.NOT_ALLOWED, allowed="A-Z 0-9 -, 4 to 20")
        elif code in lines:
            remarks.add(row.line, "kit_code", code, Reason.REPEATED_IN_FILE, first=lines[code])
        elif signature and not is_signature(signature):
            remarks.add(row.line, "signature", f"{signature[:8]}…", Reason.NOT_ALLOWED, allowed="A C G T, 20 to 128")
        else:
            lines[code] = row.line
            marks.append(Mark(len(marks) + 1, code, signature))
    remarks.raise_if_any(source.name)
    return marks


def primers_in(source: Source) -> Sequence[PrimerPair]:
    """The pairs of primers in a file of suppliers, each once; raises RefusedFile listing rows with a bad one."""
    remarks = Remarks()
    pairs: dict[PrimerPair, None] = {}
    for row in read_rows(source, exact_columns(suppliers.COLUMNS, suppliers.OPTIONAL_COLUMNS), remarks, delimiter=";"):
        pair = PrimerPair(row.cells["forward_primer"], row.cells["reverse_primer"])
        if not (pair.forward or pair.reverse):
            continue
        for column, primer in (("forward_primer", pair.forward), ("reverse_primer", pair.reverse)):
            if not _PRIMER.fullmatch(primer):
                remarks.add(row.line, column, primer, Reason.NOT_ALLOWED, allowed="A C G T, 15 to 60")
        pairs[pair] = None
    remarks.raise_if_any(source.name)
    return tuple(pairs)


def families_in(source: Source) -> Sequence[Family]:
    """The code families in a file of suppliers, each once; their suppliers are numbered from 1 as they come.

    Raises RefusedFile listing rows whose pattern or check is unknown.
    """
    remarks = Remarks()
    numbers: dict[str, int] = {}
    families: dict[Family, None] = {}
    columns = exact_columns(suppliers.COLUMNS, suppliers.OPTIONAL_COLUMNS)
    for row in read_rows(source, columns, remarks, delimiter=";"):
        name, pattern, check = row.cells["supplier"], row.cells["code_pattern"], row.cells.get("code_check", "")
        if not suppliers.usable_pattern(pattern):
            remarks.add(row.line, "code_pattern", pattern, Reason.NOT_ALLOWED, allowed=suppliers.PATTERNS)
        elif check not in {"", *Check}:
            remarks.add(row.line, "code_check", check, Reason.NOT_ALLOWED, allowed=", ".join(Check))
        else:
            number = numbers.setdefault(name, len(numbers) + 1)
            families[Family(number, name, pattern, Check(check or Check.NONE))] = None
    remarks.raise_if_any(source.name)
    return tuple(families)
