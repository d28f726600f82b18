"""What the police's templates show: text from readers made harmless for the eye, and probabilities in words."""

import unicodedata

from registry.services import wording
from registry.services.code_families import LikelyFamily
from registry.services.evidence_lines import Evidence
from registry.services.tag_numbers import TagKind
from registry.web.police import blueprint
from registry.web.tag_forms import kind_names
from registry.web.words import current_language, translate

__all__ = [
    "check_words",
    "counted_words",
    "family_sentence",
    "logarithm",
    "observation_words",
    "probability",
    "ratio",
    "raw_text",
    "small_number",
    "tag_kind",
    "taken_off",
    "tier_words",
    "visible",
]

# Control and format characters (the latter turn the direction of text), separators of lines, private and half ones.
_NAMED = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
_LONGEST_RAW = 4000


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
    return wording.probability(value, current_language())


@blueprint.app_template_filter()
def small_number(value: float) -> str:
    """How many of something are expected: tenths, or the power of ten below which it lies."""
    return wording.small_number(value, current_language())


@blueprint.app_template_filter()
def ratio(exponent: float) -> str:
    """A likelihood ratio given as its base-10 logarithm, rounded down."""
    return wording.ratio(exponent, current_language())


@blueprint.app_template_filter()
def tag_kind(kind: str) -> str:
    """What carries a registered number, in the reader's words."""
    return kind_names()[TagKind(kind)]


@blueprint.app_template_filter()
def tier_words(tier: str) -> str:
    """A search that the engine ran, in the reader's words."""
    return wording.tier_words(tier, translate)


@blueprint.app_template_filter()
def check_words(check: str) -> str:
    """Which check characters a family's codes carry, and where, in the reader's words."""
    return wording.check_words(check, translate)


@blueprint.app_template_filter()
def family_sentence(family: LikelyFamily) -> str:
    """Whose code it looks like, and whether the mark is to be read again, in the reader's words."""
    return wording.family_sentence(family.supplier, family.doubt, translate)


@blueprint.app_template_filter()
def counted_words(counted: str) -> str:
    """How an observation is counted, in the reader's words."""
    return wording.counted_words(counted, translate)


@blueprint.app_template_filter()
def observation_words(kind: str) -> str:
    """What was observed, in the reader's words."""
    return wording.observation_words(kind, translate)


@blueprint.app_template_filter()
def logarithm(value: float) -> str:
    """A base-10 logarithm with its sign and two decimals."""
    return wording.logarithm(value, current_language())


@blueprint.app_template_filter()
def taken_off(evidence: Evidence) -> list[tuple[float, str]]:
    """What is taken off the sum of the observations, and why, in the reader's words."""
    return wording.taken_off(evidence, translate)
