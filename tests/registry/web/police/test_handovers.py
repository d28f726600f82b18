"""Handing over on screen: once, on an identified reading, with a receipt, a notice to the owner and a log."""

from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select

from registry import clock
from registry.errors import Conflict, InvalidInput
from registry.models.cases import Handover, SeizedItem
from registry.models.mail import OutgoingMail
from registry.services import (
    audit,
    case_readings,
    cases,
    handovers,
    identifications,
    mail,
    readings,
    reveals,
    samples,
    seizures,
)
from registry.services.readings import ObservationKind, Observed, Submission

REASON = "lämna tillbaka cykeln från Industrigatan"


def ready(session, town, observed=None):
    """A case with a bicycle, its reading put with it, and the owner revealed; returns case, item and reading."""
    case_id = cases.open_case(session, town.officer, "5000-K55-26", "Stöld av cyklar")
    seizure = seizures.add(session, town.officer, case_id, "Industrigatan 4", clock.now())
    item = seizures.add_item(session, town.officer, case_id, seizure, "Damcykel, svart", "Rum 2")
    submission = Submission(
        case_number="5000-K55-26",
        idempotency_key="one",
        body_hash=bytes(32),
        reading_number="R-1",
        reader=None,
        raw=b"",
        read_at=clock.now(),
        observations=[observed or Observed(ObservationKind.DOT, "ENXB09494")],
    )
    reading_id = readings.receive(session, town.station, submission).reading_id
    identifications.identify(session, town.station, reading_id)
    case_readings.attach(session, town.officer, case_id, reading_id, item)
    sticker = observed is not None
    kit_id = None if sticker else town.kit_ids["ENXB09494"]
    reveals.reveal(session, town.officer, case_id, reading_id, kit_id, REASON)
    return case_id, item, reading_id


@pytest.fixture
def prepared(database, town):
    with database.transaction() as session:
        return ready(session, town)


def url(prepared, page="handover"):
    return f"/police/cases/{prepared[0]}/items/{prepared[1]}/{page}"


def test_an_item_is_handed_over_with_a_receipt_and_the_owner_is_told(officer, prepared, fill_in, database, settings):
    page = officer.get(url(prepared)).get_data(as_text=True)
    assert "ENXB09494" in page
    assert "Karin" not in page
    with database.transaction(reads_only=True) as session:
        ground = handovers.grounds(session, prepared[0], prepared[1])[0]
    answer = fill_in(officer, url(prepared), ground=ground.key, identity_checked="körkort")
    assert answer.status_code == 302
    assert f"{clock.now():%Y}-{prepared[1]:06d}" in officer.get(url(prepared)).get_data(as_text=True)
    receipt = officer.get(url(prepared, "receipt.pdf"))
    assert receipt.mimetype == "application/pdf"
    assert receipt.data.startswith(b"%PDF")
    with database.transaction() as session:
        actions = [event.action for event in audit.newest(session)]
        assert {"handover:made", "receipt:printed"} <= set(actions)
        assert audit.verify(session).broken_at is None
        assert session.scalar(select(func.count()).select_from(OutgoingMail)) == 1
    mail.send_waiting(database)
    (message,) = settings.mail_directory.glob("*.eml")
    text = message.read_text()
    assert "karin@exempel.example" in text
    for never in ("Crescent", "Cykel", "Storgatan", "9500", "ENXB09494", "K55"):
        assert never not in text


def test_the_receipt_names_the_owner_and_what_it_rests_on(officer, prepared, database, town):
    import pypdfium2

    with database.transaction() as session:
        ground = handovers.grounds(session, prepared[0], prepared[1])[0]
        handovers.hand_over(
            session, town.officer, prepared[0], prepared[1], ground_key=ground.key, identity_checked="pass"
        )
    content = officer.get(url(prepared, "receipt.pdf")).data
    document = pypdfium2.PdfDocument(content)
    text = document[0].get_textpage().get_text_range()
    document.close()
    for said in ("Karin Åkerlund", "5000-K55-26", "Damcykel, svart", "ENXB09494", "R-1", "pass", "Lo Exempel"):
        assert said in text


def test_hostile_text_reaches_the_receipt_as_text(officer, town, database):
    import pypdfium2

    hostile = "<script>alert(1)</script> {{7*7}} '; DROP TABLE kit; -- =cmd()"
    with database.transaction() as session:
        case_id, _, reading_id = ready(session, town)
        seizure = seizures.add(session, town.officer, case_id, "Torget", clock.now())
        item = seizures.add_item(session, town.officer, case_id, seizure, hostile, "")
        case_readings.attach(session, town.officer, case_id, reading_id, item)
        ground = handovers.grounds(session, case_id, item)[0]
        handovers.hand_over(session, town.officer, case_id, item, ground_key=ground.key, identity_checked=hostile)
    content = officer.get(f"/police/cases/{case_id}/items/{item}/receipt.pdf").data
    for active in (b"/JS", b"/JavaScript", b"/Launch", b"/URI"):
        assert active not in content
    document = pypdfium2.PdfDocument(content)
    assert "{{7*7}}" in document[0].get_textpage().get_text_range()
    document.close()


