"""Whose code is this: the supplier to call about a mark that is not in this register."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.identification.router import CodeFamily as Family
from registry.identification.router import route
from registry.models.suppliers import CodeFamily, Supplier

__all__ = ["SupplierContact", "contact", "supplier_of"]


@dataclass(frozen=True, slots=True)
class SupplierContact:
    """Whom to call about a code."""

    name: str
    phone: str
    email: str


def supplier_of(session: Session, texts: Iterable[str]) -> int | None:
    """The supplier whose code family the best fitting of ``texts`` belongs to; None when they are like none."""
    rows = session.execute(
        select(CodeFamily.supplier_id, Supplier.name, CodeFamily.pattern)
        .join(Supplier, Supplier.id == CodeFamily.supplier_id)
        .order_by(CodeFamily.id)
    )
    families = [Family(supplier_id, name, pattern) for supplier_id, name, pattern in rows]
    matches = [match for text in texts for match in route(text, families)[:1]]
    if not matches:
        return None
    return max(matches, key=lambda match: (match.exact, match.evidence)).family.supplier_id


def contact(session: Session, supplier_id: int | None) -> SupplierContact | None:
    """How to reach a supplier; None for none."""
    if supplier_id is None:
        return None
    supplier = session.get_one(Supplier, supplier_id)
    return SupplierContact(name=supplier.name, phone=supplier.phone, email=supplier.email)
