"""All blueprints of the pages, in the order they are registered."""

from flask import Blueprint

from registry.web import police, public

__all__ = ["BLUEPRINTS"]

BLUEPRINTS: tuple[Blueprint, ...] = (public.blueprint, police.blueprint)
