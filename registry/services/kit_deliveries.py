"""Deliveries of kits: a supplier's manifest, taken all of it or nothing.

First the file is read, checked and compared with the register (``read_delivery``, which only reads the register), then
what is new is written (``take``) in one short transaction. The same file again, or kits that are in the register with
the same content, change nothing.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Row, Table, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry import clock
from registry.errors import Conflict
from registry.identification.checks import Check
from registry.models.imports import ImportedFile
from registry.models.kits import Kit
from registry.models.suppliers import Batch
from registry.services import audit, code_families, marks
from registry.services.actor import Actor
from registry.services.code_families import Family, Standing
from registry.services.context import keyring_of
from registry.services.delivery_enrolment import hidden, nearness
from registry.services.delivery_staging import StagedKit, Staging
from registry.services.folding import folded_code
from registry.services.suppliers import EMISSION_NM
from registry.services.tables import reading
from registry.services.tables.bulk import bulk_insert
from registry.services.tables.cells import checked_text, iso_day, whole
from registry.services.tables.reading import exact_columns, read_rows
from registry.services.tables.remarks import CellRefused, Reason, Remark, Remarks
from registry.services.tables.results import ImportResult, earlier_import, remember, stored_warnings
from registry.services.tables.source import Progress, Source, no_progress

__all__ = ["COLUMNS", "Delivery", "import_file", "read_delivery", "take", "warnings_of_batches"]

COLUMNS = ("supplier", "batch", "kit_code", "kit_pin", "signature", "emission_nm", "best_before", "marks")
_PIN = re.compile(r"[0-9]{4,12}")
_SIGNATURE = re.compile(r"[ACGT]{20,128}")
_CODE = re.compile(r"[A-Z0-9-]{4,20}")
_MOST_MARKS = 1000
_CHANGED = "the register changed meanwhile; import the file again"
# Written out, not as a parameter: only then does the planner see that the partial index serves.
_HAS_SIGNATURE = text("kit.signature <> ''")
_KIT_COLUMNS = (
    "batch_id",
    "supplier_id",
    "code",
    "code_folded",
    "pin_hash",
    "signature",
    "emission_nm",
    "best_before",
    "marks",
)
_COMPARED = (
    Kit.code,
    Kit.supplier_id,
    Batch.number,
    Kit.pin_hash,
    Kit.signature,
    Kit.emission_nm,
    Kit.best_before,
    Kit.marks,
)


@dataclass(slots=True)
class Delivery:
    """A manifest that was read and may be taken; close it to throw its temporary file away."""

    file: str
    fingerprint: bytes
    staging: Staging = field(default_factory=Staging)
    earlier: ImportResult | None = None
    warnings: tuple[Remark, ...] = ()
    families: tuple[Family, ...] = ()
    """The code families by which its codes were judged."""
    compared_to: int = 0
    """The newest kit of the register that its kits were compared with."""

    def close(self) -> None:
        """Throw the staged rows away."""
        self.staging.__exit__()


def import_file(session: Session, actor: Actor, source: Source, progress: Progress = no_progress) -> ImportResult:
    """Read and take a manifest in one go, in the caller's transaction (see read_delivery and take)."""
    with closing(read_delivery(session, source, progress)) as delivery:
        return take(session, actor, delivery)


def read_delivery(session: Session, source: Source, progress: Progress = no_progress) -> Delivery:
    """Check a manifest row by row, against itself and against the register; writes nothing.

    When every row is right by itself, all new marks are compared with each other and with the register: one that is
    too near another is refused as well, one that is near is taken with a warning. Raises RefusedFile listing bad rows.
    """
    fingerprint = source.fingerprint()
    delivery = Delivery(source.name, fingerprint, earlier=earlier_import(session, "kits", fingerprint))
    if delivery.earlier is not None:
        return delivery
    remarks = Remarks()
    try:
        delivery.families = tuple(code_families.families(session))
        checker = _Checker(session, delivery.families, remarks)
        rows = read_rows(source, exact_columns(COLUMNS), remarks, delimiter=";", progress=progress)
        delivery.staging.add(kit for row in rows if (kit := checker.checked(row)) is not None)
        for column, title in (("code", "kit_code"), ("signature", "signature")):
            for line, value, first in delivery.staging.repeated(column):
                shown = value if column == "code" else hidden(value)
                remarks.add(line, title, shown, Reason.REPEATED_IN_FILE, first=first)
        _compare(session, delivery.staging, remarks)
        remarks.raise_if_any(source.name)
        delivery.compared_to = marks.greatest_kit(session)
        delivery.warnings = nearness(session, delivery.staging, remarks)
        remarks.raise_if_any(source.name)
    except BaseException:
        delivery.close()
        raise
    return delivery


