import pytest

from scanner.drivers.fastq import FastqDriver
from scanner.framing.tally import Refusal
from scanner.reading import DnaRead

RECORD = b"@read-1 ch=5\nACGTN\n+\n@III!\n"


def test_a_record_is_a_reading_with_the_name_as_its_id(now):
    (reading,) = FastqDriver().receive(RECORD, now)
    assert (reading.reading_id, reading.observations, reading.raw) == ("read-1", (DnaRead("ACGTN", "@III!"),), RECORD)


def test_line_ends_of_windows_are_read_as_well(now):
    (reading,) = FastqDriver().receive(RECORD.replace(b"\n", b"\r\n"), now)
    assert reading.observations == (DnaRead("ACGTN", "@III!"),)


def test_the_last_record_may_lack_its_line_end(now):
    driver = FastqDriver()
    assert driver.receive(RECORD[:-1], now) == []
    (reading,) = driver.silence(now)
    assert reading.reading_id == "read-1"


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (b"@read-0\nACGTN\n+\nIIII\n", Refusal.INCOMPLETE),
        (b"@read-0\nACGUN\n+\nIIIII\n", Refusal.CHARACTERS),
        (b"@read-0\nACGTN\n", Refusal.CUT_SHORT),
        (b"ACGTN\n+\nIIIII\n", Refusal.UNKNOWN),
        (b"@read-0\nACGTN\n+\nII\x00II\n", Refusal.INCOMPLETE),
        (b"@" + b"r" * 65 + b"\nACGTN\n+\nIIIII\n", Refusal.UNKNOWN),
        (b"\x00\xff\n", Refusal.UNKNOWN),
    ],
)
def test_a_broken_record_is_counted_and_the_next_one_read(broken, reason, now):
    driver = FastqDriver()
    (reading,) = driver.receive(broken + RECORD, now)
    assert reading.reading_id == "read-1"
    assert driver.tally.refusals == driver.tally.refused[reason] == 1


def test_blank_lines_between_records_are_no_fault(now):
    driver = FastqDriver()
    assert len(driver.receive(b"\n\n" + RECORD + b"\r\n" + RECORD, now)) == 2
    assert driver.tally.refusals == 0


def test_a_line_without_end_is_not_held(now):
    driver = FastqDriver()
    driver.receive(b"@read-0\n" + b"A" * 300_000, now)
    assert len(driver._rest) == 0
    assert [reading.reading_id for reading in driver.receive(b"A\n+\nI\n" + RECORD, now)] == ["read-1"]
