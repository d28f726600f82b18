"""Slowing down: after how many tries, for how long, and that the table tells nobody what was tried."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select, text

from registry.errors import TooManyAttempts
from registry.models.accounts import Throttle
from registry.services import throttle
from registry.services.throttle import Limit

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEY = "karin@exempel.example"


@pytest.fixture
def clock_at_noon():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def try_once(database, limit: Limit = Limit.KIT_PIN, key: str = KEY) -> int:
    """Seconds to wait, or 0 when the try was let through and counted."""
    with database.transaction() as session:
        try:
            throttle.check(session, limit, key)
        except TooManyAttempts as slowed:
            return int(slowed.values["seconds"])
        throttle.count(session, limit, key)
        return 0


@pytest.mark.parametrize("limit", list(Limit))
def test_every_limit_lets_its_free_tries_through_and_no_more(session, clock_at_noon, limit):
    throttle.count(session, limit, KEY)
    session.scalars(select(Throttle)).one().count = limit.value.free - 1
    session.flush()
    throttle.check(session, limit, KEY)
    throttle.count(session, limit, KEY)
    with pytest.raises(TooManyAttempts):
        throttle.check(session, limit, KEY)


def test_each_further_wrong_try_doubles_the_wait_up_to_the_longest(database, clock_at_noon):
    for _ in range(5):
        assert try_once(database) == 0
    waits, moment = [], NOON
    for _ in range(12):
        wait = try_once(database)
        waits.append(wait)
        moment += timedelta(seconds=wait)
        clock_at_noon.move_to(moment)
        assert try_once(database) == 0
    allowance = Limit.KIT_PIN.value
    expected = [min(10 * 2**step, int(allowance.longest.total_seconds())) for step in range(12)]
    assert [wait - 1 for wait in waits] == expected


def test_a_quiet_window_forgives(database, clock_at_noon):
    for _ in range(5):
        try_once(database)
    assert try_once(database) > 0
    clock_at_noon.move_to(NOON + Limit.KIT_PIN.value.window + timedelta(seconds=1))
    assert [try_once(database) for _ in range(5)] == [0] * 5


def test_another_key_and_another_limit_are_not_slowed(database, clock_at_noon):
    for _ in range(6):
        try_once(database)
    assert try_once(database, key="annan@exempel.example") == 0
    assert try_once(database, Limit.MAIL) == 0


def test_spelling_the_address_otherwise_does_not_help(database, clock_at_noon):
    for spelling in (
        "karin@exempel.example",
        "KARIN@exempel.example",
        " karin@exempel.example ",
        "Karin@Exempel.Example",
    ):
        try_once(database, key=spelling)
    try_once(database)
    assert try_once(database) > 0


def test_a_right_try_clears_the_count(database, clock_at_noon):
    for _ in range(5):
        try_once(database)
    with database.transaction() as session:
        throttle.clear(session, Limit.KIT_PIN, KEY)
    assert try_once(database) == 0


def test_the_table_does_not_tell_what_was_tried(database):
    try_once(database)
    with database.transaction(reads_only=True) as session:
        row = dict(session.execute(text("SELECT * FROM throttle")).mappings().one())
    assert KEY not in str(row)
    assert KEY.encode() not in bytes(row["key"])


def test_tries_at_the_same_moment_are_all_counted(either_database):
    tries = [threading.Thread(target=try_once, args=(either_database,)) for _ in range(4)]
    for one in tries:
        one.start()
    for one in tries:
        one.join()
    with either_database.transaction(reads_only=True) as session:
        assert session.scalars(select(Throttle.count)).one() == 4
