"""Suppliers of kits: taken from a file, listed with their deliveries, found by name.

The file has one row a code family; a supplier with several families, or several pairs of primers, has several rows
that agree on everything else. A row may say which check characters the codes of its family carry; one that leaves that
open changes nothing of what was said before.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from registry import clock
from registry.errors import NotFound
from registry.models.accounts import Organisation, OrganisationKind
from registry.models.kits import Kit
from registry.models.suppliers import Batch, CodeCheck, CodeFamily, Primer, Supplier
from registry.services import accounts, audit, code_families, marks
from registry.services.actor import Actor, Role
from registry.services.tables.cells import checked_text, whole
from registry.services.tables.reading import Row, exact_columns, read_rows
from registry.services.tables.remarks import CellRefused, Reason, Remarks
from registry.services.tables.results import ImportResult, earlier_import, remember
from registry.services.tables.source import Progress, Source, no_progress

__all__ = [
    "COLUMNS",
    "OPTIONAL_COLUMNS",
    "PATTERNS",
    "BatchLine",
    "FamilyLine",
    "SupplierLine",
    "batches",
    "every",
    "import_file",
    "revoke_batch",
    "usable_pattern",
]

COLUMNS = ("supplier", "code_pattern", "forward_primer", "reverse_primer", "emission_nm", "phone", "email")
OPTIONAL_COLUMNS = ("code_check",)
EMISSION_NM = (300, 900)
"""Peaks of tracers lie between the near ultraviolet and the near infrared."""
PATTERNS = "[A-Z]{4}[0-9]{5}, SPB-[0-9A-Z]{8} …"
"""Patterns that may be declared, as examples."""
_PRIMER = re.compile(r"[ACGT]{15,60}")
# Characters and classes one after another, each with an optional count: nothing that a text could make run for ever,
# and all that the code router understands.
_PATTERN = re.compile(r"(?:(?:\[[A-Z0-9-]+\]|[A-Z0-9-])(?:\{\d{1,2}(?:,\d{1,2})?\})?)+")
_PHONE = re.compile(r"\+?[0-9][0-9 ()-]{3,38}")
_EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+")


@dataclass(frozen=True, slots=True)
class FamilyLine:
    """How codes of a supplier look, and which check characters they carry (a word of CodeCheck)."""

    pattern: str
    check: str


@dataclass(frozen=True, slots=True)
class SupplierLine:
    """A supplier in a list."""

    id: int
    name: str
    phone: str
    email: str
    emission_nm: int | None
    families: tuple[FamilyLine, ...]
    batches: int
    kits: int


@dataclass(frozen=True, slots=True)
class BatchLine:
    """A delivery: how many kits, how many of them are activated; nothing about who has them."""

    id: int
    supplier_id: int
    supplier: str
    number: str
    imported_at: datetime
    revoked_at: datetime | None
    delivered: int
    activated: int
    revoked: int


@dataclass(frozen=True, slots=True)
class _Supplier:
    """One row of the file, checked."""

    name: str
    pattern: str
    check: CodeCheck | None
    """None when the row leaves it open."""
    forward: str
    reverse: str
    emission_nm: int | None
    phone: str
    email: str

    @property
    def card(self) -> tuple[int | None, str, str]:
        return self.emission_nm, self.phone, self.email


def import_file(session: Session, actor: Actor, source: Source, progress: Progress = no_progress) -> ImportResult:
    """Take a file of suppliers, all of it or nothing.

    Rows that are in the register already are left alone; a row that contradicts the register, or another row, is
    refused. Raises RefusedFile listing the bad rows, and then nothing was written.
    """
    fingerprint = source.fingerprint()
    earlier = earlier_import(session, "suppliers", fingerprint)
    if earlier is not None:
        return earlier
    remarks = Remarks()
    columns = exact_columns(COLUMNS, OPTIONAL_COLUMNS)
    rows = [
        (row.line, checked)
        for row in read_rows(source, columns, remarks, delimiter=";", progress=progress)
        if (checked := _checked(row, remarks)) is not None
    ]
    _agree(rows, remarks)
    remarks.raise_if_any(source.name)
    declared: dict[int, tuple[int, CodeCheck]] = {}
    taken = sum(_take(session, actor, line, row, remarks, declared) for line, row in rows)
    remarks.raise_if_any(source.name)
    _compare_with_codes(session, declared, remarks)
    remarks.raise_if_any(source.name)
    result = ImportResult("suppliers", source.name, rows=len(rows), taken=taken, already=len(rows) - taken)
    remember(session, result, fingerprint)
    if taken:
        details = {"rows": result.rows, "taken": taken, "checks": len(declared), "sha256": fingerprint.hex()}
        audit.record(session, actor, audit.Action.SUPPLIERS_IMPORTED, "suppliers:all", details=details)
    return result


def _checked(row: Row, remarks: Remarks) -> _Supplier | None:
    before = len(remarks)
    cells = row.cells

    def refuse(column: str, reason: Reason, **values: Any) -> None:
        remarks.add(row.line, column, cells[column], reason, **values)

    try:
        checked_text(cells["supplier"].strip(), 100, needed=True)
    except CellRefused as fault:
        refuse("supplier", fault.reason, **fault.values)
    check = cells.get("code_check", "")
    for column, fits, allowed in (
        ("code_pattern", usable_pattern(cells["code_pattern"]), PATTERNS),
        ("code_check", check in {"", *CodeCheck}, ", ".join(CodeCheck)),
        ("phone", _PHONE.fullmatch(cells["phone"]), "010-000 01 00"),
        ("email", _EMAIL.fullmatch(cells["email"]) and len(cells["email"]) <= 200, "register@nordmark.example"),
    ):
        if not fits:
            refuse(column, Reason.NOT_ALLOWED, allowed=allowed)
    for column in ("forward_primer", "reverse_primer") if cells["forward_primer"] or cells["reverse_primer"] else ():
        if not _PRIMER.fullmatch(cells[column]):
            refuse(column, Reason.NOT_ALLOWED, allowed="A C G T, 15 to 60; both primers or none")
    emission = None
    try:
        emission = whole(cells["emission_nm"], *EMISSION_NM) if cells["emission_nm"] else None
    except CellRefused as fault:
        refuse("emission_nm", fault.reason, **fault.values)
    if len(remarks) > before:
        return None
    return _Supplier(
        name=cells["supplier"].strip(),
        pattern=cells["code_pattern"],
        check=CodeCheck(check) if check else None,
        forward=cells["forward_primer"],
        reverse=cells["reverse_primer"],
        emission_nm=emission,
        phone=cells["phone"],
        email=cells["email"],
    )


def usable_pattern(pattern: str) -> bool:
    """Whether a code family may be declared by this expression."""
    if not _PATTERN.fullmatch(pattern) or len(pattern) > 200:
        return False
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def _agree(rows: list[tuple[int, _Supplier]], remarks: Remarks) -> None:
    """Rows of one supplier say the same of it, and none says nothing new."""
    first: dict[str, tuple[int, _Supplier]] = {}
    checks: dict[tuple[str, str], tuple[int, CodeCheck]] = {}
    seen: dict[_Supplier, int] = {}
    for line, row in rows:
        at, told = first.setdefault(row.name, (line, row))
        if row in seen:
            remarks.add(line, "", row.name, Reason.REPEATED_IN_FILE, first=seen[row])
        elif row.card != told.card:
            remarks.add(line, "supplier", row.name, Reason.REPEATED_WITH_OTHER_CONTENT, first=at)
        elif row.check is not None:
            at, check = checks.setdefault((row.name, row.pattern), (line, row.check))
            if check is not row.check:
                remarks.add(line, "code_check", row.check, Reason.REPEATED_WITH_OTHER_CONTENT, first=at)
        seen.setdefault(row, line)


def _take(
    session: Session,
    actor: Actor,
    line: int,
    row: _Supplier,
    remarks: Remarks,
    declared: dict[int, tuple[int, CodeCheck]],
) -> int:
    """1 when the row brought something new, 0 when it was there already or is refused.

    ``declared`` takes line and check of the first row that gives a family of a supplier another check.
    """
    supplier = session.scalar(select(Supplier).where(Supplier.name == row.name))
    new = supplier is None
    if supplier is None:
        kind = session.scalar(select(Organisation.kind).where(Organisation.name == row.name))
        if kind not in {None, OrganisationKind.SUPPLIER}:
            remarks.add(line, "supplier", row.name, Reason.NAME_IN_USE)
            return 0
        organisation_id = accounts.organisation_named(
            session, actor, row.name, OrganisationKind.SUPPLIER, phone=row.phone, email=row.email
        )
        supplier = Supplier(
            name=row.name,
            organisation_id=organisation_id,
            phone=row.phone,
            email=row.email,
            emission_nm=row.emission_nm,
            created_at=clock.now(),
        )
        session.add(supplier)
        session.flush()
    elif differing := _differences(supplier, row):
        remarks.add(line, "supplier", row.name, Reason.DIFFERS_FROM_REGISTER, columns=differing)
        return 0
    added = _add_primers(session, supplier.id, row)
    family = _declare_family(session, supplier.id, row)
    if family and row.check is not None:
        declared.setdefault(supplier.id, (line, row.check))
    return int(new or family or added > 0)


def _differences(supplier: Supplier, row: _Supplier) -> str:
    pairs = {
        "emission_nm": (supplier.emission_nm, row.emission_nm),
        "phone": (supplier.phone, row.phone),
        "email": (supplier.email, row.email),
    }
    return ", ".join(column for column, (held, given) in pairs.items() if held != given)


def _declare_family(session: Session, supplier_id: int, row: _Supplier) -> bool:
    """Whether the row brought a family, or another check for one that is known."""
    family = session.scalar(
        select(CodeFamily).where(CodeFamily.supplier_id == supplier_id, CodeFamily.pattern == row.pattern)
    )
    if family is None:
        session.add(CodeFamily(supplier_id=supplier_id, pattern=row.pattern, code_check=row.check or CodeCheck.NONE))
    elif row.check in {None, family.code_check}:
        return False
    else:
        family.code_check = row.check
    session.flush()
    return True


def _compare_with_codes(session: Session, declared: dict[int, tuple[int, CodeCheck]], remarks: Remarks) -> None:
    """A check that registered codes do not carry is refused: it would tell officers that good readings are misread."""
    for supplier_id, (line, check) in declared.items():
        found = code_families.contradicted(session, supplier_id)
        if found is not None:
            examples = ", ".join(found.examples)
            remarks.add(line, "code_check", check, Reason.CHECK_CONTRADICTED, count=found.count, examples=examples)


def _add_primers(session: Session, supplier_id: int, row: _Supplier) -> int:
    known = select(Primer.id).where(
        Primer.supplier_id == supplier_id, Primer.forward == row.forward, Primer.reverse == row.reverse
    )
    if not row.forward or session.scalar(known) is not None:
        return 0
    session.add(Primer(supplier_id=supplier_id, forward=row.forward, reverse=row.reverse))
    session.flush()
    return 1


def every(session: Session, actor: Actor) -> list[SupplierLine]:
    """The suppliers that the actor may see, by name: its own for a supplier's account, all for others."""
    kits = (
        select(Batch.supplier_id, func.count(Kit.id).label("kits"), func.count(Batch.id.distinct()).label("batches"))
        .outerjoin(Kit, Kit.batch_id == Batch.id)
        .group_by(Batch.supplier_id)
        .subquery()
    )
    query = (
        select(Supplier, func.coalesce(kits.c.batches, 0), func.coalesce(kits.c.kits, 0))
        .outerjoin(kits, kits.c.supplier_id == Supplier.id)
        .order_by(Supplier.name)
    )
    organisations = _own_organisations(actor)
    if organisations is not None:
        query = query.where(Supplier.organisation_id.in_(organisations))
    families: dict[int, list[FamilyLine]] = {}
    for family in code_families.families(session):
        families.setdefault(family.supplier_id, []).append(FamilyLine(family.pattern, family.check.value))
    return [
        SupplierLine(
            id=supplier.id,
            name=supplier.name,
            phone=supplier.phone,
            email=supplier.email,
            emission_nm=supplier.emission_nm,
            families=tuple(sorted(families.get(supplier.id, ()), key=lambda family: family.pattern)),
            batches=batch_count,
            kits=kit_count,
        )
        for supplier, batch_count, kit_count in session.execute(query)
    ]


