"""The ground of a look-up, on both databases."""

import pytest

from registry.errors import InvalidInput, NotFound
from registry.identification.answer import MarkKind, Observation
from registry.services import audit, cases, lookups
from registry.services.actor import OPERATOR


def test_a_case_lends_its_purpose_to_the_look_up(either_database, either_town):
    with either_database.transaction() as session:
        cases.open_case(session, either_town.officer, "5000-K123456-26", "Stöld av cyklar")
        ground = lookups.ground_of(session, " 5000-k123456-26", "")
    assert (ground.case_number, ground.reason) == ("5000-K123456-26", "Stöld av cyklar")
    assert ground.organisation_id is not None


def test_a_closed_case_is_no_ground(either_database, either_town):
    with either_database.transaction() as session:
        case_id = cases.open_case(session, either_town.officer, "5000-K123456-26", "Stöld av cyklar")
        cases.close(session, either_town.officer, case_id)
        with pytest.raises(NotFound):
            lookups.ground_of(session, "5000-K123456-26", "Kontroll av fynd")


def test_a_number_that_two_authorities_use_needs_a_reason_in_words(either_database, either_town):
    with either_database.transaction() as session:
        for officer in (either_town.officer, either_town.officer_of_another_authority):
            cases.open_case(session, officer, "5000-K123456-26", "Stöld av cyklar")
        with pytest.raises(InvalidInput, match="two authorities"):
            lookups.ground_of(session, "5000-K123456-26", "")
        assert lookups.ground_of(session, "5000-K123456-26", "Kontroll av fynd").organisation_id is None


def test_a_look_up_is_in_the_log_when_its_answer_is_there(either_database, either_town):
    observations = [Observation(MarkKind.DOT, "ENX?O9494")]
    with either_database.transaction() as session:
        ground = lookups.ground_of(session, "", "Kontroll av fynd")
        answer, codes = lookups.identify(session, OPERATOR, ground, observations)
        event = audit.newest(session)[0]
        assert audit.verify(session).broken_at is None
    assert codes[answer.candidates[0].kit_id] == "ENXB09494"
    assert (event.action, event.reason) == ("lookup:made", "Kontroll av fynd")
    assert event.details["kits"] == [candidate.kit_id for candidate in answer.candidates]
