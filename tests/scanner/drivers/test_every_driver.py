"""One suite of behaviour, held against every driver with its own traffic."""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.drivers import DRIVERS, driver_named
from scanner.reading import Instant, Reading
from scanner.simulator.damage import Damage
from scanner.simulator.traffic import frames

NAMES = [name for name in DRIVERS if name != "auto"]
CHECKED = ["mdr", "em4100", "multi-card", "wl-134a", "fdx-module"]
UNNUMBERED = [name for name in NAMES if name not in {"mdr", "fastq"}]
every_driver = pytest.mark.parametrize("name", NAMES)


def seen(driver, pieces, now):
    """What a driver reads from the pieces and the silence after them."""
    events = [event for piece in pieces for event in driver.receive(piece, now)] + driver.silence(now)
    return [event.observations for event in events if isinstance(event, Reading)]


def counts(driver):
    tally = driver.tally
    return tally.frames, tally.received, tally.framed, tally.lost, tally.repeated, dict(tally.refused)


@every_driver
def test_all_good_traffic_is_read_in_order(name, now):
    made = frames(name, 200)
    assert seen(driver_named(name), [raw for raw, _ in made], now) == [said for _, said in made]


@every_driver
def test_all_frames_in_one_read_and_byte_by_byte_are_the_same(name, now):
    made = frames(name, 20, seed=2)
    line = b"".join(raw for raw, _ in made)
    expected = [said for _, said in made]
    assert seen(driver_named(name), [line], now) == expected
    assert seen(driver_named(name), [line[at : at + 1] for at in range(len(line))], now) == expected


