"""What an import came to, and the files that were taken before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import clock
from registry.models.imports import ImportedFile
from registry.services import audit
from registry.services.actor import Actor
from registry.services.tables.remarks import Reason, Remark, Remarks

__all__ = ["ImportResult", "conclude", "counted", "earlier_import", "remember", "stored_warnings"]


@dataclass(frozen=True, slots=True)
class ImportResult:
    """Counts of an import and the remarks to show; every row is taken, changed, already there or refused."""

    kind: str
    file: str
    rows: int
    taken: int
    changed: int = 0
    already: int = 0
    refused: int = 0
    mended: int = 0
    """Cells, not rows."""
    refusals: tuple[Remark, ...] = ()
    mendings: tuple[Remark, ...] = ()
    warnings: tuple[Remark, ...] = ()
    """What was taken and is worth knowing; kept with the file."""
    counts: Mapping[str, int] | None = None
    """How often each remark was made: ``column: reason`` to number."""
    imported_before: datetime | None = None
    """When this very file was imported, if it was; then nothing was changed now."""

    def summary(self) -> dict[str, Any]:
        """The counts, without any value of the file: what the register remembers."""
        return {
            "file": self.file,
            "rows": self.rows,
            "taken": self.taken,
            "changed": self.changed,
            "already": self.already,
            "refused": self.refused,
            "mended": self.mended,
            "remarks": dict(self.counts or {}),
            "warnings": [
                {"line": one.line, "column": one.column, "reason": one.reason.name, "values": dict(one.values)}
                for one in self.warnings
            ],
        }


def stored_warnings(report: Mapping[str, Any]) -> tuple[Remark, ...]:
    """The warnings of a stored report; reasons that this version does not know any more are left out."""
    return tuple(
        Remark(one["line"], one["column"], "", Reason[one["reason"]], one["values"])
        for one in report.get("warnings", ())
        if one["reason"] in Reason.__members__
    )


def counted(*groups: Remarks) -> dict[str, int]:
    """How often each remark was made, most frequent first."""
    pairs = [pair for group in groups for pair in group.counts.most_common()]
    return {f"{column}: {reason.value}" if column else reason.value: count for (column, reason), count in pairs}


def earlier_import(
    session: Session, kind: str, fingerprint: bytes, organisation_id: int | None = None
) -> ImportResult | None:
    """The result of the same file's earlier import; None when it is new."""
    row = session.scalar(
        select(ImportedFile).where(
            ImportedFile.kind == kind,
            ImportedFile.content_hash == fingerprint,
            ImportedFile.organisation_id.is_(None)
            if organisation_id is None
            else ImportedFile.organisation_id == organisation_id,
        )
    )
    if row is None:
        return None
    rows = int(row.report["rows"])
    refused = int(row.report["refused"])
    return ImportResult(
        kind=kind,
        file=str(row.report["file"]),
        rows=rows,
        taken=0,
        already=rows - refused,
        refused=refused,
        warnings=stored_warnings(row.report),
        imported_before=row.imported_at,
    )


def remember(session: Session, result: ImportResult, fingerprint: bytes, organisation_id: int | None = None) -> None:
    """Keep that the file was taken; a file that is remembered already is left as it is."""
    if earlier_import(session, result.kind, fingerprint, organisation_id) is not None:
        return
    session.add(
        ImportedFile(
            kind=result.kind,
            organisation_id=organisation_id,
            content_hash=fingerprint,
            report=result.summary(),
            imported_at=clock.now(),
        )
    )
    session.flush()


def conclude(
    session: Session,
    actor: Actor,
    action: audit.Action,
    result: ImportResult,
    fingerprint: bytes,
    organisation_id: int,
) -> ImportResult:
    """Remember an organisation's file and log what it changed, if anything; returns ``result``."""
    remember(session, result, fingerprint, organisation_id)
    if result.taken or result.changed:
        counts = {key: value for key, value in result.summary().items() if isinstance(value, int)}
        audit.record(
            session,
            actor,
            action,
            f"organisation:{organisation_id}",
            organisation_id=organisation_id,
            details={**counts, "sha256": fingerprint.hex()},
        )
    return result
