"""The one place that asks what time it is."""

from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

__all__ = ["now", "today"]

_LOCAL: Final = ZoneInfo("Europe/Stockholm")


def now() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The present day where the register's people live, in Sweden."""
    return now().astimezone(_LOCAL).date()
