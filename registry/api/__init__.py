"""Endpoints for stations and other systems, one resource a file; refusals as problem+json (RFC 9457)."""

from flask import Flask
from flask_wtf import CSRFProtect

from registry.api import (
    blank_stickers,
    case_labels,
    elsewhere,
    label_jobs,
    labels,
    messages,
    openapi,
    problems,
    readings,
    station,
    stolen_list,
)
from registry.api.blueprint import blueprint

__all__ = [
    "blank_stickers",
    "case_labels",
    "elsewhere",
    "install",
    "label_jobs",
    "labels",
    "messages",
    "openapi",
    "problems",
    "readings",
    "station",
    "stolen_list",
]


def install(app: Flask, csrf: CSRFProtect) -> None:
    """Register the API's blueprint; it takes tokens, not cookies, so forged forms cannot reach it."""
    csrf.exempt(blueprint)
    app.register_blueprint(blueprint)
