import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.drivers.mdr import MdrDriver
from scanner.framing.sentences import encode
from scanner.framing.tally import Refusal
from scanner.reading import DnaRead, DotText, Instant, ReaderFault, ReaderIdentity, Reading, UvFinding

HELLO = encode("MDHEL", 0, "1", "Nordisk Mätteknik", "UVD-2", "SN00417", "1.4.2")
IDENTITY = ReaderIdentity("Nordisk Mätteknik", "UVD-2", "SN00417", "1.4.2")
UV = ("MDUVF", "R-1", "1", "612", "734")
DOT = ("MDDOT", "R-1", "ENX?O9494", "IIH!+IIIG")


def spoken(*sentences, start=1):
    """The sentences numbered from ``start``."""
    return b"".join(encode(kind, start + number, *fields) for number, (kind, *fields) in enumerate(sentences))


def events(driver, data, now):
    return driver.receive(data, now)


def test_a_whole_reading_comes_with_its_raw_bytes_its_reader_and_its_receipt(now):
    body = spoken(UV, DOT, ("MDDNA", "R-1", "1", "1", "ACGTN", "I$*,%"), ("MDEND", "R-1", "4"))
    assert MdrDriver().receive(HELLO + body, now) == [
        IDENTITY,
        Reading(
            "R-1",
            (
                UvFinding(glow=True, peak_nm=612, intensity=734),
                DotText("ENX?O9494", "IIH!+IIIG"),
                DnaRead("ACGTN", "I$*,%"),
            ),
            body,
            now.wall,
            IDENTITY,
            4,
        ),
    ]


def test_a_read_split_over_sentences_is_put_together(now):
    body = spoken(
        ("MDDNA", "R-1", "1", "3", "ACG", "III"),
        ("MDDNA", "R-1", "2", "3", "TTT", "HHH"),
        ("MDDNA", "R-1", "3", "3", "N", "!"),
        ("MDDNA", "R-1", "1", "1", "GG", "JJ"),
        ("MDEND", "R-1", "5"),
    )
    (reading,) = MdrDriver().receive(body, now)
    assert reading.observations == (DnaRead("ACGTTTN", "IIIHHH!"), DnaRead("GG", "JJ"))


def test_a_reading_with_a_lost_sentence_is_not_handed_on_and_its_repetition_is(now):
    driver = MdrDriver()
    first = [encode("MDUVF", 1, *UV[1:]), encode("MDDOT", 2, *DOT[1:]), encode("MDEND", 3, "R-1", "3")]
    assert driver.receive(first[0] + first[2], now) == []
    assert driver.tally.lost == 1
    again = spoken(UV, DOT, ("MDEND", "R-1", "3"), start=4)
    (reading,) = driver.receive(again, now)
    assert len(reading.observations) == 2


def test_parts_of_two_sendings_are_never_mixed_into_one_reading(now):
    driver = MdrDriver()
    cut = spoken(UV, DOT)
    again = spoken(UV, DOT, ("MDEND", "R-1", "3"), start=3)
    assert driver.receive(cut + again, now) == []
    assert driver.tally.refused == {Refusal.INCOMPLETE: 1}
    assert len(driver.receive(spoken(UV, DOT, ("MDEND", "R-1", "3"), start=6), now)) == 1


def test_the_same_number_twice_in_a_row_is_dropped(now):
    driver = MdrDriver()
    doubled = b"".join(one * 2 for one in re.findall(rb"\$[^\n]*\n", spoken(UV, DOT, ("MDEND", "R-1", "3"))))
    assert len(driver.receive(doubled, now)) == 1
    assert driver.tally.repeated == 3


def test_numbers_wrap_at_65535_without_a_gap(now):
    driver = MdrDriver()
    assert len(driver.receive(spoken(UV, DOT, ("MDEND", "R-1", "3"), start=65_534), now)) == 1
    assert driver.tally.lost == 0


def test_a_gap_is_counted_and_a_reader_that_began_anew_is_none(now):
    driver = MdrDriver()
    driver.receive(encode("MDERR", 10, "a", "b") + encode("MDERR", 14, "a", "b"), now)
    assert driver.tally.lost == 3
    driver.receive(encode("MDERR", 2, "a", "b"), now)
    assert driver.tally.lost == 3


