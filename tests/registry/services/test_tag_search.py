import pytest

from registry.models.readings import ObservationKind, VerdictWord
from registry.services import items, tag_marks, tag_search
from registry.services.items import Category, ItemText
from registry.services.readings import Observed

VIN = "WVWZZZ1JZXW000001"


def number(text, symbology=tag_search.TYPED):
    return Observed(ObservationKind.NUMBER, text, symbology=symbology)


@pytest.fixture
def registered(database, town):
    with database.transaction() as session:
        for text in (VIN, "900 250000023921", "307E4DE5C2", "0001315778 020,05058"):
            tag_marks.register(session, town.owner_account, town.item_id, text)


def found(database, *observed):
    with database.transaction() as session:
        return tag_search.search(session, observed)


@pytest.mark.parametrize(
    ("text", "symbology"),
    [
        ("307E4DE5C2", "EM4100"),
        ("900 250000023921", "ISO11784"),
        (VIN, "CODE39"),
        (VIN.lower(), tag_search.TYPED),
        ("900.250000023921", tag_search.TYPED),
    ],
)
def test_a_number_read_whole_is_the_thing(database, registered, text, symbology):
    answer = found(database, number(text, symbology))
    assert answer.verdict is VerdictWord.IDENTIFIED
    assert (answer.hits[0].exact, int(answer.hits[0].grade)) == (True, 4)


def test_a_card_leads_to_its_tag_with_less_certainty(database, registered):
    answer = found(database, number("A2001413C2", "EM4100"))
    assert answer.verdict is VerdictWord.IDENTIFIED
    assert int(answer.hits[0].grade) == 3
    assert found(database, number("0001315778")).hits[0].number == "??001413C2"


@pytest.mark.parametrize("text", ["900 250000023922", "307E4DE5C3"])
def test_a_reader_never_brings_a_neighbour(database, registered, text):
    symbology = "ISO11784" if " " in text else "EM4100"
    answer = found(database, number(text, symbology))
    assert (answer.verdict, answer.hits) == (VerdictWord.NOT_REGISTERED, ())


def test_a_number_typed_whole_that_differs_is_another_things_until_read_again(database, registered):
    """Numbers are counted up: the engine, made for random codes, would have called this one identified."""
    answer = found(database, number("900 250000023922"))
    assert answer.verdict in {VerdictWord.NOT_REGISTERED, VerdictWord.AMBIGUOUS}
    assert (answer.hits[0].differences, int(answer.hits[0].grade)) == (1, 0)


@pytest.mark.parametrize(
    ("text", "grade"), [("WVWZZZ1JZXW00000?", 4), ("WVWZZZ1JZXW0000??", 3), ("WVWZZZ1JZXW00????", 2)]
)
def test_each_character_that_is_not_legible_lowers_the_grade(database, registered, text, grade):
    answer = found(database, Observed(ObservationKind.DOT, text))
    assert answer.hits[0].number == VIN
    assert int(answer.hits[0].grade) == grade
    assert not answer.hits[0].exact


def test_of_two_that_fit_neither_is_identified(database, town, registered):
    with database.transaction() as session:
        other = items.add(session, town.owner_account, ItemText("Bil", Category.VEHICLE))
        tag_marks.register(session, town.owner_account, other, "WVWZZZ1JZXW000002")
    answer = found(database, Observed(ObservationKind.DOT, "WVWZZZ1JZXW00000?"))
    assert answer.verdict is VerdictWord.AMBIGUOUS
    assert [round(hit.posterior, 1) for hit in answer.hits] == [0.5, 0.5]


def test_too_little_says_nothing(database, registered):
    assert found(database, Observed(ObservationKind.DOT, "WVWZZZ1JZ????????")).verdict is VerdictWord.UNREADABLE
    assert found(database, Observed(ObservationKind.DOT, "ENXB09494")) is None
    assert found(database, number("https://exempel.example/s/4K7Q", "QR")) is None


def test_a_number_taken_off_is_found_no_more(database, town, registered):
    with database.transaction() as session:
        for line in tag_marks.of_item(session, town.owner_account, town.item_id):
            tag_marks.remove(session, town.owner_account, town.item_id, line.id)
    assert found(database, number(VIN)).verdict is VerdictWord.NOT_REGISTERED
