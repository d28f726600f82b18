import io
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from labels.language import Language
from labels.receipt import GRADES, Receipt, check_text, write_receipt

RECEIPT = Receipt(
    number="Å-2026-000041",
    authority="Polismyndigheten, polisområde Kvarnby",
    case_number="5000-K123456-26",
    item_number="2026-5000-BG1234-3",
    description="Cykel, Crescent, röd",
    handed_over_at=datetime(2026, 11, 22, 15, 4, tzinfo=ZoneInfo("Europe/Stockholm")),
    storage="Beslagsrum 2, hylla C4",
    kit_code="SDNA-4K7Q-2M9X",
    grade=4,
    reading_id="R-000812",
    owner_name="Åsa Öberg",
    handed_over_by="Björn Ekdahl",
    received_by="Åsa Öberg",
)


def written(receipt, language=Language.SWEDISH):
    stream = io.BytesIO()
    write_receipt(stream, receipt, language)
    return stream.getvalue()


def test_everything_stated_is_on_the_one_page_in_swedish(page_text):
    (text,) = page_text(written(RECEIPT))
    stated = [
        "Återlämningskvitto", "Å-2026-000041", "5000-K123456-26", "Cykel, Crescent, röd", "Beslagsrum 2, hylla C4",
        "SDNA-4K7Q-2M9X", "Resultaten talar extremt starkt för överensstämmelse", "R-000812", "Åsa Öberg",
        "Björn Ekdahl", "22 november 2026, 15:04", "Namnförtydligande", check_text(RECEIPT),
    ]  # fmt: skip
    assert [words for words in stated if words not in text] == []


def test_it_speaks_english_on_request(page_text):
    (text,) = page_text(written(RECEIPT, Language.ENGLISH))
    assert "Hand-over receipt" in text
    assert "The results speak extremely strongly for a match" in text
    assert "22 November 2026, 15:04" in text


@pytest.mark.parametrize("grade", range(-4, 5))
def test_each_grade_of_the_scale_has_its_words(page_text, grade):
    (text,) = page_text(written(replace(RECEIPT, grade=grade), Language.ENGLISH))
    shown = f"{grade:+d}".replace("-", "\N{MINUS SIGN}") if grade else "0"
    assert f"{shown} {GRADES[grade]}" in " ".join(text.split())


def test_what_is_empty_is_left_out(page_text):
    (text,) = page_text(written(replace(RECEIPT, grade=None, kit_code="", reading_id="")))
    assert "Så identifierades det" not in text


def test_the_check_characters_change_with_every_value():
    changed = [
        replace(RECEIPT, description="Cykel, Crescent, blå"),
        replace(RECEIPT, grade=3),
        replace(RECEIPT, received_by="Åsa Öbergh"),
        replace(RECEIPT, handed_over_at=RECEIPT.handed_over_at.replace(minute=5)),
    ]
    assert len({check_text(receipt) for receipt in (RECEIPT, *changed)}) == 5


def test_the_same_receipt_gives_the_same_bytes():
    assert written(RECEIPT) == written(RECEIPT)


def test_the_longest_texts_do_not_reach_the_footer(pdfium):
    long = "Mycket långt " * 40
    receipt = replace(
        RECEIPT, description=long, storage=long, note=long, owner_name=long, handed_over_by=long, received_by=long,
        identity_checked=long, seizure_number=long, authority=long,
    )  # fmt: skip
    (page,) = pdfium(written(receipt), 100)
    just_above_the_footer = page.crop((0, round(269.5 * 100 / 25.4), page.width, round(272 * 100 / 25.4)))
    assert just_above_the_footer.getextrema() == (255, 255)
