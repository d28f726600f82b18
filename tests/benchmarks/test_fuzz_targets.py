"""The corpus that fuzzing begins with, and what it found before, fed to every target: a regression in seconds."""

import random
import tempfile

import pytest

from benchmarks.fuzz_targets import CONTROL, TARGETS

SEEDS = {name: target.seeds() for name, target in TARGETS.items()}
ODD = [
    b"",
    b"\0",
    b"\xff" * 40,
    b"[" * 3000,
    b"\1" + b"[" * 3000,
    b"\2" + b"[" * 3000,
    b"1" * 4000,
    b"\2" + b"1" * 4000,
]


@pytest.fixture(autouse=True)
def in_memory(monkeypatch):
    """A folder in memory, as a run of the fuzzer has it, that goes with the test."""
    with tempfile.TemporaryDirectory(prefix="markdna-tests-", dir="/dev/shm") as folder:
        monkeypatch.setenv("RUNTIME_DIRECTORY", folder)
        yield


def fault_of(feed, given):
    """What a target raises for these bytes, which is what must not happen; None when it takes them."""
    try:
        feed(given)
    except Exception as fault:  # noqa: BLE001 - whatever it is, it is to be told with what made it
        return f"{given[:80]!r}: {fault!r}"
    return None


@pytest.mark.parametrize("name", [name for name in TARGETS if name != CONTROL])
def test_a_target_takes_its_seeds_and_what_is_made_of_them(name):
    dice = random.Random(name)
    feed = TARGETS[name].prepare()
    made = [*ODD, *SEEDS[name]]
    for _ in range(60):
        spoiled = bytearray(dice.choice(SEEDS[name]))
        for _ in range(dice.randint(1, 4)):
            place = dice.randrange(len(spoiled) + 1)
            spoiled[place : place + dice.randint(0, 2)] = dice.choice((dice.randbytes(1), b"", b"\n", b'"', b"0", b"["))
        made.append(bytes(spoiled))
    assert [fault for given in made if (fault := fault_of(feed, given))] == []


def test_the_control_holds_a_fault_that_no_seed_shows():
    feed = TARGETS[CONTROL].prepare()
    assert [fault for given in SEEDS[CONTROL] if (fault := fault_of(feed, given))] == []
    assert "IndexError" in fault_of(feed, b"\xaa\x0f\x08\x00")
