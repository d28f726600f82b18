"""Whose code a text is, damaged or not."""

import pytest

from registry.identification.checks import Check, Checked
from registry.identification.router import CodeFamily, route

FAMILIES = [
    CodeFamily(1, "Nordmark Forensik", "[A-Z]{4}[0-9]{5}"),
    CodeFamily(2, "Spårbar AB", "SPB-[0-9A-HJKMNP-TV-Z]{8}"),
    CodeFamily(3, "Datapunkt Norden", "EU[0-9]{7}"),
    CodeFamily(4, "Fordonspunkt", r"[A-HJ-NPR-Z\d]{17}"),
]


@pytest.mark.parametrize(
    ("text", "supplier", "exact"),
    [
        ("ENXB09494", 1, True),
        ("ENX?O9494", 1, False),
        ("ENXB0949", 1, False),
        ("spb-57rcybvn", 2, True),
        ("SPB57RCYBVN", 2, True),
        ("5PB-57RC?BVN", 2, False),
        ("EU1234567", 3, True),
        ("EUI23?567", 3, False),
        ("E?1234567", 3, False),
        ("WVWZZZ1JZXW000001", 4, True),
        ("WVWZZZ1JZXW00?0O1", 4, False),
    ],
)
def test_the_family_of_a_code_is_told(text, supplier, exact):
    best = route(text, FAMILIES)[0]
    assert (best.family.supplier_id, best.exact) == (supplier, exact)


@pytest.mark.parametrize(
    "text", ["", "?????????", "---", "HELLO", "12345", "HTTPS://X.EXAMPLE/ABC", "\x00" * 9, "A" * 9999]
)
def test_what_is_like_no_family_is_of_none(text):
    assert route(text, FAMILIES) == []


def test_a_literal_prefix_beats_a_wide_pattern_on_a_damaged_code():
    assert next(match.family.supplier_id for match in route("EUI2345?7", FAMILIES)) == 3


def test_cost_counts_a_lookalike_as_half_a_character():
    match = route("EUI234567", FAMILIES[2:3])[0]
    assert match.cost == 0.5
    assert match.agreement == pytest.approx(1 - 0.5 / 9)


@pytest.mark.parametrize("pattern", ["(A|B)+", "[A-Z", "A.*B", "*", ""])
def test_a_pattern_beyond_the_grammar_matches_nothing(pattern):
    assert route("ENXB09494", [CodeFamily(9, "Annan", pattern)]) == []


@pytest.mark.parametrize(("pattern", "code"), [("^A?B{2,3}$", "BBB"), (r"\d{4,}", "123456"), (r"X\-[\dA]{3}", "X-1A2")])
def test_counts_anchors_and_escapes_are_understood(pattern, code):
    assert route(code, [CodeFamily(9, "Annan", pattern)])[0].exact


LUHN = CodeFamily(5, "Kontrollmärkt", "[0-9]{11}", Check.LUHN)


@pytest.mark.parametrize(
    ("text", "check", "misread"),
    [
        ("79927398713", Checked.AGREES, False),
        ("79927398714", Checked.DISAGREES, True),
        ("7992739871?", Checked.OPEN, True),
        ("7992739B713", Checked.OPEN, True),
    ],
)
def test_a_text_that_fails_its_familys_check_was_misread(text, check, misread):
    match = route(text, [LUHN])[0]
    assert (match.check, match.misread) == (check, misread)


def test_without_a_declared_check_a_whole_text_passes():
    match = route("79927398714", [CodeFamily(5, "Kontrollmärkt", "[0-9]{11}")])[0]
    assert (match.check, match.misread) == (Checked.OPEN, False)


def test_of_two_families_the_one_whose_check_agrees_is_told():
    other = CodeFamily(6, "Elva siffror", "[0-9]{11}")
    assert route("79927398714", [LUHN, other])[0].family is other
    assert route("79927398713", [LUHN, other])[0].family is LUHN
