"""Evidence in the reader's words: verdict, grade, probabilities and searches, the same on a page and in a terminal."""

import math
from collections.abc import Callable

from babel.numbers import format_decimal

from registry.language import Language
from registry.services.evidence_lines import Evidence

__all__ = [
    "check_words",
    "counted_words",
    "family_sentence",
    "grade_sentence",
    "logarithm",
    "observation_words",
    "power_of_ten",
    "probability",
    "ratio",
    "signed",
    "small_number",
    "taken_off",
    "tier_words",
    "verdict_words",
]

Translate = Callable[[str], str]


def verdict_words(verdict: str, translate: Translate) -> str:
    """What the register as a whole answered."""
    said = {
        "identified": translate("Identified"),
        "ambiguous": translate("Several possible kits"),
        "not_registered": translate("Not in this register"),
        "unreadable": translate("Unreadable"),
    }
    return said[verdict]


def grade_sentence(grade: int, source: str, translate: Translate) -> str:
    """The published wording of the scale (NFC utlåtandeskala, polisen.se; English: Nordgaard et al. 2012)."""
    said = {
        4: translate("The results extremely strongly support that the mark comes from %(source)s."),
        3: translate("The results strongly support that the mark comes from %(source)s."),
        2: translate("The results support that the mark comes from %(source)s."),
        1: translate("The results support to some extent that the mark comes from %(source)s."),
        0: translate("The results support neither that the mark comes from %(source)s nor that it does not."),
        -1: translate("The results support to some extent that the mark does not come from %(source)s."),
        -2: translate("The results support that the mark does not come from %(source)s."),
        -3: translate("The results strongly support that the mark does not come from %(source)s."),
        -4: translate("The results extremely strongly support that the mark does not come from %(source)s."),
    }
    return said[grade] % {"source": source}


def tier_words(tier: str, translate: Translate) -> str:
    """A search that the engine ran."""
    said = {
        "codes: shared blocks": translate("microdot codes that share a block with the reading were compared"),
        "codes: every one": translate("every microdot code was compared"),
        "signatures: seeds in place": translate(
            "signatures that share a long stretch with the read in its place were compared"
        ),
        "signatures: long seeds": translate("signatures that share a long stretch with the read were compared"),
        "signatures: short seeds": translate("signatures that share a short stretch with the read were compared"),
        # Earlier versions searched otherwise, and what they found is shown as it was found.
        "signatures: shortest seeds": translate("signatures that share any short stretch with the read were compared"),
        "signatures: two seeds": translate("signatures that share two stretches with the read were compared"),
        "signatures: two short seeds": translate(
            "signatures that share two short stretches with the read were compared"
        ),
        "signatures: any short seed": translate("signatures that share any short stretch with the read were compared"),
        "signatures: every one": translate("every signature was compared"),
        "database: same or nearly the same": translate("marks that are the same or nearly the same were looked up"),
        "tags: same": translate("registered numbers of tags and vehicles were looked up"),
        "tags: one place apart": translate(
            "registered numbers of tags and vehicles that are the same, or differ in one place, were looked up"
        ),
        "database: every one": translate("every mark of the register was read and compared"),
    }
    return said.get(tier, tier)


def check_words(check: str, translate: Translate) -> str:
    """Which check characters a family's codes carry, and where."""
    said = {
        "none": translate("no check character"),
        "vin": translate("check digit in place 9 (VIN)"),
        "luhn": translate("the last digit is a check digit (Luhn, mod 10)"),
        "mod11-2": translate("the last character is a check character (mod 11-2)"),
        "mod97-10": translate("the last two digits are check digits (mod 97-10)"),
        "mod37-2": translate("the last character is a check character (mod 37-2)"),
        "mod37-36": translate("the last character is a check character (mod 37-36)"),
        "sticker": translate("the last two characters are check characters (GF(32))"),
    }
    return said.get(check, check)