def test_without_a_reading_and_its_owner_the_page_says_what_is_missing(officer, case_id, database, town):
    with database.transaction() as session:
        seizure = seizures.add(session, town.officer, case_id, "Torget", clock.now())
        item = seizures.add_item(session, town.officer, case_id, seizure, "Damcykel", "")
    page = officer.get(f"/police/cases/{case_id}/items/{item}/handover").get_data(as_text=True)
    assert 'name="ground"' not in page
    with pytest.raises(InvalidInput), database.transaction() as session:
        handovers.hand_over(session, town.officer, case_id, item, ground_key="1-1-1", identity_checked="pass")


def test_a_sticker_alone_needs_a_reason(database, town):
    sticker = Observed(ObservationKind.NUMBER, "4K7Q2M9XW3PZD7N", symbology="QR")
    with database.transaction() as session:
        case_id, item, _ = ready(session, town, sticker)
        (ground,) = handovers.grounds(session, case_id, item)
    assert ground.needs_reason
    given = {"ground_key": ground.key, "identity_checked": "pass"}
    with pytest.raises(InvalidInput, match="reason"), database.transaction() as session:
        handovers.hand_over(session, town.officer, case_id, item, **given)
    with database.transaction() as session:
        handovers.hand_over(session, town.officer, case_id, item, **given, reason="ägaren visade kvittot på cykeln")
        event = next(event for event in audit.newest(session) if event.action == "handover:made")
    assert event.reason == "ägaren visade kvittot på cykeln"


def test_of_officers_who_hand_over_at_the_same_moment_one_wins(either_database, either_town):
    with either_database.transaction() as session:
        case_id, item, _ = ready(session, either_town)
        key = handovers.grounds(session, case_id, item)[0].key
    start = Barrier(4)
    outcomes = []

    def act():
        start.wait()
        try:
            with either_database.transaction() as session:
                handovers.hand_over(
                    session, either_town.officer, case_id, item, ground_key=key, identity_checked="pass"
                )
                outcomes.append("done")
        except Conflict:
            outcomes.append("refused")

    threads = [Thread(target=act) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["done", "refused", "refused", "refused"]
    with either_database.transaction(reads_only=True) as session:
        assert session.scalar(select(func.count()).select_from(Handover)) == 1


def test_what_was_handed_over_takes_no_sample_and_no_other_reading(database, town, prepared):
    case_id, item, reading_id = prepared
    with database.transaction() as session:
        key = handovers.grounds(session, case_id, item)[0].key
        handovers.hand_over(session, town.officer, case_id, item, ground_key=key, identity_checked="pass")
    with pytest.raises(Conflict), database.transaction() as session:
        samples.take(session, town.officer, case_id, item, "S-1000")
    with pytest.raises(Conflict), database.transaction() as session:
        case_readings.attach(session, town.officer, case_id, reading_id, item)


def test_a_seal_number_is_used_once_and_an_answer_is_noted_once(database, town, prepared):
    case_id, item, _ = prepared
    with database.transaction() as session:
        sample = samples.take(session, town.officer, case_id, item, "fp-2026-418")
    with pytest.raises(InvalidInput, match="seal"), database.transaction() as session:
        samples.take(session, town.officer, case_id, item, "FP-2026-418")
    with database.transaction() as session:
        samples.answered(session, town.officer, case_id, sample)
    with pytest.raises(Conflict), database.transaction() as session:
        samples.answered(session, town.officer, case_id, sample)
    with database.transaction(reads_only=True) as session:
        assert samples.of_case(session, case_id)[item][0].answered_at is not None


def test_seized_items_are_numbered_in_order_even_when_two_officers_add_at_once(either_database, either_town):
    with either_database.transaction() as session:
        case_id = cases.open_case(session, either_town.officer, "5000-K56-26", "Stöld av cyklar")
        seizure = seizures.add(session, either_town.officer, case_id, "Torget", clock.now())
    start = Barrier(4)

    def act():
        start.wait()
        with either_database.transaction() as session:
            seizures.add_item(session, either_town.officer, case_id, seizure, "Cykel", "Rum 2")

    threads = [Thread(target=act) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with either_database.transaction(reads_only=True) as session:
        assert sorted(session.scalars(select(SeizedItem.number))) == [1, 2, 3, 4]


def test_a_ground_is_found_however_many_readings_came_after_it(database, town):
    with database.transaction() as session:
        case_id, item, _ = ready(session, town)
        for number in range(case_readings.SHOWN + 1):
            later = Submission(
                case_number="5000-K55-26",
                idempotency_key=f"later {number}",
                body_hash=bytes(32),
                reading_number=f"R-{number + 2}",
                reader=None,
                raw=b"",
                read_at=clock.now(),
                observations=[Observed(ObservationKind.DOT, "?????????")],
            )
            identifications.identify(session, town.station, readings.receive(session, town.station, later).reading_id)
        assert handovers.grounds(session, case_id, item)[0].code == "ENXB09494"


def test_a_reading_moved_to_another_item_is_no_ground_any_more(database, town):
    with database.transaction() as session:
        case_id, item, reading_id = ready(session, town)
        seizure = seizures.add(session, town.officer, case_id, "Torget", clock.now())
        other = seizures.add_item(session, town.officer, case_id, seizure, "Röd cykel", "")
        case_readings.attach(session, town.officer, case_id, reading_id, other)
        assert handovers.grounds(session, case_id, item) == []
        assert handovers.grounds(session, case_id, other)
