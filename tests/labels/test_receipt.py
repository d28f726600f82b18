import io
from dataclasses import replace

import pytest

from labels.language import Language
from labels.receipt import GRADES, check_text, write_receipt


def written(receipt, language=Language.SWEDISH):
    stream = io.BytesIO()
    write_receipt(stream, receipt, language)
    return stream.getvalue()


def test_everything_stated_is_on_the_one_page_in_swedish(page_text, receipt):
    (text,) = page_text(written(receipt))
    stated = [
        "Återlämningskvitto", "Å-2026-000041", "5000-K123456-26", "Cykel, Crescent, röd", "Beslagsrum 2, hylla C4",
        "SDNA-4K7Q-2M9X", "Resultaten talar extremt starkt för överensstämmelse", "R-000812", "Åsa Öberg",
        "Björn Ekdahl", "22 november 2026, 15:04", "Namnförtydligande", check_text(receipt),
    ]  # fmt: skip
    assert [words for words in stated if words not in text] == []


def test_it_speaks_english_on_request(page_text, receipt):
    (text,) = page_text(written(receipt, Language.ENGLISH))
    assert "Hand-over receipt" in text
    assert "The results speak extremely strongly for a match" in text
    assert "22 November 2026, 15:04" in text


@pytest.mark.parametrize("grade", range(-4, 5))
def test_each_grade_of_the_scale_has_its_words(page_text, receipt, grade):
    (text,) = page_text(written(replace(receipt, grade=grade), Language.ENGLISH))
    shown = f"{grade:+d}".replace("-", "\N{MINUS SIGN}") if grade else "0"
    assert f"{shown} {GRADES[grade]}" in " ".join(text.split())


def test_what_is_empty_is_left_out(page_text, receipt):
    (text,) = page_text(written(replace(receipt, grade=None, kit_code="", reading_id="")))
    assert "Så identifierades det" not in text


def test_the_check_characters_change_with_every_value(receipt):
    changed = [
        replace(receipt, description="Cykel, Crescent, blå"),
        replace(receipt, grade=3),
        replace(receipt, received_by="Åsa Öbergh"),
        replace(receipt, handed_over_at=receipt.handed_over_at.replace(minute=5)),
    ]
    assert len({check_text(one) for one in (receipt, *changed)}) == 5


def test_the_same_receipt_gives_the_same_bytes(receipt):
    assert written(receipt) == written(receipt)


def test_the_longest_texts_do_not_reach_the_footer(pdfium, receipt):
    long = "Mycket långt " * 40
    full = replace(
        receipt, description=long, storage=long, note=long, owner_name=long, handed_over_by=long, received_by=long,
        identity_checked=long, seizure_number=long, authority=long,
    )  # fmt: skip
    (page,) = pdfium(written(full), 100)
    just_above_the_footer = page.crop((0, round(269.5 * 100 / 25.4), page.width, round(272 * 100 / 25.4)))
    assert just_above_the_footer.getextrema() == (255, 255)
