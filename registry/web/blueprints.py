"""All blueprints of the pages, in the order they are registered."""

from flask import Blueprint

from registry.web import administration, municipality, police, public, residents
from registry.web.police.evidence_labels import codes
from registry.web.style import style

__all__ = ["BLUEPRINTS"]

BLUEPRINTS: tuple[Blueprint, ...] = (
    public.blueprint,
    residents.blueprint,
    police.blueprint,
    codes,
    municipality.blueprint,
    administration.blueprint,
    style,
)
