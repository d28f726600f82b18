import pytest

from scanner.drivers import DRIVERS, driver_named
from scanner.errors import UnknownDriverError
from scanner.framing.sentences import encode
from scanner.reading import DotText, Number

MDR = encode("MDDOT", 1, "R-1", "ABC", "III") + encode("MDEND", 2, "R-1", "2")


def test_an_mdr_reader_is_known_by_its_checksum_however_its_bytes_are_split(now):
    for cut in range(len(MDR)):
        driver = driver_named("auto")
        heard = driver.receive(MDR[:cut], now) + driver.receive(MDR[cut:], now) + driver.silence(now)
        assert [event.observations for event in heard] == [(DotText("ABC", "III"),)]
        assert driver.chosen.name == "mdr"
        assert driver.acknowledge(heard[0]) == encode("MDACK", 2)


def test_a_scanner_is_known_when_nothing_stronger_has_spoken_and_the_line_is_silent(now):
    driver = driver_named("auto")
    assert driver.receive(b"]C0ABC\r\n", now) == []
    (reading,) = driver.silence(now)
    assert reading.observations == (Number("CODE128", "ABC"),)
    assert driver.chosen.name == "barcode"
    assert len(driver.receive(b"]C0DEF\r\n", now)) == 1


def test_after_a_pulled_cable_it_chooses_anew(now):
    driver = driver_named("auto")
    driver.receive(MDR, now)
    driver.disconnect()
    assert driver.chosen is None
    driver.receive(b"]C0ABC\r\n", now)
    driver.silence(now)
    assert driver.chosen.name == "barcode"


def test_an_unknown_driver_is_refused_with_the_names_of_all():
    with pytest.raises(UnknownDriverError, match=r"mdrr.*mdr, barcode"):
        driver_named("mdrr")


def test_the_table_makes_a_driver_of_the_name_it_lists():
    assert {name: entry.make().name for name, entry in DRIVERS.items()} == {name: name for name in DRIVERS}
