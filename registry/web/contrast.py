"""Contrast of the design language's colours, computed from tokens.css by WCAG 2.2 (success criteria 1.4.3, 1.4.11).

The pairs that pages put together are listed here; the style page shows the figures and a test holds the limits.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

__all__ = ["PAIRS", "TOKENS_FILE", "Measured", "Pair", "contrast_ratio", "measure", "read_colours"]

TOKENS_FILE: Final = Path(__file__).parent / "static" / "css" / "tokens.css"

Theme = Literal["light", "dark"]
Colours = Mapping[str, Mapping[Theme, str]]

TEXT: Final = 4.5
"""WCAG 2.2, 1.4.3 Contrast (Minimum), level AA, text."""
GRAPHIC: Final = 3.0
"""WCAG 2.2, 1.4.11 Non-text Contrast, level AA: borders of controls, symbols, focus."""

_TOKEN = re.compile(r"^\s*--([a-z0-9-]+):\s*light-dark\((#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\);", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Pair:
    """A foreground token that pages set on a background token, and the ratio it must reach."""

    foreground: str
    background: str
    least: float = TEXT


@dataclass(frozen=True, slots=True)
class Measured:
    """A pair's contrast ratios (1 to 21) in both themes."""

    pair: Pair
    light: float
    dark: float

    @property
    def holds(self) -> bool:
        """Both themes reach the limit."""
        return min(self.light, self.dark) >= self.pair.least


def _pairs() -> tuple[Pair, ...]:
    grounds = ("paper", "surface", "sunken")
    on_any_ground = ("ink", "ink-soft", "petrol", "mark", "success", "warning", "danger")
    own_ground = (
        ("ink", "petrol-tint"),
        ("petrol-strong", "petrol-tint"),
        ("on-petrol", "petrol"),
        ("on-petrol", "petrol-strong"),
        ("on-band", "band"),
        ("on-band-soft", "band"),
        ("mark-on-band", "band"),
        ("ink", "mark-tint"),
        ("mark", "mark-tint"),
        ("on-mark", "mark"),
        ("ink", "success-tint"),
        ("success", "success-tint"),
        ("ink", "warning-tint"),
        ("warning", "warning-tint"),
        ("ink", "danger-tint"),
        ("danger", "danger-tint"),
        ("on-danger", "danger"),
    )
    graphics = (*((name, ground) for name in ("line-strong", "focus") for ground in grounds), ("on-band", "band"))
    return (
        *(Pair(name, ground) for name in on_any_ground for ground in grounds),
        *(Pair(*pair) for pair in own_ground),
        *(Pair(*pair, least=GRAPHIC) for pair in graphics),
    )


PAIRS: Final = _pairs()


def read_colours(file: Path = TOKENS_FILE) -> dict[str, dict[Theme, str]]:
    """Every ``--name: light-dark(#rrggbb, #rrggbb)`` of a tokens file, as name → theme → colour."""
    found = _TOKEN.findall(file.read_text(encoding="utf-8"))
    return {name: {"light": light, "dark": dark} for name, light, dark in found}


def _luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb``, 0 to 1 (WCAG 2.2, definition of relative luminance)."""

    def linear(channel: str) -> float:
        value = int(channel, 16) / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(colour[at : at + 2]) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast_ratio(one: str, other: str) -> float:
    """Contrast of two ``#rrggbb`` colours, 1 to 21 (WCAG 2.2, definition of contrast ratio)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def measure(colours: Colours, pairs: tuple[Pair, ...] = PAIRS) -> tuple[Measured, ...]:
    """Each pair's contrast in both themes. Raises KeyError for a token that tokens.css does not have."""
    return tuple(
        Measured(
            pair,
            light=contrast_ratio(colours[pair.foreground]["light"], colours[pair.background]["light"]),
            dark=contrast_ratio(colours[pair.foreground]["dark"], colours[pair.background]["dark"]),
        )
        for pair in pairs
    )
