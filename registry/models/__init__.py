"""Tables and constraints, one noun a file; no rules. Importing the package gives Base.metadata every table."""

from registry.models import (
    accounts,
    audit,
    cases,
    equipment,
    house_style,
    imports,
    items,
    kits,
    labels,
    mail,
    mark_changes,
    owners,
    reader_models,
    readings,
    stolen_marks,
    suppliers,
    thefts,
)
from registry.models.base import Base

__all__ = [
    "Base",
    "accounts",
    "audit",
    "cases",
    "equipment",
    "house_style",
    "imports",
    "items",
    "kits",
    "labels",
    "mail",
    "mark_changes",
    "owners",
    "reader_models",
    "readings",
    "stolen_marks",
    "suppliers",
    "thefts",
]
