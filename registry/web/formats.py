"""How dates, times, numbers and money are written for the reader; the database keeps UTC, people live in Stockholm."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from flask import Flask

from registry.web.words import current_language

__all__ = ["LOCAL_ZONE", "install", "local_date", "local_time", "number", "sek"]

LOCAL_ZONE = ZoneInfo("Europe/Stockholm")


def local_time(moment: datetime | None) -> str:
    """A moment to the minute in local time, e.g. ``22 nov. 2026 15:04``; empty for None."""
    if moment is None:
        return ""
    pattern = "d MMM y HH:mm"
    return format_datetime(moment, pattern, tzinfo=LOCAL_ZONE, locale=current_language().value)


def local_date(day: date | datetime | None) -> str:
    """A day, e.g. ``22 november 2026``; empty for None."""
    if day is None:
        return ""
    if isinstance(day, datetime):
        day = day.astimezone(LOCAL_ZONE).date()
    return format_date(day, "d MMMM y", locale=current_language().value)


def number(value: float | None) -> str:
    """A number with the reader's separators; empty for None."""
    return "" if value is None else format_decimal(value, locale=current_language().value)


def sek(kronor: float | None) -> str:
    """An amount in Swedish kronor, e.g. ``4 500 kr``; empty for None."""
    return "" if kronor is None else f"{number(kronor)} kr"


def install(app: Flask) -> None:
    """Offer the formats to templates as filters."""
    app.add_template_filter(local_time)
    app.add_template_filter(local_date)
    app.add_template_filter(number)
    app.add_template_filter(sek)
