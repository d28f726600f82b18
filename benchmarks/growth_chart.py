"""A chart of growth: panels with two logarithmic axes, as one SVG that follows the reader's light or dark setting."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

__all__ = ["Line", "Panel", "growth_chart"]

WIDTH, HEIGHT, GAP = 416, 300, 8
LEFT, RIGHT, TOP, BOTTOM = 62, 126, 44, 46
APART = 15
"""Pixels between the labels of two lines."""
STYLE = """
svg { font: 13px system-ui, "Segoe UI", sans-serif; background: #ffffff; }
text { fill: #26323d; } .quiet { fill: #5a6772; } .title { font-weight: 600; font-size: 14px; }
.grid { stroke: #dfe4e8; } .axis { stroke: #8c98a3; }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; }
.a { stroke: #0b65a8; } .b { stroke: #b3500d; } .c { stroke: #6b3fa0; }
.dot { stroke: none; }
.dot.a, text.a { fill: #0b65a8; } .dot.b, text.b { fill: #b3500d; } .dot.c, text.c { fill: #6b3fa0; }
text.a, text.b, text.c { stroke: none; }
@media (prefers-color-scheme: dark) {
svg { background: #12181d; }
text { fill: #e3e9ee; } .quiet { fill: #a3b0bb; }
.grid { stroke: #2a343c; } .axis { stroke: #66737e; }
.a { stroke: #6bb8f2; } .b { stroke: #f2a05c; } .c { stroke: #c3a1ee; }
.dot.a, text.a { fill: #6bb8f2; } .dot.b, text.b { fill: #f2a05c; } .dot.c, text.c { fill: #c3a1ee; }
}
"""
"""Colours keep a contrast of 4.5 to 1 on both grounds."""
_POWERS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Line:
    """A named series of (x, y), both above 0."""

    name: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Panel:
    """Lines over common axes; at most three, so that colours tell them apart."""

    title: str
    across: str
    lines: Sequence[Line]


def growth_chart(title: str, panels: Sequence[Panel]) -> str:
    """The SVG text. ``title`` is what a screen reader says of the whole."""
    width = len(panels) * WIDTH + (len(panels) - 1) * GAP
    drawn = [_panel(panel, number * (WIDTH + GAP)) for number, panel in enumerate(panels)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT}" role="img" '
        f'aria-label="{escape(title)}">\n<title>{escape(title)}</title>\n<style>{STYLE}</style>\n'
        + "\n".join(drawn)
        + "\n</svg>\n"
    )


def _panel(panel: Panel, left: int) -> str:
    across = _Axis.over([x for line in panel.lines for x, _ in line.points], left + LEFT, left + WIDTH - RIGHT)
    up = _Axis.over([y for line in panel.lines for _, y in line.points], HEIGHT - BOTTOM, TOP)
    parts = [f'<text class="title" x="{left + 10}" y="20">{escape(panel.title)}</text>']
    for decade in across.decades:
        at = across.at(10.0**decade)
        parts.append(f'<line class="grid" x1="{at}" y1="{TOP}" x2="{at}" y2="{HEIGHT - BOTTOM}"/>')
        parts.append(f'<text class="quiet" x="{at}" y="{HEIGHT - 26}" text-anchor="middle">{_decade(decade)}</text>')
    for decade in up.decades:
        at = up.at(10.0**decade)
        parts.append(f'<line class="grid" x1="{left + LEFT}" y1="{at}" x2="{left + WIDTH - RIGHT}" y2="{at}"/>')
        parts.append(
            f'<text class="quiet" x="{left + LEFT - 8}" y="{at + 4}" text-anchor="end">{_plain(decade)}</text>'
        )
    parts.append(
        f'<path class="axis" fill="none" d="M{left + LEFT} {TOP}V{HEIGHT - BOTTOM}H{left + WIDTH - RIGHT}"/>'
        f'<text class="quiet" x="{(across.low_at + across.high_at) / 2:.0f}" y="{HEIGHT - 7}" '
        f'text-anchor="middle">{escape(panel.across)}</text>'
    )
    ends = _spread([up.at(line.points[-1][1]) for line in panel.lines])
    for colour, line, end in zip("abc", panel.lines, ends, strict=False):
        places = [(across.at(x), up.at(y)) for x, y in line.points]
        parts.append(f'<polyline class="line {colour}" points="{" ".join(f"{x},{y}" for x, y in places)}"/>')
        parts += [f'<circle class="dot {colour}" cx="{x}" cy="{y}" r="3.5"/>' for x, y in places]
        parts.append(f'<text class="{colour}" x="{places[-1][0] + 9}" y="{end + 4}">{escape(line.name)}</text>')
    return "\n".join(parts)


@dataclass(frozen=True)
class _Axis:
    """Decades from ``low`` to ``high`` (exponents) between two places on the paper."""

    low: int
    high: int
    low_at: float
    high_at: float

    @classmethod
    def over(cls, values: Sequence[float], low_at: float, high_at: float) -> "_Axis":
        low = math.floor(math.log10(min(values)) + 1e-9)
        return cls(low, max(low + 1, math.ceil(math.log10(max(values)) - 1e-9)), low_at, high_at)

    @property
    def decades(self) -> range:
        return range(self.low, self.high + 1)

    def at(self, value: float) -> float:
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return round(self.low_at + share * (self.high_at - self.low_at), 1)


def _spread(places: Sequence[float]) -> list[float]:
    """Labels at these heights, moved down as far as they would lie on each other."""
    moved: dict[int, float] = {}
    last = -math.inf
    for number in sorted(range(len(places)), key=places.__getitem__):
        last = max(places[number], last + APART)
        moved[number] = last
    return [moved[number] for number in range(len(places))]


def _decade(exponent: int) -> str:
    return "10" + str(exponent).translate(_POWERS)


def _plain(exponent: int) -> str:
    return f"{10.0**exponent:g}" if -3 <= exponent <= 3 else _decade(exponent)