@every_driver
def test_every_split_of_good_and_broken_traffic_gives_the_same_readings_and_counts(name, now):
    dice = random.Random(7)
    (first, _), (second, _), (third, _) = frames(name, 3, seed=3)
    spoiled = bytearray(second)
    spoiled[len(spoiled) // 2] ^= 0x55
    line = dice.randbytes(9) + first + bytes(spoiled) + b"\x00\xff" + third + first[: len(first) // 2] + third
    whole = driver_named(name)
    expected = seen(whole, [line], now)
    for cut in range(1, len(line)):
        parts = driver_named(name)
        assert seen(parts, [line[:cut], line[cut:]], now) == expected
        assert counts(parts) == counts(whole)


@every_driver
def test_noise_then_silence_does_not_cost_the_next_reading(name, now):
    dice = random.Random(11)
    for number, (raw, said) in enumerate(frames(name, 100, seed=4)):
        driver = driver_named(name)
        driver.receive(dice.randbytes(dice.randint(0, 200 if number % 5 else 4096)) + b"\n", now)
        driver.silence(now)
        assert seen(driver, [raw], now)[-1:] == [said], number


@every_driver
def test_half_a_frame_and_a_pulled_cable_give_no_reading_and_the_next_port_starts_afresh(name, now):
    (first, _), (second, said) = frames(name, 2, seed=5)
    for cut in range(1, len(first) - 2):
        driver = driver_named(name)
        half = [event for event in driver.receive(first[:cut], now) if isinstance(event, Reading)]
        assert half == []
        driver.disconnect()
        assert driver.silence(now) == []
        assert seen(driver, [second], now) == [said]


@pytest.mark.parametrize("name", CHECKED)
def test_a_wrong_checksum_is_refused_and_counted(name, now):
    for raw, said in frames(name, 60, seed=6):
        for bit in range(len(raw) * 8):
            spoiled = bytearray(raw)
            spoiled[bit // 8] ^= 1 << bit % 8
            driver = driver_named(name)
            # A digit in lower case is the same digit.
            assert seen(driver, [bytes(spoiled)], now) in ([], [said])
        if name == "mdr":
            break


def held(thing, depth=4):
    """Bytes that an object holds in byte strings, directly or within."""
    if isinstance(thing, bytes | bytearray):
        return len(thing)
    if depth == 0:
        return 0
    if isinstance(thing, list | tuple | dict):
        inner = thing.values() if isinstance(thing, dict) else thing
    else:
        inner = getattr(thing, "__dict__", {}).values()
    return sum(held(part, depth - 1) for part in inner)


@pytest.mark.parametrize("flood", [b"\x00", b"\xff", b"$", b"\x02", b"\xaa", b"@A", b"LA ", b"\n"])
@every_driver
def test_a_flood_without_an_end_gives_no_reading_and_little_of_it_is_held(name, flood, now):
    driver = driver_named(name)
    piece = flood * (8192 // len(flood))
    longest = 262_144 if name == "fastq" else 8192
    for _ in range(40 if name in {"mdr", "barcode", "fastq"} else 3):
        assert driver.receive(piece, now) == []
        assert held(driver) <= longest + 512


@pytest.mark.parametrize("name", UNNUMBERED)
def test_the_same_tag_twenty_times_a_second_is_one_reading(name, later):
    ((raw, said),) = frames(name, 1, seed=8)
    driver = driver_named(name)
    readings = []
    for turn in range(100):
        readings += driver.receive(raw, later(turn * 0.05)) + driver.silence(later(turn * 0.05 + 0.04))
    assert [reading.observations for reading in readings] == [said]
    assert driver.tally.repeated == 99
    assert len(driver.receive(raw, later(60)) + driver.silence(later(60))) == 1


@every_driver
def test_the_raw_bytes_are_kept_exactly(name, now):
    for raw, _ in frames(name, 20, seed=9):
        driver = driver_named(name)
        (reading,) = driver.receive(raw, now) + driver.silence(now)
        assert reading.raw.strip() == raw.strip()


@every_driver
def test_nothing_a_line_brings_raises(name):
    alphabet = b"".join(raw for raw, _ in frames(name, 3))

    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.one_of(st.binary(max_size=60), st.lists(st.sampled_from(alphabet), max_size=60).map(bytes))))
    def fed(pieces):
        driver = driver_named(name)
        for piece in pieces:
            for event in driver.receive(piece, Instant.now()) + driver.silence(Instant.now()):
                assert event is not None
        driver.disconnect()

    fed()


@every_driver
def test_auto_finds_the_driver_where_frames_can_be_told_apart(name, now):
    driver = driver_named("auto")
    made = frames(name, 5, seed=10)
    found = [said for raw, _ in made for said in seen(driver, [raw], now)]
    if name in {"em4100", "parallax-28140"}:
        # Without a start of its own or a checksum such a frame is taken for a printed code: name the driver.
        assert driver.chosen.name == "barcode"
    else:
        assert driver.chosen.name == name
        assert found == [said for _, said in made]


@every_driver
def test_a_simulated_reader_makes_good_and_broken_traffic_and_the_good_of_it_is_read(name, now):
    made = frames(name, 120, seed=12)
    spoil = Damage(0.5, seed=13)
    driver, right = driver_named(name), {repr(said) for _, said in made}
    arrived = [spoil(raw) for raw, _ in made]
    heard = [one for line in arrived for one in seen(driver, [line], now)]
    whole = sum(line == raw for line, (raw, _) in zip(arrived, made, strict=True))
    assert whole > 40
    # A reading takes a frame before it that was cut off with it, and one sent twice is one.
    assert len(heard) > 0.7 * whole
    if name in CHECKED:
        # An exclusive-or of one byte lets one damaged frame in some hundred through; 32 bits let none.
        wrong = [said for said in heard if repr(said) not in right]
        assert len(wrong) <= (0 if name == "mdr" else 3)


@every_driver
def test_every_driver_has_a_page_and_stands_in_the_table(name):
    folder = Path(__file__).parents[3] / "docs" / "readers"
    assert (folder / f"{name}.md").read_text(encoding="utf-8").startswith("# ")
    assert f"| `{name}` |" in (folder / "README.md").read_text(encoding="utf-8")
