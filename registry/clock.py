"""The one place that asks what time it is."""

from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

__all__ = ["LOCAL_TIME", "now", "today"]

LOCAL_TIME: Final = ZoneInfo("Europe/Stockholm")
"""Where the register's people live."""


def now() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The present day where the register's people live."""
    return now().astimezone(LOCAL_TIME).date()