def family_sentence(supplier: str, doubt: str, translate: Translate) -> str:
    """Whose code it looks like, and whether the mark is to be read again before anybody is asked."""
    said = {
        "none": translate("The code looks like one of %(supplier)s."),
        "shape": translate(
            "The code looks like one of %(supplier)s, but characters are missing or misread. Read the mark again."
        ),
        "check": translate(
            "The code looks like one of %(supplier)s, but its check character does not agree: at least one character "
            "is misread. Read the mark again."
        ),
    }
    return said[doubt] % {"supplier": supplier}


def counted_words(counted: str, translate: Translate) -> str:
    """How an observation is counted among the others, and if not whole, why."""
    said = {
        "independent": translate("counts whole: made apart from the other marks"),
        "same_mark": translate("one of several reads of one mark: what they share is taken off below"),
        "makers_only": translate("tells makers apart, not kits of one maker"),
        "same_fluid": translate("not counted: another look at the same glow"),
        "repeated": translate("not counted: the same reading again"),
        "no_such_mark": translate("not counted: the kit has no such mark to compare with"),
        "nothing_read": translate("not counted: nothing could be read"),
        "no_evidence": translate("not counted: a number can be moved, it is no evidence of the mark"),
    }
    return said[counted]


def observation_words(kind: str, translate: Translate) -> str:
    """What was observed."""
    said = {
        "dot": translate("Microdot"),
        "dna": translate("DNA read"),
        "uv": translate("Ultraviolet light"),
        "number": translate("Number"),
    }
    return said[kind]


def taken_off(evidence: Evidence, translate: Translate) -> list[tuple[float, str]]:
    """What is taken off the sum of the observations, as base-10 logarithms, and why; what is nothing is left out."""
    reasons = (
        (evidence.shared_by_reads, translate("shared by reads of one mark, whichever mark it is")),
        (evidence.shared_by_tracer, translate("an unregistered mark may glow as well")),
        (evidence.searched, translate("the best of all marks was picked out")),
        (evidence.others, translate("other kits fit nearly as well")),
    )
    return [(size, why) for size, why in reasons if size >= 0.005]


def logarithm(value: float, language: Language) -> str:
    """A base-10 logarithm with its sign and two decimals, e.g. ``+5.31``."""
    sign = "+" if value >= 0.005 else "\N{MINUS SIGN}" if value <= -0.005 else ""
    return sign + format_decimal(abs(round(value, 2)), format="0.00", locale=language.value)


def signed(grade: int) -> str:
    """A grade with its sign, as the scale is written."""
    sign = "+" if grade > 0 else "\N{MINUS SIGN}" if grade < 0 else ""
    return f"{sign}{abs(grade)}"


def probability(value: float, language: Language) -> str:
    """A probability in per cent; never rounded up to certainty or down to impossibility."""
    if value >= 0.9995:
        return f"> {format_decimal(99.9, locale=language.value)} %"
    if 0 < value < 0.0005:
        return f"< {format_decimal(0.1, locale=language.value)} %"
    return f"{format_decimal(round(100 * value, 1), locale=language.value)} %"


def small_number(value: float, language: Language) -> str:
    """How many of something are expected: tenths, or the power of ten below which it lies."""
    if value >= 0.1:
        return format_decimal(round(value, 1), locale=language.value)
    return f"< {power_of_ten(_exponent(value))}" if value > 0 else "0"


def power_of_ten(exponent: float) -> str:
    """Ten to a power as people write it, e.g. ``10⁶``."""
    return "10" + str(round(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def ratio(exponent: float, language: Language) -> str:
    """A likelihood ratio given as its base-10 logarithm, e.g. ``4.6 · 10⁵``.

    Two digits, rounded down, so that none is said to reach a limit of the scale that it does not reach.
    """
    whole = math.floor(exponent)
    tenths = math.floor(10 ** (exponent - whole) * 10 + 1e-9) / 10
    if -1 <= whole <= 2:
        return format_decimal(math.floor(tenths * 10.0 ** (whole + 1) + 1e-9) / 10, locale=language.value)
    return f"{format_decimal(tenths, locale=language.value)} · {power_of_ten(whole)}"


def _exponent(value: float) -> int:
    return max(math.ceil(math.log10(value)), -99)