def take(
    session: Session, actor: Actor, delivery: Delivery, progress: Callable[[int, int], None] = no_progress
) -> ImportResult:
    """Write what is new of a delivery, with one event in the log for the file.

    Raises Conflict when the register changed since the delivery was read; then nothing may be committed.
    """
    if delivery.earlier is not None:
        return delivery.earlier
    staging, now = delivery.staging, clock.now()
    new = staging.count(known=False)
    judged = (tuple(code_families.families(session)), marks.greatest_kit(session))
    if new and judged != (delivery.families, delivery.compared_to):
        raise Conflict(what=delivery.file, reason=_CHANGED)
    batch_ids = {
        (supplier_id, number): _batch(session, supplier_id, number, now)
        for supplier_id, number, _, _ in staging.new_batches()
    }
    try:
        with marks.arriving(session, batch_ids.values()):
            bulk_insert(
                session,
                cast("Table", Kit.__table__),
                _KIT_COLUMNS,
                _kit_rows(staging, batch_ids, new, progress),
            )
    except IntegrityError as refused:
        raise Conflict(what=delivery.file, reason=_CHANGED) from refused
    result = ImportResult(
        "kits",
        delivery.file,
        rows=staging.count(),
        taken=new,
        already=staging.count(known=True),
        warnings=delivery.warnings,
    )
    remember(session, result, delivery.fingerprint)
    if new:
        details = {
            "rows": result.rows,
            "taken": new,
            "batches": sorted(batch_ids.values()),
            "sha256": delivery.fingerprint.hex(),
            "warnings": _counted(delivery.warnings),
        }
        audit.record(session, actor, audit.Action.KITS_IMPORTED, "kits:all", details=details)
    return result


def warnings_of_batches(session: Session) -> dict[tuple[int, str], list[Remark]]:
    """What was worth knowing of each delivery when it was taken, by supplier and number of the delivery."""
    found: dict[tuple[int, str], list[Remark]] = {}
    for report in session.scalars(select(ImportedFile.report).where(ImportedFile.kind == "kits")):
        for warning in stored_warnings(report):
            batch = int(str(warning.values["supplier"])), str(warning.values["batch"])
            found.setdefault(batch, []).append(warning)
    return found


