"""Readers are learnt from what hand-overs confirmed, by kind and version, and used at the next look-up."""

import uuid

import pytest
from sqlalchemy import select

from registry import clock
from registry.models.audit import AuditEvent
from registry.models.reader_models import ReaderModelRow
from registry.models.readings import CandidateRow, Identification
from registry.services import (
    case_readings,
    cases,
    handovers,
    identifications,
    reader_models,
    readings,
    reveals,
    seizures,
)
from registry.services.readings import ObservationKind, Observed, Submission

READER = {"maker": "Nordisk Mätteknik", "model": "UVD-2", "serial_number": "SN00417"}
KIND = "Nordisk Mätteknik UVD-2"
HABIT = "ENXB0949A"
"""ENXB09494 as a reader sees it that takes 4 for A."""


@pytest.fixture
def few(monkeypatch):
    """A few confirmed dots are enough."""
    monkeypatch.setattr(reader_models, "FIRST", 8)


def read(session, town, case_number, text=HABIT, reader=READER):
    submission = Submission(
        case_number=case_number,
        idempotency_key=str(uuid.uuid4()),
        body_hash=bytes(32),
        reading_number="R-1",
        reader=reader,
        raw=b"",
        read_at=clock.now(),
        observations=[Observed(ObservationKind.DOT, text), Observed(ObservationKind.UV, glow=True, peak_nm=610)],
    )
    reading_id = readings.receive(session, town.station, submission).reading_id
    identifications.identify(session, town.station, reading_id)
    return reading_id


def seized(session, town, case_number):
    case_id = cases.open_case(session, town.officer, case_number, "Stöld av cyklar")
    seizure = seizures.add(session, town.officer, case_id, "Industrigatan 4", clock.now())
    return case_id, seizures.add_item(session, town.officer, case_id, seizure, "Damcykel, svart", "Rum 2")


def handed_over(session, town, case_number="5000-K55-26", texts=(HABIT,) * 8, reader=READER, *, hand_over=True):
    case_id, item = seized(session, town, case_number)
    for text in ("ENXB09494", *texts):
        reading_id = read(session, town, case_number, text, reader)
        case_readings.attach(session, town.officer, case_id, reading_id, item)
        if text == "ENXB09494":
            reveals.reveal(session, town.officer, case_id, reading_id, town.kit_ids[text], "lämna tillbaka cykeln")
    if hand_over:
        (ground, *_) = handovers.grounds(session, case_id, item)
        handovers.hand_over(session, town.officer, case_id, item, ground_key=ground.key, identity_checked="körkort")


def models(session):
    return session.scalars(select(ReaderModelRow).order_by(ReaderModelRow.version)).all()


@pytest.mark.usefixtures("few")
def test_a_hand_over_teaches_the_kind_of_reader_and_the_next_look_up_uses_it(either_database, either_town):
    with either_database.transaction() as session:
        handed_over(session, either_town)
    with either_database.transaction() as session:
        (row,) = models(session)
        assert (row.reader, row.version, row.confirmed) == (KIND, 1, 9)
        learnt = reader_models.current(session, KIND)
        assert learnt.model.confusion.sum(axis=1) == pytest.approx(1.0)
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "reader:learnt")).one()
        assert event.details == {"version": 1, "confirmed": 9}
        cases.open_case(session, either_town.officer, "5000-K56-26", "Stöld av cyklar")
        with_model = read(session, either_town, "5000-K56-26")
        another_kind = read(session, either_town, "5000-K56-26", reader={"maker": "Annan", "model": "X"})
    with either_database.transaction() as session:
        of_it, of_other = (
            session.scalars(select(Identification).where(Identification.reading_id == one)).one()
            for one in (with_model, another_kind)
        )
        assert of_it.basis["readers"] == {KIND: 1}
        assert of_other.basis["readers"] == {}
        ratio, plain = (
            session.scalars(
                select(CandidateRow).where(CandidateRow.identification_id == one.id, CandidateRow.rank == 1)
            ).one()
            for one in (of_it, of_other)
        )
        assert ratio.kit_id == plain.kit_id == either_town.kit_ids["ENXB09494"]
        assert ratio.log10_likelihood_ratio > plain.log10_likelihood_ratio + 0.3


@pytest.mark.usefixtures("few")
def test_readings_that_nobody_confirmed_teach_nothing(database, town):
    with database.transaction() as session:
        handed_over(session, town, hand_over=False)
        # A hand-over of another thing in another case confirms nothing about the first.
        handed_over(session, town, "5000-K57-26", texts=())
        assert models(session) == []


@pytest.mark.usefixtures("few")
def test_a_dot_of_another_thing_that_went_astray_in_the_bag_teaches_nothing(database, town):
    with database.transaction() as session:
        handed_over(session, town, texts=(HABIT,) * 6 + ("QQQQ77777",) * 5)
        assert models(session) == []
        handed_over(session, town, "5000-K57-26", texts=(HABIT,))
        assert [row.confirmed for row in models(session)] == [9]


@pytest.mark.usefixtures("few")
def test_a_reader_is_learnt_anew_when_a_quarter_more_is_confirmed(database, town):
    with database.transaction() as session:
        handed_over(session, town)
        handed_over(session, town, "5000-K57-26", texts=())
        assert [row.confirmed for row in models(session)] == [9]
        handed_over(session, town, "5000-K58-26", texts=(HABIT,) * 2)
        assert [(row.version, row.confirmed) for row in models(session)] == [(1, 9), (2, 13)]
        assert reader_models.current(session, KIND).version == 2


def test_few_confirmed_readings_teach_nothing_yet_and_a_reader_that_does_not_say_what_it_is_never(database, town):
    with database.transaction() as session:
        handed_over(session, town, texts=(HABIT,) * 3)
        handed_over(session, town, "5000-K57-26", reader=None, texts=(HABIT,) * 3)
        assert models(session) == []
        assert reader_models.current(session, KIND) is None
        assert reader_models.current(session, "") is None
    assert reader_models.kind_of({"maker": None, "model": " UVD-2 "}) == "UVD-2"


def test_an_identification_keeps_what_is_needed_to_explain_it(database, town):
    with database.transaction() as session:
        cases.open_case(session, town.officer, "5000-K56-26", "Stöld av cyklar")
        reading_id = read(session, town, "5000-K56-26", "ENXB09494")
        kept = session.scalars(select(Identification).where(Identification.reading_id == reading_id)).one()
        best = session.scalars(select(CandidateRow).where(CandidateRow.identification_id == kept.id)).first()
        assert kept.basis["constants"]["astray"] == 0.01
        assert kept.basis["constants"]["tracer_faded"] == 0.2
        assert (kept.prior, kept.searched, bool(kept.engine_version), kept.tiers) == (
            0.5,
            3,
            True,
            ["codes: every one"],
        )
        assert [kind for kind, _ in best.contributions] == ["dot", "uv"]
