"""Colours under the lamp as people name them, and what a named colour says of the tracers that this register knows."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.identification.answer import MarkKind, Observation
from registry.identification.tracer import BATCH_NM
from registry.models.suppliers import Supplier
from registry.models.uv_findings import UvColour

__all__ = ["BANDS", "Tracer", "UvColour", "observation_of", "tracers"]

_LIMITS: Final = (
    (399, None),
    (449, UvColour.VIOLET),
    (489, UvColour.BLUE),
    (519, UvColour.BLUE_GREEN),
    (559, UvColour.GREEN),
    (579, UvColour.YELLOW_GREEN),
    (594, UvColour.YELLOW),
    (609, UvColour.ORANGE),
    (634, UvColour.RED_PINK),
    (700, UvColour.RED),
)
BANDS: Final[dict[UvColour, tuple[int, int]]] = {
    colour: (below + 1, to) for (below, _), (to, colour) in pairwise(_LIMITS) if colour is not None
}
"""First and last wavelength in nm of each colour."""


@dataclass(frozen=True, slots=True)
class Tracer:
    """A supplier's tracer: its peak and the name of its colour."""

    supplier: str
    emission_nm: int
    colour: UvColour


def tracers(session: Session) -> list[Tracer]:
    """The tracers of the register's suppliers, from violet to red."""
    rows = session.execute(
        select(Supplier.name, Supplier.emission_nm)
        .where(Supplier.emission_nm.is_not(None))
        .order_by(Supplier.emission_nm, Supplier.name)
    )
    return [Tracer(name, nm, colour) for name, nm in rows if nm is not None and (colour := _named(nm)) is not None]


def observation_of(session: Session, colour: UvColour) -> Observation:
    """What the engine is told of a colour that a person named.

    An eye names a band, not a peak. Where one tracer lies in the band the finding is said to be at its peak; where
    several lie in it, further apart than their batches vary, no peak is stated, so that it weighs for none of them;
    where none does, the middle of the band is stated.
    """
    if colour is UvColour.NONE:
        return Observation(MarkKind.UV, "", glow=False)
    first, last = BANDS[colour]
    known = sorted(tracer.emission_nm for tracer in tracers(session) if first <= tracer.emission_nm <= last)
    if not known:
        return Observation(MarkKind.UV, "", glow=True, peak_nm=(first + last) // 2)
    if known[-1] - known[0] > 2 * BATCH_NM:
        return Observation(MarkKind.UV, "", glow=True)
    return Observation(MarkKind.UV, "", glow=True, peak_nm=known[len(known) // 2])


def _named(nanometres: int) -> UvColour | None:
    return next((colour for colour, (first, last) in BANDS.items() if first <= nanometres <= last), None)