def batches(session: Session, actor: Actor, supplier_id: int | None = None) -> list[BatchLine]:
    """Deliveries that the actor may see, newest first, with how many of their kits are activated."""
    query = (
        select(
            Batch.id,
            Batch.supplier_id,
            Supplier.name,
            Batch.number,
            Batch.imported_at,
            Batch.revoked_at,
            func.count(Kit.id),
            func.count(Kit.activated_at),
            func.count(Kit.revoked_at),
        )
        .join(Supplier, Supplier.id == Batch.supplier_id)
        .outerjoin(Kit, Kit.batch_id == Batch.id)
        .group_by(Batch.id, Supplier.name)
        .order_by(Batch.id.desc())
    )
    organisations = _own_organisations(actor)
    if organisations is not None:
        query = query.where(Supplier.organisation_id.in_(organisations))
    if supplier_id is not None:
        query = query.where(Batch.supplier_id == supplier_id)
    return [BatchLine(*row) for row in session.execute(query)]


def revoke_batch(session: Session, actor: Actor, supplier: str, number: str) -> BatchLine:
    """Stop a delivery: its kits can no longer be activated, and no more of it is taken; kits with an owner stay theirs.

    Raises NotFound when the supplier has no such delivery, or it was revoked before.
    """
    found = session.scalar(
        select(Batch.id)
        .join(Supplier, Supplier.id == Batch.supplier_id)
        .where(Supplier.name == supplier, Batch.number == number)
    )
    now = clock.now()
    changed = session.execute(
        update(Batch).where(Batch.id == found, Batch.revoked_at.is_(None)).values(revoked_at=now).returning(Batch.id)
    ).scalar_one_or_none()
    if changed is None:
        raise NotFound(what="delivery", which=f"{supplier} {number}")
    stopped = update(Kit).where(Kit.batch_id == changed, Kit.owner_id.is_(None), Kit.revoked_at.is_(None))
    kits = session.execute(stopped.values(revoked_at=now).returning(Kit.id, Kit.code, Kit.signature))
    marks.record_revoked(session, ((kit_id, code, signature) for kit_id, code, signature in kits))
    line = next(line for line in batches(session, actor) if line.id == changed)
    details = {"kits": line.delivered, "activated": line.activated, "stopped": line.revoked}
    audit.record(session, actor, audit.Action.BATCH_REVOKED, f"batch:{changed}", details=details)
    return line


def _own_organisations(actor: Actor) -> list[int] | None:
    """The organisations to which a supplier's account is held; None for one who may see all."""
    if actor.role_names and Role.ADMINISTRATOR not in actor.role_names:
        return [
            organisation for role, organisation in actor.roles if role is Role.SUPPLIER and organisation is not None
        ]
    return None
