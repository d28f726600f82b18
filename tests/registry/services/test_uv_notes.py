import io
import threading
from datetime import UTC, datetime

import pytest
from PIL import Image
from sqlalchemy import func, select

from registry import clock
from registry.errors import Conflict, IdempotencyConflict, InvalidInput, NotAPhoto, NotFound
from registry.models.cases import Sample
from registry.models.suppliers import Supplier
from registry.models.uv_findings import UvColour, UvNote
from registry.services import (
    case_readings,
    cases,
    item_weighings,
    samples,
    seizures,
    tracer_colours,
    typed_marks,
    uv_notes,
)
from registry.services.uv_notes import Finding
from registry.web.design import glow_name

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def key(number):
    return f"{number:032x}"


def photo_with_position():
    picture = Image.new("RGB", (60, 40), "purple")
    exif = Image.Exif()
    exif[0x010F] = "Kameramakaren"
    exif.get_ifd(0x8825)[1] = "N"
    file = io.BytesIO()
    picture.save(file, "JPEG", exif=exif)
    return file.getvalue()


@pytest.fixture
def things(database, town, case_id):
    """Two seized items of the case."""
    with database.transaction() as session:
        seizure = seizures.add(session, town.officer, case_id, "Storgatan 1", NOON)
        return [seizures.add_item(session, town.officer, case_id, seizure, name, "") for name in ("Cykel", "Såg")]


@pytest.fixture
def note(database, town, case_id, things):
    """Notes a finding on the first item, as the officer."""

    def noted(number=1, item=None, corrects=None, **finding):
        values = {"colour": UvColour.RED_PINK, "spot": "under sadeln", "noted_at": NOON, **finding}
        with database.transaction() as session:
            return uv_notes.note(
                session, town.officer, case_id, item or things[0], key(number), Finding(**values), corrects
            )

    return noted


def lines(database, case_id):
    with database.transaction() as session:
        return uv_notes.of_case(session, case_id)


def test_a_finding_is_noted_once_however_often_it_is_sent(note, database, case_id, things):
    assert [note()[1], note()[1]] == [False, True]
    (line,) = lines(database, case_id)[things[0]]
    assert (line.colour, line.spot, line.counts) == (UvColour.RED_PINK, "under sadeln", True)
    with pytest.raises(IdempotencyConflict):
        note(spot="i skarven")


def test_a_mistake_is_corrected_by_another_note_and_both_are_there(note, database, case_id, things):
    first, _ = note()
    second, _ = note(2, item=things[1], corrects=first, colour=UvColour.YELLOW)
    found = lines(database, case_id)
    assert [(line.id, line.corrected, line.counts) for line in found[things[0]]] == [(first, True, False)]
    assert [(line.id, line.corrects_id, line.counts) for line in found[things[1]]] == [(second, first, True)]
    with pytest.raises(Conflict):
        note(3, corrects=first)
    note(4, corrects=second, withdrawn=True)
    assert not any(line.counts for of_item in lines(database, case_id).values() for line in of_item)


