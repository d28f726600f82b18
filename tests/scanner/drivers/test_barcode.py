import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.drivers.barcode import BarcodeDriver
from scanner.framing.tally import Refusal
from scanner.reading import Instant, Number


def numbers(driver, data, now):
    return [reading.observations[0] for reading in driver.receive(data, now) + driver.silence(now)]


@pytest.mark.parametrize(
    ("line", "symbology", "text"),
    [
        (b"]Q1HTTPS://MARK.EXAMPLE/0123456789ABC", "QR", "HTTPS://MARK.EXAMPLE/0123456789ABC"),
        (b"]C0ABC-123", "CODE128", "ABC-123"),
        (b"]E07312345678901", "EAN", "7312345678901"),
        (b"]d2\x1d0107312345678901", "DATAMATRIX", "\x1d0107312345678901"),
        (b"]y9something", "UNKNOWN", "something"),
        (b"7312345678901", "UNKNOWN", "7312345678901"),
        (b"]Q1", "UNKNOWN", "]Q1"),
        ("Häst på ö".encode(), "UNKNOWN", "Häst på ö"),
        ("Häst på ö".encode("cp1252"), "UNKNOWN", "Häst på ö"),
    ],
)
def test_a_line_becomes_a_number_of_the_symbology_that_its_prefix_names(line, symbology, text, now):
    driver = BarcodeDriver()
    assert numbers(driver, line + b"\r\n", now) == [Number(symbology, text)]
    assert driver.tally.frames == 1


def test_silence_of_50_milliseconds_ends_a_line(now):
    driver = BarcodeDriver()
    assert driver.idle_gap == pytest.approx(0.05)
    assert driver.receive(b"]C0ABC", now) == []
    (reading,) = driver.silence(now)
    assert (reading.raw, reading.observations) == (b"]C0ABC", (Number("CODE128", "ABC"),))


@pytest.mark.parametrize("noise", [b"\x00" * 100, b"\xff" * 100, b"A\x00B", b"\x1b[2J", b"   ", b"A\x81B"])
def test_noise_is_refused_and_counted(noise, now):
    driver = BarcodeDriver()
    assert numbers(driver, noise + b"\r", now) == []
    assert driver.tally.refused == {Refusal.CHARACTERS: 1}


def test_a_scanner_held_still_gives_one_reading_and_a_second_look_another(now, later):
    driver = BarcodeDriver()
    found = [reading for at in range(20) for reading in driver.receive(b"ABC\r", later(at * 0.05))]
    assert len(found) == 1
    assert driver.tally.repeated == 19
    assert len(driver.receive(b"DEF\r", later(1.0))) == 1
    assert len(driver.receive(b"ABC\r", later(1.05))) == 1
    assert len(driver.receive(b"ABC\r", later(3.0))) == 1
    assert driver.tally.repeated == 19


def test_it_says_nothing_to_the_scanner(now):
    driver = BarcodeDriver()
    (reading,) = driver.receive(b"ABC\r", now)
    assert (driver.prompt(now), driver.acknowledge(reading)) == (b"", b"")


@given(st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_whatever_comes_becomes_printable_text_or_is_refused(data):
    driver = BarcodeDriver()
    for reading in driver.receive(data, Instant.now()) + driver.silence(Instant.now()):
        text = reading.observations[0].text
        assert text.translate({0x1C: None, 0x1D: None, 0x1E: None, 0x04: None}).isprintable()
