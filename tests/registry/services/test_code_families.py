"""Whose code it is and whether it was read right, on both databases."""

import pytest
from sqlalchemy import update

from registry.identification.checks import Check
from registry.models.suppliers import CodeCheck, CodeFamily
from registry.services import code_families
from registry.services.code_families import Doubt, Family, LikelyFamily, Standing

LUHN = Family(5, "Kontrollmärkt AB", "[0-9]{11}", Check.LUHN)
PLAIN = Family(1, "Nordmark Forensik", "[A-Z]{4}[0-9]{5}")


def likely(*texts):
    found = code_families.likely_of(texts, (PLAIN, LUHN))
    return (found.supplier, found.doubt) if found else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("79927398713", ("Kontrollmärkt AB", Doubt.NONE)),
        ("799-2739-8713", ("Kontrollmärkt AB", Doubt.NONE)),
        ("79927398714", ("Kontrollmärkt AB", Doubt.CHECK)),
        ("7992739871?", ("Kontrollmärkt AB", Doubt.SHAPE)),
        ("ENXB09494", ("Nordmark Forensik", Doubt.NONE)),
        ("ENXBO9494", ("Nordmark Forensik", Doubt.SHAPE)),
        ("", None),
        ("?????", None),
    ],
)
def test_a_text_is_told_whose_it_looks_like_and_whether_it_was_misread(text, expected):
    assert likely(text) == expected


def test_of_several_dots_one_that_agrees_with_its_check_is_believed():
    assert likely("79927398714", "79927398713") == ("Kontrollmärkt AB", Doubt.NONE)
    assert likely("7992739871?", "79927398714") == ("Kontrollmärkt AB", Doubt.CHECK)


def test_a_family_without_a_check_goes_before_one_whose_check_fails():
    other = Family(6, "Elva siffror", "[0-9]{11}")
    found = code_families.likely_of(["79927398714"], (LUHN, other))
    assert found == LikelyFamily(6, "Elva siffror", Check.NONE, Doubt.NONE)


@pytest.mark.parametrize(
    ("doubt", "verdict", "told"),
    [
        (Doubt.CHECK, "identified", True),
        (Doubt.CHECK, "ambiguous", True),
        (Doubt.SHAPE, "identified", False),
        (Doubt.SHAPE, "not_registered", True),
        (Doubt.NONE, "unreadable", True),
        (Doubt.NONE, "ambiguous", False),
    ],
)
def test_a_failed_check_is_told_beside_any_verdict_and_the_rest_where_no_kit_is_named(doubt, verdict, told):
    assert LikelyFamily(5, "Kontrollmärkt AB", Check.LUHN, doubt).told_with(verdict) is told


def test_a_stored_family_is_told_as_the_first_time():
    family = LikelyFamily(5, "Kontrollmärkt AB", Check.LUHN, Doubt.CHECK)
    assert code_families.stored({"supplier_id": 5, **family.content()}) == family
    assert code_families.stored(None) is None


@pytest.mark.parametrize(
    ("code", "standing"),
    [
        ("79927398713", Standing.FITS),
        ("79927398714", Standing.CHECK_FAILS),
        ("ENXB09494", Standing.FITS),
        ("ENXB0949", Standing.OTHER_SHAPE),
    ],
)
def test_a_code_stands_to_all_families_of_its_supplier(code, standing):
    assert code_families.standing(code, (PLAIN, LUHN)) is standing


def test_registered_codes_that_no_family_would_take_are_counted_with_the_first_three(either_database, either_town):
    with either_database.transaction() as session:
        (family,) = code_families.families(session)
        assert family.check is Check.NONE
        assert code_families.contradicted(session, family.supplier_id) is None
        session.execute(update(CodeFamily).values(code_check=CodeCheck.MOD_37_36))
        found = code_families.contradicted(session, family.supplier_id)
        assert (found.count, found.examples) == (3, ("ENXB09494", "CJSZ87051", "KWPD30162"))
        likely = code_families.likely_family(session, ["ENXB09494"])
        assert (likely.supplier, likely.doubt) == ("Nordmark Forensik", Doubt.CHECK)
