import random
import re

import pytest

from labels import markcode
from labels.errors import MarkCodeError, MisreadNumberError

NUMBER = "4K7Q2M9XW3PZD7N"


@pytest.fixture(scope="module")
def number():
    return markcode.issue()


def test_a_number_has_13_random_and_2_check_characters_of_crockfords_alphabet():
    numbers = {markcode.issue() for _ in range(500)}
    assert len(numbers) == 500
    assert all(re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{15}", number) for number in numbers)


def test_every_character_of_the_alphabet_is_issued_at_every_random_place():
    numbers = [markcode.issue() for _ in range(2000)]
    for place in range(markcode.RANDOM_LENGTH):
        assert {number[place] for number in numbers} == set(markcode.ALPHABET)


def test_a_number_is_read_back_as_issued_in_groups_or_lower_case(number):
    assert markcode.parse(number) == number
    assert markcode.parse(markcode.grouped(number)) == number
    assert markcode.parse(f"  {markcode.grouped(number).lower().replace('-', ' ')} ") == number
    assert markcode.parse(markcode.grouped(number).replace("-", "\N{EN DASH}")) == number


def test_look_alikes_are_folded():
    number = next(found for found in iter(markcode.issue, "") if "0" in found and found.count("1") > 1)
    seen = number.replace("0", "o").replace("1", "I", 1).replace("1", "l")
    assert markcode.parse(seen) == number


def test_every_single_wrong_character_is_caught_and_its_place_is_named(number):
    for place in range(markcode.LENGTH):
        for wrong in markcode.ALPHABET.replace(number[place], ""):
            with pytest.raises(MisreadNumberError) as refused:
                markcode.parse(number[:place] + wrong + number[place + 1 :])
            assert place + 1 in refused.value.values["suspects"]


def test_every_swap_of_two_characters_is_caught(number):
    characters = list(number)
    for one in range(markcode.LENGTH):
        for other in range(one + 1, markcode.LENGTH):
            swapped = characters.copy()
            swapped[one], swapped[other] = swapped[other], swapped[one]
            if swapped != characters:
                with pytest.raises(MisreadNumberError):
                    markcode.parse("".join(swapped))


def test_swapped_neighbours_are_named_in_the_message():
    number = next(found for found in iter(markcode.issue, "") if found[4] != found[5])
    with pytest.raises(MisreadNumberError) as refused:
        markcode.parse(number[:4] + number[5] + number[4] + number[6:])
    assert {5, 6} <= set(refused.value.values["suspects"])
    assert f"5 ({number[5]})" in str(refused.value)


def test_any_two_wrong_characters_are_caught():
    random_places = random.Random(5)
    for _ in range(3000):
        number = markcode.issue()
        changed = list(number)
        for place in random_places.sample(range(markcode.LENGTH), 2):
            changed[place] = random_places.choice(markcode.ALPHABET.replace(changed[place], ""))
        with pytest.raises(MisreadNumberError):
            markcode.parse("".join(changed))


def test_the_check_characters_are_fixed_for_ever():
    """Stickers outlive software: this number was issued by the first version."""
    assert markcode.check_characters(NUMBER[:13]) == "7N"
    assert markcode.parse("4k7q-2m9x-w3pz-d7n") == NUMBER


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "it has 0 characters, a number has 15"),
        ("4K7Q-2M9X", "it has 8 characters"),
        ("4K7Q-2M9X-W3PZ-D82-77", "it has 17 characters"),
        ("4K7Q-2U9X-W3PZ-D82", "character 6 is 'U'"),
        ("4K7Q-2M9X-Å3PZ-D82", "character 9 is 'Å'"),
    ],
)
def test_what_is_no_number_is_refused_with_what_and_where(text, message):
    with pytest.raises(MarkCodeError, match=re.escape(message)):
        markcode.parse(text)


def test_a_refusal_never_repeats_a_long_text():
    with pytest.raises(MarkCodeError) as refused:
        markcode.parse("X" * 100_000)
    assert len(str(refused.value)) < 200


def test_the_address_is_upper_case_and_short(number):
    assert markcode.url("https://dna.kommun.example/", number) == f"HTTPS://DNA.KOMMUN.EXAMPLE/S/{number}"


@pytest.mark.parametrize(
    "form",
    [
        "HTTPS://DNA.KOMMUN.EXAMPLE/S/{}",
        "https://dna.kommun.example/s/{}",
        "http://dna.kommun.example/S/{}",
        "{}",
        " {} ",
    ],
)
def test_a_number_is_found_in_its_address(number, form):
    assert markcode.number_in(form.format(number), "dna.kommun.example") == number


def test_a_host_with_a_port_is_told_apart(number):
    assert markcode.number_in(f"HTTP://127.0.0.1:8000/S/{number}", "127.0.0.1:8000") == number
    with pytest.raises(MarkCodeError, match=r"not an address of 127\.0\.0\.1:8000"):
        markcode.number_in(f"HTTP://127.0.0.1/S/{number}", "127.0.0.1:8000")


@pytest.mark.parametrize(
    "form",
    [
        "https://dna.kommun.example.evil.example/s/{}",
        "https://evil.example/s/{}",
        "https://dna.kommun.example@evil.example/s/{}",
        "https://evil@dna.kommun.example/s/{}",
        "https://dna.kommun.example:444/s/{}",
        "https://dna.kommun.example/t/{}",
        "https://dna.kommun.example/s/{}?next=https://evil.example",
        "https://dna.kommun.example/s/{}#x",
        "https://dna.kommun.example/s/../t/{}",
        "javascript:{}",
        "//dna.kommun.example/s/{}",
        "https://[dna/s/{}",
        "https://dn\N{CYRILLIC SMALL LETTER A}.kommun.example/s/{}",
    ],
)
def test_an_address_that_is_not_exactly_ours_is_refused(number, form):
    with pytest.raises(MarkCodeError):
        markcode.number_in(form.format(number), "dna.kommun.example")
