"""What the templates of the police show: harmless text, honest probabilities, words for every search."""

import pytest

from registry.identification import engine, lookup
from registry.web.police.filters import probability, ratio, raw_text, small_number, tier_words, visible


@pytest.mark.parametrize("letter", ["\x00", "\r", "\n", "\x1b", "\u202e", "\u2066", "\u200b", "\u2028", "\ue000"])
def test_what_cannot_be_seen_is_named(letter):
    assert visible(f"a{letter}b") == f"a⟨U+{ord(letter):04X}⟩b"


def test_what_can_be_seen_stays_as_it_is():
    assert visible("Mätteknik 100 % – ]Q1") == "Mätteknik 100 % – ]Q1"


def test_raw_bytes_are_ascii_with_a_frame_a_line():
    assert raw_text(b"$A*1\r\n\xff\x00$B*2\r\n") == "$A*1\n\\xff\\x00$B*2"
    assert raw_text(b"x" * 5000).endswith("… (5000 bytes)")


@pytest.mark.parametrize(
    ("value", "said"), [(1.0, "> 99,9 %"), (0.9996, "> 99,9 %"), (0.5, "50 %"), (1e-9, "< 0,1 %"), (0.0, "0 %")]
)
def test_a_probability_is_never_rounded_to_certainty(value, said):
    assert probability(value) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.0, "0"), (3e-7, "< 10⁻⁶"), (0.05, "< 10⁻¹"), (0.1, "0,1"), (12.34, "12,3"), (1e-300, "< 10⁻⁹⁹")],
)
def test_a_small_number_keeps_its_size(value, said):
    assert small_number(value) == said


def test_a_likelihood_ratio_is_written_as_people_do_and_rounded_down():
    assert (ratio(6.4), ratio(5.9999), ratio(-3)) == ("2,5 · 10⁶", "9,9 · 10⁵", "1 · 10⁻³")


def test_every_search_of_the_engine_has_words():
    searches = {engine.BLOCKS, engine.EVERY_CODE, *lookup._TIER_NAMES.values()}
    assert [search for search in searches if tier_words(search) == search] == []
