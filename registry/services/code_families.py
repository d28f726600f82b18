"""Whose code is this, and was it read right: the supplier to call, and whether to read the mark again first."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.identification.checks import Check, Checked, checked
from registry.identification.router import CodeFamily as Family
from registry.identification.router import FamilyMatch, route
from registry.models.kits import Kit
from registry.models.suppliers import CodeFamily, Supplier

__all__ = [
    "Contradicted",
    "Doubt",
    "Family",
    "LikelyFamily",
    "Standing",
    "SupplierContact",
    "contact",
    "contradicted",
    "families",
    "likely_family",
    "likely_of",
    "standing",
    "stored",
]

_PORTION = 20_000
_EXAMPLES = 3


class Standing(StrEnum):
    """How a code stands to the families of one supplier."""

    FITS = "fits"
    OTHER_SHAPE = "other_shape"
    CHECK_FAILS = "check_fails"
    """It has the shape of a family, but its check characters disagree."""


class Doubt(StrEnum):
    """Why a text that looks like a code of a family cannot be one as its supplier made it."""

    NONE = "none"
    SHAPE = "shape"
    """Characters are unreadable, or do not fit where they stand."""
    CHECK = "check"
    """It has the family's shape, and its check characters disagree: at least one character is misread."""


@dataclass(frozen=True, slots=True)
class LikelyFamily:
    """The family that a text most likely belongs to."""

    supplier_id: int
    supplier: str
    check: Check
    doubt: Doubt

    def told_with(self, verdict: str) -> bool:
        """Whether it is told beside a verdict: always when its check fails, else where no kit is named."""
        return self.doubt is Doubt.CHECK or verdict in {"not_registered", "unreadable"}

    def content(self) -> dict[str, str | bool]:
        """The family as answers over the API and in JSON tell it.

        ``misread`` says that the mark is to be read again: that no register holds such a text says nothing.
        """
        return {
            "supplier": self.supplier,
            "check": self.check.value,
            "doubt": self.doubt.value,
            "misread": self.doubt is not Doubt.NONE,
        }


@dataclass(frozen=True, slots=True)
class Contradicted:
    """Registered codes of a supplier that none of its families would take: how many, and the first of them."""

    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SupplierContact:
    """Whom to call about a code."""

    name: str
    phone: str
    email: str


def families(session: Session, supplier_id: int | None = None) -> list[Family]:
    """The code families of all suppliers, or of one, in the order in which they were declared."""
    query = (
        select(CodeFamily.supplier_id, Supplier.name, CodeFamily.pattern, CodeFamily.code_check)
        .join(Supplier, Supplier.id == CodeFamily.supplier_id)
        .order_by(CodeFamily.id)
    )
    if supplier_id is not None:
        query = query.where(CodeFamily.supplier_id == supplier_id)
    return [Family(number, name, pattern, Check(check)) for number, name, pattern, check in session.execute(query)]


def standing(code: str, of_supplier: Iterable[Family]) -> Standing:
    """Whether a code as it is written may be one of a supplier's; the families are all of that supplier."""
    found = Standing.OTHER_SHAPE
    for family in of_supplier:
        if _compiled(family.pattern).fullmatch(code):
            if checked(family.check, code) is not Checked.DISAGREES:
                return Standing.FITS
            found = Standing.CHECK_FAILS
    return found


def contradicted(session: Session, supplier_id: int) -> Contradicted | None:
    """The supplier's registered codes that its families, as they are declared now, would refuse; None when all fit."""
    declared = families(session, supplier_id)
    count, examples = 0, list[str]()
    codes = session.scalars(
        select(Kit.code).where(Kit.supplier_id == supplier_id).order_by(Kit.id).execution_options(yield_per=_PORTION)
    )
    for code in codes:
        if standing(code, declared) is not Standing.FITS:
            count += 1
            if len(examples) < _EXAMPLES:
                examples.append(code)
    return Contradicted(count, tuple(examples)) if count else None


def likely_family(session: Session, texts: Iterable[str]) -> LikelyFamily | None:
    """The family that the best fitting of some texts belongs to; None when they are like none."""
    return likely_of(texts, families(session))


def likely_of(texts: Iterable[str], known: Sequence[Family]) -> LikelyFamily | None:
    """The same among families that are at hand. A text that agrees with its check goes before one that does not."""
    matches = [match for text in texts for match in route(text, known)[:1]]
    if not matches:
        return None
    match = max(matches, key=lambda found: (found.exact, not found.misread, found.evidence))
    return LikelyFamily(match.family.supplier_id, match.family.supplier, match.family.check, _doubt(match))


def stored(content: Mapping[str, Any] | None) -> LikelyFamily | None:
    """A family as ``content`` gave it when an answer was stored, with ``supplier_id`` beside it."""
    if not content:
        return None
    return LikelyFamily(content["supplier_id"], content["supplier"], Check(content["check"]), Doubt(content["doubt"]))


def contact(session: Session, supplier_id: int | None) -> SupplierContact | None:
    """How to reach a supplier; None for none."""
    if supplier_id is None:
        return None
    supplier = session.get_one(Supplier, supplier_id)
    return SupplierContact(name=supplier.name, phone=supplier.phone, email=supplier.email)


def _doubt(match: FamilyMatch) -> Doubt:
    if not match.exact:
        return Doubt.SHAPE
    return Doubt.CHECK if match.misread else Doubt.NONE


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
