import random
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.framing.sentences import LONGEST, SentenceFramer, encode, quote
from scanner.framing.tally import Refusal, Tally

# The examples of the protocol's description, with the checksums printed there.
EXAMPLES = [
    (b"$MDHEL,0,1,Nordisk%20M%C3%A4tteknik,UVD-2,SN00417,1.4.2*39455A2C\r\n", "MDHEL", 0),
    (b"$MDUVF,1,R-000812,1,612,734*306B2C7E\r\n", "MDUVF", 1),
    (b"$MDDOT,2,R-000812,ENX?O9494,IIH!+IIIG*CB6F7C5D\r\n", "MDDOT", 2),
    (b"$MDDNA,3,R-000812,1,1,ACGTTGATNA,I%24%2A%2C%255?!#I*677C3A36\r\n", "MDDNA", 3),
    (b"$MDEND,4,R-000812,4*9883E0F3\r\n", "MDEND", 4),
    (b"$MDERR,5,lamp,no%20light*96F767CA\r\n", "MDERR", 5),
]
WHOLE = b"".join(example[0] for example in EXAMPLES)


def received(*pieces):
    framer = SentenceFramer(tally := Tally())
    return [sentence for piece in pieces for sentence in framer.receive(piece)], tally


def test_the_checksum_is_the_one_of_the_check_value():
    assert zlib.crc32(b"123456789") == 0xCBF43926


@pytest.mark.parametrize(("raw", "kind", "sequence"), EXAMPLES)
def test_every_example_of_the_protocol_is_read_and_written_byte_for_byte(raw, kind, sequence):
    (sentence,), tally = received(raw)
    assert (sentence.kind, sentence.sequence, sentence.raw) == (kind, sequence, raw)
    assert encode(kind, sequence, *sentence.fields) == raw
    assert (tally.frames, tally.refusals) == (1, 0)


def test_the_sentences_of_the_station_are_those_of_the_protocol():
    assert encode("MDACK", 4) == b"$MDACK,4*A401F8AD\r\n"
    assert encode("MDRST", 0) == b"$MDRST,0*C34F6234\r\n"


def test_fields_come_back_as_they_were_percent_decoded():
    (sentence,), _ = received(EXAMPLES[3][0])
    assert sentence.fields == ("R-000812", "1", "1", "ACGTTGATNA", "I$*,%5?!#I")


def test_the_four_signs_and_all_outside_printable_ascii_are_percent_encoded():
    assert quote("$*,% ä\x7f~!") == "%24%2A%2C%25%20%C3%A4%7F~!"


def test_every_split_into_two_gives_the_same_sentences_and_counts():
    broken = b"\x00\xff$MDX$" + WHOLE[:30] + WHOLE + b"$" + b"A" * 1100 + b"$MDEND,4,R" + WHOLE
    whole, counts = received(broken)
    assert len(whole) == 2 * len(EXAMPLES)
    for cut in range(1, len(broken)):
        assert received(broken[:cut], broken[cut:]) == (whole, counts)
    assert received(*(broken[at : at + 1] for at in range(len(broken)))) == (whole, counts)


@pytest.mark.parametrize(
    ("damaged", "reason"),
    [
        (b"$MDEND,4,R-000812,4*9883E0F4\r\n", Refusal.CHECKSUM),
        (b"$MDEND,5,R-000812,4*9883E0F3\r\n", Refusal.CHECKSUM),
        (b"$MDEND,4,R-000812,4*9883e0f3\r\n", Refusal.LINE_END),
        (b"$MDEND,4,R-000812,4*9883E0F3\n", Refusal.LINE_END),
        (b"$MDEND,4,R-000812,4*9883E0F3 \r\n", Refusal.LINE_END),
        (b"$MDEND,4,R-0008\r\n", Refusal.LINE_END),
        (b"$MDEND,4,R-0$MDEND,4,R-000812,4*9883E0F4\r\n", Refusal.CUT_SHORT),
    ],
)
def test_a_damaged_sentence_is_refused_and_the_next_one_read(damaged, reason):
    sentences, tally = received(damaged + EXAMPLES[4][0])
    assert [sentence.kind for sentence in sentences] == ["MDEND"]
    assert tally.refused[reason] == 1