def test_of_two_who_correct_one_note_at_once_exactly_one_does(either_database, either_town):
    town = either_town
    with either_database.transaction() as session:
        case_id = cases.open_case(session, town.officer, "5000-K123456-26", "Stöld av cyklar på Storgatan")
        seizure = seizures.add(session, town.officer, case_id, "Storgatan 1", NOON)
        item = seizures.add_item(session, town.officer, case_id, seizure, "Cykel", "")
        first, _ = uv_notes.note(
            session, town.officer, case_id, item, key(1), Finding(UvColour.RED_PINK, "under sadeln", NOON)
        )
    outcomes, ready = [], threading.Barrier(2)

    def correct(number):
        finding = Finding(UvColour.YELLOW, f"under sadel {number}", NOON)
        ready.wait()
        try:
            with either_database.transaction() as session:
                uv_notes.note(session, town.officer, case_id, item, key(number), finding, first)
        except Conflict:
            outcomes.append("refused")
        else:
            outcomes.append("corrected")

    threads = [threading.Thread(target=correct, args=(number,)) for number in (2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["corrected", "refused"]
    with either_database.transaction() as session:
        assert session.scalar(select(func.count()).where(UvNote.corrects_id == first)) == 1


def test_the_photo_is_made_anew_and_sealed(note, database, town, case_id):
    number, _ = note(photo=photo_with_position())
    with database.transaction() as session:
        row = session.get_one(UvNote, number)
        assert not row.photo_sealed.startswith(b"\xff\xd8")
        shown = uv_notes.photo(session, town.officer, case_id, number, thumbnail=False)
    assert shown.startswith(b"\xff\xd8")
    assert b"Kameramakaren" not in shown
    with database.transaction() as session, pytest.raises(NotFound):
        uv_notes.photo(session, town.officer_of_another_authority, case_id, number, thumbnail=True)


def test_what_is_not_right_leaves_nothing(note, database, case_id):
    for wrong, refusal in (
        ({"photo": b"%PDF-1.7"}, NotAPhoto),
        ({"spot": " "}, InvalidInput),
        ({"withdrawn": True}, InvalidInput),
        ({"corrects": 99}, NotFound),
        ({"item": 99}, NotFound),
    ):
        with pytest.raises(refusal):
            note(**wrong)
    assert lines(database, case_id) == {}


def test_a_sample_is_noted_with_its_finding_and_a_wrong_number_counts_no_more(note, database, case_id, things):
    first, _ = note(seal_number="sigill-1")
    with pytest.raises(InvalidInput):
        note(2, item=things[1], seal_number="SIGILL-1")
    note(3, corrects=first, seal_number="SIGILL-7")
    with database.transaction() as session:
        held = {line.seal_number: line.corrected for line in samples.of_case(session, case_id)[things[0]]}
        assert held == {"SIGILL-1": True, "SIGILL-7": False}
        assert session.scalar(select(func.count()).select_from(Sample)) == 2


def weighed(database, case_id, item):
    with database.transaction() as session:
        return item_weighings.of_case(session, case_id).get(item)


def test_colour_and_dot_of_one_thing_are_weighed_together_and_anew_after_a_correction(
    note, database, town, case_id, things
):
    first, _ = note()
    assert weighed(database, case_id, things[0]) is None, "a colour alone is no mark"
    with database.transaction() as session:
        session.add(Supplier(name="Gulmärk", phone="", email="", emission_nm=585, created_at=clock.now()))
    with database.transaction() as session:
        typed_marks.enter(session, town.officer, case_id, key(9), "ENX?09494", things[0])
    agreeing = weighed(database, case_id, things[0])
    assert (agreeing.readings, agreeing.findings) == (1, 1)
    assert agreeing.kits[0].kit_code == "ENXB09494"
    assert agreeing.kits[0].log10_colour > -0.05
    note(2, corrects=first, colour=UvColour.YELLOW)
    against = weighed(database, case_id, things[0])
    assert [kit.kit_code for kit in against.kits] == ["ENXB09494"]
    assert against.kits[0].log10_colour < min(0, agreeing.kits[0].log10_colour)


def test_a_reading_that_is_put_with_the_item_later_is_weighed_too(note, database, town, case_id, things):
    with database.transaction() as session:
        reading, _ = typed_marks.enter(session, town.officer, case_id, key(9), "ENX?09494")
    note()
    assert weighed(database, case_id, things[0]) is None
    with database.transaction() as session:
        case_readings.attach(session, town.officer, case_id, reading, things[0])
    assert weighed(database, case_id, things[0]).kits[0].kit_code == "ENXB09494"
    with database.transaction() as session:
        case_readings.attach(session, town.officer, case_id, reading, things[1])
    assert weighed(database, case_id, things[0]) is None, "the reading lies with another thing now"
    note(2, item=things[1])
    assert weighed(database, case_id, things[1]).kits[0].kit_code == "ENXB09494"


def test_a_finding_that_was_none_is_weighed_no_more(note, database, town, case_id, things):
    with database.transaction() as session:
        typed_marks.enter(session, town.officer, case_id, key(9), "ENX?09494", things[0])
    first, _ = note()
    assert weighed(database, case_id, things[0]) is not None
    note(2, corrects=first, withdrawn=True)
    assert weighed(database, case_id, things[0]) is None


def test_several_tracers_in_one_band_weigh_for_none(database, town):
    with database.transaction() as session:
        one = tracer_colours.observation_of(session, UvColour.RED_PINK)
        session.add(Supplier(name="Rosa", phone="", email="", emission_nm=630, created_at=clock.now()))
        session.flush()
        two = tracer_colours.observation_of(session, UvColour.RED_PINK)
        none = tracer_colours.observation_of(session, UvColour.NONE)
    assert (one.glow, one.peak_nm) == (True, 612)
    assert (two.glow, two.peak_nm) == (True, None)
    assert (none.glow, none.peak_nm) == (False, None)


def test_the_bands_are_those_of_the_swatches_on_the_pages():
    for colour, (first, last) in tracer_colours.BANDS.items():
        assert (glow_name(first), glow_name(last)) == (colour.value, colour.value)
    assert (glow_name(320), glow_name(880)) == ("violet", "red"), "what is invisible has the swatch beside it"
