"""What the police's templates show: text from readers made harmless for the eye, and probabilities in words."""

import math
import unicodedata

from babel.numbers import format_decimal

from registry.web.police import blueprint
from registry.web.words import current_language, lazy

__all__ = ["power_of_ten", "probability", "raw_text", "small_number", "tier_words", "visible"]

# Control and format characters (the latter turn the direction of text), separators of lines, private and half ones.
_NAMED = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
_LONGEST_RAW = 4000
_TIERS = {
    "codes: shared blocks": lazy("microdot codes that share a block with the reading were compared"),
    "codes: every one": lazy("every microdot code was compared"),
    "signatures: two seeds": lazy("signatures that share two stretches with the read were compared"),
    "signatures: two short seeds": lazy("signatures that share two short stretches with the read were compared"),
    "signatures: any short seed": lazy("signatures that share any short stretch with the read were compared"),
    "signatures: every one": lazy("every signature was compared"),
    "database: same or nearly the same": lazy("marks that are the same or nearly the same were looked up"),
    "database: every one": lazy("every mark of the register was read and compared"),
}


@blueprint.app_template_filter()
def visible(text: str) -> str:
    """``text`` with every character that cannot be seen written as its number, e.g. ``⟨U+202E⟩``."""
    return "".join(f"⟨U+{ord(letter):04X}⟩" if unicodedata.category(letter) in _NAMED else letter for letter in text)


@blueprint.app_template_filter()
def raw_text(raw: bytes) -> str:
    """Raw bytes as ASCII, one frame a line, other bytes as numbers; long ones are cut, the database keeps all."""
    shown = "".join(chr(byte) if 0x20 <= byte < 0x7F else f"\\x{byte:02x}" for byte in raw[:_LONGEST_RAW])
    lines = shown.replace("\\x0d\\x0a", "\n").replace("\\x0a", "\n").strip("\n")
    return f"{lines}\n… ({len(raw)} bytes)" if len(raw) > _LONGEST_RAW else lines


@blueprint.app_template_filter()
def probability(value: float) -> str:
    """A probability in per cent; never rounded up to certainty or down to impossibility."""
    locale = current_language().value
    if value >= 0.9995:
        return f"> {format_decimal(99.9, locale=locale)} %"
    if 0 < value < 0.0005:
        return f"< {format_decimal(0.1, locale=locale)} %"
    return f"{format_decimal(round(100 * value, 1), locale=locale)} %"


@blueprint.app_template_filter()
def small_number(value: float) -> str:
    """How many of something are expected: tenths, or the power of ten below which it lies."""
    if value >= 0.1:
        return format_decimal(round(value, 1), locale=current_language().value)
    return f"< {power_of_ten(_exponent(value))}" if value > 0 else "0"


@blueprint.app_template_filter()
def power_of_ten(exponent: float) -> str:
    """Ten to a power as people write it, e.g. ``10⁶``."""
    return "10" + str(round(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


@blueprint.app_template_filter()
def tier_words(tier: str) -> str:
    """A search that the engine ran, in the reader's words."""
    return str(_TIERS.get(tier, tier))


def _exponent(value: float) -> int:
    return max(math.ceil(math.log10(value)), -99)