def sealed(payload):
    return b"$%s*%08X\r\n" % (payload, zlib.crc32(payload))


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"MDEND,4,R 1,4", Refusal.CHARACTERS),
        (b"MDEND,4,R%2,4", Refusal.CHARACTERS),
        (b"MDEND,4,R%C3,4", Refusal.CHARACTERS),
        (b"MDEND,4,R\xc3\xa4,4", Refusal.CHARACTERS),
        (b"mdend,4,R,4", Refusal.CHARACTERS),
        (b"MDEND", Refusal.CHARACTERS),
        (b"MDEND,-1", Refusal.CHARACTERS),
        (b"MDEND,65536", Refusal.FIELDS),
        (b"", Refusal.CHARACTERS),
    ],
)
def test_a_sound_checksum_does_not_excuse_a_bad_payload(payload, reason):
    sentences, tally = received(sealed(payload))
    assert not sentences
    assert tally.refused == {reason: 1}


def test_a_sentence_of_1024_bytes_is_read_and_one_of_1025_is_not():
    room = LONGEST - len(encode("MDERR", 1, "x", ""))
    longest = encode("MDERR", 1, "x", "a" * room)
    assert len(longest) == LONGEST
    assert len(received(longest)[0]) == 1
    with pytest.raises(ValueError, match="1025 bytes"):
        encode("MDERR", 1, "x", "a" * (room + 1))
    too_long = sealed(b"MDERR,1,x," + b"a" * (room + 1))
    sentences, tally = received(too_long)
    assert not sentences
    assert tally.refused == {Refusal.TOO_LONG: 1}


def test_ten_megabytes_without_an_end_are_not_held():
    framer = SentenceFramer(Tally())
    for _ in range(160):
        framer.receive(b"$" + b"A" * 65_535)
        assert len(framer._rest) < LONGEST
    assert len(framer.receive(EXAMPLES[0][0])) == 1


def test_a_broken_line_forgets_the_half_sentence_and_counts_it():
    framer = SentenceFramer(tally := Tally())
    framer.receive(EXAMPLES[4][0][:12])
    framer.reset()
    assert framer.receive(EXAMPLES[4][0][12:]) == []
    assert tally.refused == {Refusal.CUT_SHORT: 1}


def test_after_any_garbage_that_ends_the_next_sentence_is_read():
    dice = random.Random(5)
    for _ in range(2000):
        framer = SentenceFramer(Tally())
        framer.receive(dice.randbytes(dice.randint(0, 4096)))
        assert framer.receive(EXAMPLES[4][0])[-1].raw == EXAMPLES[4][0]


def test_every_single_and_double_bit_flip_of_a_sentence_is_refused():
    raw = EXAMPLES[1][0]
    bits = range(len(raw) * 8)
    accepted = 0
    for first in bits:
        for second in bits[first:]:
            damaged = bytearray(raw)
            damaged[first // 8] ^= 1 << first % 8
            if second != first:
                damaged[second // 8] ^= 1 << second % 8
            accepted += len(SentenceFramer(Tally()).receive(bytes(damaged)))
    assert accepted == 0


@given(st.lists(st.binary(max_size=200), max_size=20))
@settings(max_examples=200, deadline=None)
def test_nothing_that_a_line_brings_raises_and_little_of_it_is_held(pieces):
    framer = SentenceFramer(tally := Tally())
    for piece in pieces:
        framer.receive(piece)
        assert len(framer._rest) < LONGEST
    assert tally.received == sum(map(len, pieces))


@given(
    st.from_regex(r"[A-Z0-9]{2,12}", fullmatch=True),
    st.integers(0, 65_535),
    st.lists(st.text(st.characters(codec="utf-8"), max_size=12), max_size=5),
)
@settings(max_examples=200, deadline=None)
def test_whatever_can_be_written_is_read_again(kind, sequence, fields):
    (sentence,), _ = received(encode(kind, sequence, *fields))
    assert (sentence.kind, sentence.sequence, list(sentence.fields)) == (kind, sequence, fields)
