"""The report of an import as a file: every remark with line, column, value, what was taken and why, as CSV or JSON."""

import json
from collections.abc import Callable
from pathlib import Path

from registry.services.csv_export import csv_bytes
from registry.services.tables.remarks import Remark
from registry.services.tables.results import ImportResult

__all__ = ["report_bytes", "write_report"]

_HEADER = ("kind", "line", "column", "value", "taken", "reason")


def report_bytes(result: ImportResult, translate: Callable[[str], str], *, as_json: bool) -> bytes:
    """The report, in the language of ``translate``; CSV cells are safe in a spreadsheet."""
    rows = [*(("refused", remark) for remark in result.refusals), *(("mended", remark) for remark in result.mendings)]
    if not as_json:
        return csv_bytes(
            _HEADER,
            ((k, r.line, r.column, r.value, r.taken, r.explain(translate)) for k, r in rows),
        )
    remarks = [_plain(kind, remark, translate) for kind, remark in rows]
    content = {"kind": result.kind, **result.summary(), "remarks": remarks}
    return json.dumps(content, ensure_ascii=False, indent=2).encode()


def write_report(path: Path, result: ImportResult, translate: Callable[[str], str]) -> None:
    """Write the report to ``path``: JSON when its name ends so, else CSV."""
    path.write_bytes(report_bytes(result, translate, as_json=path.suffix.lower() == ".json"))


def _plain(kind: str, remark: Remark, translate: Callable[[str], str]) -> dict[str, object]:
    return {
        "kind": kind,
        "line": remark.line,
        "column": remark.column,
        "value": remark.value,
        "taken": remark.taken,
        "reason": remark.explain(translate),
    }
