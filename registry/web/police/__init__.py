"""Pages of the police: cases, readings as they come in, owners behind a reason, and handing things back."""

from flask import Blueprint

blueprint = Blueprint("police", __name__, url_prefix="/police")

# The routes attach themselves to the blueprint when their modules are read.
from registry.web.police import (  # noqa: E402
    cases,
    evidence_labels,
    filters,
    handovers,
    owners,
    photos,
    readings,
    seizures,
    start,
    typed,
    uv_notes,
)

__all__ = [
    "blueprint",
    "cases",
    "evidence_labels",
    "filters",
    "handovers",
    "owners",
    "photos",
    "readings",
    "seizures",
    "start",
    "typed",
    "uv_notes",
]
