"""The one place that asks what time it is."""

from datetime import UTC, datetime

__all__ = ["now"]


def now() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC)
