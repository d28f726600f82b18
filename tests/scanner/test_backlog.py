"""What waits for delivery: the oldest first, lane by lane, at the same cost however much waits."""

import pytest

from scanner.backlog import Backlog, Kept
from scanner.record_file import Place


@pytest.fixture
def backlog():
    """Six messages of two cases, the first and third pair of the first case."""
    waiting = Backlog()
    for rank, lane in enumerate("aabbaa"):
        waiting.add(f"m{rank}", Kept(rank, Place(rank, 1), lane))
    return waiting


def drained(backlog, skipped=()):
    keys = []
    while found := backlog.oldest(skipped):
        keys.append(found[0])
        backlog.take(found[0])
    return keys


def test_the_oldest_of_all_lanes_comes_first(backlog):
    assert drained(backlog) == ["m0", "m1", "m2", "m3", "m4", "m5"]
    assert (len(backlog), backlog.oldest(), list(backlog.items())) == (0, None, [])


def test_a_lane_that_is_held_up_holds_up_no_other(backlog):
    assert drained(backlog, {"a"}) == ["m2", "m3"]
    assert backlog.oldest({"a"}) is None
    assert drained(backlog) == ["m0", "m1", "m4", "m5"]


def test_what_was_taken_from_the_middle_is_passed_over_and_taken_once(backlog):
    taken = backlog.take("m1")
    assert (taken.rank, taken.lane) == (1, "a")
    assert backlog.take("m1") is None
    assert len(backlog) == 5
    assert drained(backlog) == ["m0", "m2", "m3", "m4", "m5"]


def test_a_message_that_is_told_twice_waits_once(backlog):
    backlog.add("m0", Kept(0, Place(9, 1), "a"))
    assert len(backlog) == 6
    assert backlog.oldest()[1].place == Place(9, 1)
    assert drained(backlog) == ["m0", "m1", "m2", "m3", "m4", "m5"]


def test_places_change_when_the_file_is_written_anew_and_the_order_stays(backlog):
    backlog.move({key: Place(100 - kept.rank, 2) for key, kept in backlog.items()})
    assert backlog.oldest()[1].place == Place(100, 2)
    assert drained(backlog) == ["m0", "m1", "m2", "m3", "m4", "m5"]


class Counting(set):
    """Lanes that count how often they were asked for."""

    asked = 0

    def __contains__(self, lane):
        self.asked += 1
        return super().__contains__(lane)


def test_many_that_wait_cost_no_more_looks_than_few(backlog):
    few, many = Counting("a"), Counting("a")
    assert backlog.oldest(few)[0] == "m2"
    for rank in range(6, 10_000):
        backlog.add(f"m{rank}", Kept(rank, Place(rank, 1), "a"))
    assert backlog.oldest(many)[0] == "m2"
    assert (few.asked, many.asked) == (2, 2)