@pytest.mark.parametrize(
    "bad",
    [
        ("MDUVF", "R-1", "2", "612", "734"),
        ("MDUVF", "R-1", "1", "612", "1001"),
        ("MDUVF", "R-1", "1", "-1", "0"),
        ("MDUVF", "R-1", "1", "612"),
        ("MDUVF", "", "1", "612", "734"),
        ("MDUVF", "R 1", "1", "612", "734"),
        ("MDUVF", "R" * 65, "1", "612", "734"),
        ("MDUVF", "R-1", "1", "٦١٢", "734"),
        ("MDDOT", "R-1", "ENX", "II"),
        ("MDDOT", "R-1", "", ""),
        ("MDDOT", "R-1", "E\x07X", "III"),
        ("MDDOT", "R-1", "EÄX", "III"),
        ("MDDOT", "R-1", "E" * 65, "I" * 65),
        ("MDDOT", "R-1", "EN", "I\x1f"),
        ("MDDNA", "R-1", "1", "1", "ACGU", "IIII"),
        ("MDDNA", "R-1", "1", "1", "acgt", "IIII"),
        ("MDDNA", "R-1", "2", "2", "ACGT", "IIII"),
        ("MDDNA", "R-1", "0", "1", "ACGT", "IIII"),
        ("MDDNA", "R-1", "1", "1", "ACGT", "III"),
    ],
)
def test_a_sentence_with_bad_fields_spoils_its_reading_and_no_other(bad, now):
    driver = MdrDriver()
    other = spoken(("MDUVF", "R-2", "1", "612", "734"), ("MDEND", "R-2", "2"), start=4)
    heard = driver.receive(spoken(UV, bad, ("MDEND", "R-1", "3")) + other, now)
    assert [reading.reading_id for reading in heard] == ["R-2"]
    assert driver.tally.refused[Refusal.FIELDS] == 1


def test_an_unfinished_read_an_empty_reading_and_a_wrong_count_are_refused(now):
    driver = MdrDriver()
    half = spoken(("MDDNA", "R-1", "1", "2", "ACGT", "IIII"), ("MDEND", "R-1", "2"))
    empty = spoken(("MDEND", "R-2", "1"), start=3)
    wrong = spoken(("MDUVF", "R-3", "1", "612", "734"), ("MDEND", "R-3", "3"), start=4)
    assert driver.receive(half + empty + wrong, now) == []
    assert driver.tally.refused == {Refusal.INCOMPLETE: 3}


def test_a_kind_of_a_later_protocol_is_counted_and_does_not_disturb(now):
    driver = MdrDriver()
    heard = driver.receive(spoken(("MDNEW", "x"), UV, ("MDEND", "R-1", "2")), now)
    assert len(heard) == 1
    assert driver.tally.refused == {Refusal.UNKNOWN: 1}


def test_a_fault_of_the_reader_is_handed_on_with_its_words(now):
    assert MdrDriver().receive(spoken(("MDERR", "lamp", "inget ljus")), now) == [ReaderFault("lamp", "inget ljus")]


def test_it_asks_for_a_greeting_until_one_has_come(now, later):
    driver = MdrDriver()
    assert driver.prompt(now) == b"$MDRST,0*C34F6234\r\n"
    assert driver.prompt(later(4.9)) == b""
    assert driver.prompt(later(5.1)) == b"$MDRST,0*C34F6234\r\n"
    driver.receive(HELLO, now)
    assert driver.prompt(later(60)) == b""
    driver.disconnect()
    assert driver.prompt(later(61)) == b"$MDRST,0*C34F6234\r\n"


@pytest.mark.parametrize("maker", ["M" * 101, "Mätt\x1b[2Jeknik"])
def test_a_greeting_that_neither_register_nor_screen_can_keep_is_refused(maker, now):
    driver = MdrDriver()
    assert driver.receive(encode("MDHEL", 0, "1", maker, "UVD-2", "SN00417", "1.4.2"), now) == []
    assert driver.tally.refused == {Refusal.FIELDS: 1}


def test_another_reader_on_the_same_port_is_not_taken_for_the_one_before(now):
    driver = MdrDriver()
    driver.receive(HELLO, now)
    driver.disconnect()
    (reading,) = driver.receive(spoken(UV, ("MDEND", "R-1", "2")), now)
    assert reading.reader is None


def test_the_acknowledgement_carries_the_number_of_the_end(now):
    driver = MdrDriver()
    (reading,) = driver.receive(spoken(UV, DOT, UV, ("MDEND", "R-1", "4")), now)
    assert driver.acknowledge(reading) == b"$MDACK,4*A401F8AD\r\n"


def test_readings_that_never_end_are_given_up_oldest_first(now):
    driver = MdrDriver()
    driver.receive(spoken(*(("MDUVF", f"R-{number}", "1", "612", "734") for number in range(5000))), now)
    assert len(driver._unfinished) == 8
    endless = spoken(*([UV] * 5000), start=5001)
    driver.receive(endless, now)
    assert len(driver._unfinished["R-1"].sentences) == 1024


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["MDHEL", "MDUVF", "MDDOT", "MDDNA", "MDEND", "MDERR", "MDXYZ"]),
            st.integers(0, 12),
            st.lists(
                st.one_of(st.sampled_from(["R-1", "1", "2", "ACGT", "IIII", ""]), st.text(max_size=5)), max_size=6
            ),
        ),
        max_size=30,
    )
)
@settings(max_examples=300, deadline=None)
def test_no_order_and_no_content_of_sound_sentences_raises(sentences):
    driver = MdrDriver()
    for kind, sequence, fields in sentences:
        for event in driver.receive(encode(kind, sequence, *fields), Instant.now()):
            assert isinstance(event, Reading | ReaderIdentity | ReaderFault)
