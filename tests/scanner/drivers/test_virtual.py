import pytest

from scanner.drivers.mdr import MdrDriver
from scanner.drivers.virtual import PlannedReading, VirtualReader
from scanner.framing.sentences import encode
from scanner.reading import DnaRead, DotText, Number, ReaderIdentity, Reading, UvFinding

IDENTITY = ReaderIdentity("Nordisk Mätteknik", "UVD-2", "SN00417", "1.4.2")
PLAN = [
    PlannedReading("R-1", (UvFinding(glow=True, peak_nm=612, intensity=734), DotText("ENX?O9494", "IIH!+IIIG"))),
    PlannedReading("R-2", (DnaRead("ACGTN" * 130, "I$*,%" * 130),)),
]


@pytest.fixture
def reader():
    return VirtualReader(IDENTITY, PLAN)


def test_what_it_says_is_what_the_driver_understands(reader, now):
    driver = MdrDriver()
    reader.connected(0.0)
    understood = driver.receive(b"".join(reader.output(0.0)), now)
    for second in range(1, 4):
        heard = driver.receive(b"".join(reader.output(float(second))), now)
        understood += heard
        for event in heard:
            reader.receive(driver.acknowledge(event), float(second))
    assert understood[0] == IDENTITY
    assert [(event.reading_id, event.observations) for event in understood[1:]] == [
        (reading.reading_id, reading.observations) for reading in PLAN
    ]
    assert (reader.finished, reader.acknowledged, reader.repeated) == (True, 2, 0)


def test_it_greets_on_request_and_then_begins_at_once(reader):
    reader.connected(0.0)
    assert len(reader.output(0.0)) == 1
    reader.receive(encode("MDRST", 0), 0.1)
    assert [sentence[:6] for sentence in reader.output(0.1)] == [b"$MDHEL", b"$MDUVF", b"$MDDOT", b"$MDEND"]


def test_an_unacknowledged_reading_is_said_again_after_two_seconds_with_new_numbers(reader):
    reader.connected(0.0)
    reader.output(0.0)
    first = reader.output(1.0)
    assert reader.output(2.9) == []
    again = reader.output(3.0)
    assert [sentence[:6] for sentence in again] == [sentence[:6] for sentence in first]
    assert first != again
    assert reader.repeated == 1


def test_an_acknowledgement_of_another_sentence_acknowledges_nothing(reader):
    reader.connected(0.0)
    reader.output(0.0)
    reader.output(1.0)
    reader.receive(encode("MDACK", 1) + b"$MDACK,3*00000000\r\n", 1.1)
    assert reader.acknowledged == 0
    reader.receive(encode("MDACK", 3), 1.1)
    assert reader.acknowledged == 1


def test_the_interval_passes_between_two_readings():
    reader = VirtualReader(IDENTITY, PLAN, interval=10.0)
    reader.connected(0.0)
    reader.output(0.0)
    reader.output(1.0)
    reader.receive(encode("MDACK", 3), 1.1)
    assert reader.output(10.9) == []
    assert len(reader.output(11.0)) == 5


def test_a_new_station_hears_the_unacknowledged_reading_again(reader, now):
    reader.connected(0.0)
    reader.output(0.0)
    reader.output(1.0)
    reader.connected(1.5)
    reader.receive(encode("MDRST", 0), 1.6)
    heard = MdrDriver().receive(b"".join(reader.output(1.6)), now)
    assert [event.reading_id for event in heard if isinstance(event, Reading)] == ["R-1"]


def test_what_the_protocol_cannot_carry_is_an_error_of_the_plan():
    reader = VirtualReader(IDENTITY, [PlannedReading("R-1", (Number("QR", "x"),))])
    reader.connected(0.0)
    with pytest.raises(ValueError, match="MDR carries no Number"):
        reader.output(1.0)