def _counted(warnings: Sequence[Remark]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for warning in warnings:
        counts[warning.reason.name.lower()] += int(str(warning.values["count"]))
    return dict(counts)


def _kit_rows(
    staging: Staging, batch_ids: dict[tuple[int, str], int], total: int, progress: Progress
) -> Iterator[tuple[object, ...]]:
    for number, kit in enumerate(staging.new_kits(), start=1):
        yield (
            batch_ids[kit.supplier_id, kit.batch],
            kit.supplier_id,
            kit.code,
            folded_code(kit.code),
            kit.pin_hash,
            kit.signature,
            kit.emission_nm,
            date.fromisoformat(kit.best_before) if kit.best_before else None,
            kit.marks,
        )
        if number % 2000 == 0:
            progress(number, total)
    progress(total, total)


def _batch(session: Session, supplier_id: int, number: str, now: datetime) -> int:
    """The batch, made at its first kits; raises Conflict when it was revoked since the file was read."""
    found = session.execute(
        select(Batch.id, Batch.revoked_at)
        .where(Batch.supplier_id == supplier_id, Batch.number == number)
        .with_for_update()
    ).one_or_none()
    if found is None:
        row = Batch(supplier_id=supplier_id, number=number, imported_at=now)
        session.add(row)
        session.flush()
        return row.id
    if found.revoked_at is not None:
        raise Conflict(what=number, reason="it was revoked")
    batch_id: int = found.id
    return batch_id


def _compare(session: Session, staging: Staging, remarks: Remarks) -> None:
    """Mark rows that are in the register already; refuse those that contradict it."""
    if session.scalar(select(Kit.id).limit(1)) is None:
        return
    for chunk in staging.chunks():
        codes = [kit.code for kit in chunk]
        rows = session.execute(select(*_COMPARED).join(Batch, Batch.id == Kit.batch_id).where(Kit.code.in_(codes)))
        held: dict[str, Row[Any]] = {row.code: row for row in rows}  # type: ignore[misc]
        signatures = [kit.signature for kit in chunk if kit.signature]
        others = session.execute(select(Kit.signature, Kit.code).where(Kit.signature.in_(signatures), _HAS_SIGNATURE))
        same_signature = {row.signature: row.code for row in others}
        known = []
        for kit in chunk:
            if kit.code in held:
                differing = _differences(kit, held[kit.code])
                if differing:
                    remarks.add(kit.line, "kit_code", kit.code, Reason.DIFFERS_FROM_REGISTER, columns=differing)
                known.append(kit.line)
            elif same_signature.get(kit.signature, kit.code) != kit.code:
                remarks.add(kit.line, "signature", hidden(kit.signature), Reason.TAKEN_BY_ANOTHER)
        staging.mark_known(known)


def _differences(given: StagedKit, held: Row[Any]) -> str:
    best_before = held.best_before.isoformat() if held.best_before else None
    pairs = {
        "supplier": (held.supplier_id, given.supplier_id),
        "batch": (held.number, given.batch),
        "kit_pin": (bytes(held.pin_hash), given.pin_hash),
        "signature": (held.signature, given.signature),
        "emission_nm": (held.emission_nm, given.emission_nm),
        "best_before": (best_before, given.best_before),
        "marks": (held.marks, given.marks),
    }
    return ", ".join(column for column, (ours, theirs) in pairs.items() if ours != theirs)


class _Checker:
    """Checks single rows, knowing the suppliers and their revoked batches."""

    def __init__(self, session: Session, families: Sequence[Family], remarks: Remarks) -> None:
        self._pin_hash = keyring_of(session).pin_hash
        self._remarks = remarks
        self._families: dict[str, list[Family]] = {}
        for family in families:
            self._families.setdefault(family.supplier, []).append(family)
        revoked = session.execute(select(Batch.supplier_id, Batch.number).where(Batch.revoked_at.is_not(None)))
        self._revoked = {(row.supplier_id, row.number) for row in revoked}

    def checked(self, row: reading.Row) -> StagedKit | None:
        """The row as a kit; None when something of it was refused."""
        cells, before = row.cells, len(self._remarks)
        supplier_id = self._supplier(row)
        self._text(row, "batch", 60)
        code, pin, signature = cells["kit_code"], cells["kit_pin"], cells["signature"]
        if not _CODE.fullmatch(code):
            self._refuse(row, "kit_code", code, Reason.NOT_ALLOWED, allowed="A-Z 0-9 -, 4 to 20")
        elif supplier_id is not None:
            self._of_family(row, code)
        if not _PIN.fullmatch(pin):
            self._refuse(row, "kit_pin", "…" if pin else "", Reason.NOT_ALLOWED, allowed="0-9, 4 to 12")
        if signature and not _SIGNATURE.fullmatch(signature):
            self._refuse(row, "signature", hidden(signature), Reason.NOT_ALLOWED, allowed="A C G T, 20 to 128")
        emission = self._whole(row, "emission_nm", *EMISSION_NM) if cells["emission_nm"] else None
        marks = self._whole(row, "marks", 1, _MOST_MARKS)
        best_before = cells["best_before"] or None
        if best_before is not None:
            try:
                iso_day(best_before)
            except CellRefused as fault:
                self._refuse(row, "best_before", best_before, fault.reason, **fault.values)
        if len(self._remarks) > before or supplier_id is None or marks is None:
            return None
        return StagedKit(
            line=row.line,
            supplier_id=supplier_id,
            batch=cells["batch"],
            code=code,
            pin_hash=self._pin_hash(code, pin),
            signature=signature,
            emission_nm=emission,
            best_before=best_before,
            marks=marks,
        )

    def _supplier(self, row: reading.Row) -> int | None:
        name, batch = row.cells["supplier"], row.cells["batch"]
        if name not in self._families:
            self._refuse(row, "supplier", name, Reason.UNKNOWN_SUPPLIER if name else Reason.NEEDED)
            return None
        supplier_id = self._families[name][0].supplier_id
        if (supplier_id, batch) in self._revoked:
            self._refuse(row, "batch", batch, Reason.BATCH_REVOKED)
        return supplier_id

    def _of_family(self, row: reading.Row, code: str) -> None:
        families = self._families[row.cells["supplier"]]
        standing = code_families.standing(code, families)
        if standing is Standing.OTHER_SHAPE:
            allowed = ", ".join(family.pattern for family in families)
            self._refuse(row, "kit_code", code, Reason.NOT_OF_THE_FAMILY, allowed=allowed)
        elif standing is Standing.CHECK_FAILS:
            checks = dict.fromkeys(family.check.value for family in families if family.check is not Check.NONE)
            self._refuse(row, "kit_code", code, Reason.CHECK_FAILS, check=", ".join(checks))

    def _text(self, row: reading.Row, column: str, most: int) -> None:
        try:
            checked_text(row.cells[column], most, needed=True)
        except CellRefused as fault:
            self._refuse(row, column, row.cells[column], fault.reason, **fault.values)

    def _whole(self, row: reading.Row, column: str, least: int, most: int) -> int | None:
        try:
            return whole(row.cells[column], least, most)
        except CellRefused as fault:
            self._refuse(row, column, row.cells[column], fault.reason, **fault.values)
            return None

    def _refuse(self, row: reading.Row, column: str, value: str, reason: Reason, **values: Any) -> None:
        self._remarks.add(row.line, column, value, reason, **values)
