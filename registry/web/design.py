"""What the shared templates need beside Jinja itself: filters for dates, money, codes and the colour of a glow.

``install_design(app, language)`` is called once by the application; after that every macro of
``templates/shared/macros`` works.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_currency, format_decimal
from flask import Flask

from registry import clock
from registry.identification.answer import Alignment
from registry.language import Language, words
from registry.services.tracer_colours import BANDS, UvColour
from registry.web.pictures import Observed, Picture, pictures

__all__ = ["glow_colour", "glow_name", "grouped", "install_design"]


# A screen colour that stands for each. A picture for the eye, not colourimetry: dominant hues of the visible spectrum,
# lightened as a fluorescence looks under a UV lamp.
_SWATCHES: Final = {
    UvColour.VIOLET: "#8a5cff",
    UvColour.BLUE: "#3f7bff",
    UvColour.BLUE_GREEN: "#12c8c0",
    UvColour.GREEN: "#3fd44b",
    UvColour.YELLOW_GREEN: "#c3e02a",
    UvColour.YELLOW: "#ffd21f",
    UvColour.ORANGE: "#ff9a1f",
    UvColour.RED_PINK: "#ff5a7d",
    UvColour.RED: "#f23a3a",
}


def _glow(nanometres: int) -> UvColour:
    """The colour of a wavelength; what is invisible at either end is shown as the colour beside it."""
    return next((colour for colour, (_, last) in BANDS.items() if nanometres <= last), UvColour.RED)


def glow_colour(nanometres: int) -> str:
    """A screen colour (``#rrggbb``) for light of a wavelength, for a swatch beside the figure."""
    return _SWATCHES[_glow(nanometres)]


def glow_name(nanometres: int) -> str:
    """The English everyday name of a wavelength's colour; a message id of the shared catalogue."""
    return _glow(nanometres).value


def grouped(code: str, size: int = 4) -> Sequence[str]:
    """A code cut for the eye: at its own hyphens and spaces if it has any, else every ``size`` characters."""
    parts = code.replace("-", " ").split()
    if len(parts) > 1:
        return parts
    return [code[at : at + size] for at in range(0, len(code), size)]


def _local(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(clock.LOCAL_TIME)


def _locale(language: str) -> str:
    return "sv_SE" if language == "sv" else "en_GB"


def install_design(app: Flask, language: Callable[[], str]) -> None:
    """Give ``app`` the filters of the shared macros. ``language`` answers the request's language, ``sv`` or ``en``.

    Moments without time zone are UTC, as in the database; they are shown in Swedish local time.
    """

    def local_moment(moment: datetime) -> str:
        locale, here = _locale(language()), _local(moment)
        joint = " kl. " if locale == "sv_SE" else ", "
        pattern = "HH.mm" if locale == "sv_SE" else "HH:mm"
        return format_date(here.date(), "d MMMM y", locale=locale) + joint + format_time(here, pattern, locale=locale)

    def local_day(day: date) -> str:
        here = _local(day).date() if isinstance(day, datetime) else day
        return format_date(here, "d MMMM y", locale=_locale(language()))

    def local_clock(moment: datetime) -> str:
        pattern = "HH.mm.ss" if language() == "sv" else "HH:mm:ss"
        return format_datetime(_local(moment), pattern, locale=_locale(language()))

    def iso(moment: date) -> str:
        return (_local(moment) if isinstance(moment, datetime) else moment).isoformat()

    def money(kronor: Decimal | int) -> str:
        whole = kronor == int(kronor)
        pattern = "#,##0\u00a0¤" if whole else "#,##0.00\u00a0¤"
        return format_currency(kronor, "SEK", pattern, locale=_locale(language()), currency_digits=False)

    def pictured(alignments: Sequence[Alignment], observed: Sequence[Observed] = ()) -> list[Picture]:
        return pictures(alignments, observed, words(Language(language())))

    def number(value: Decimal | float) -> str:
        return format_decimal(value, locale=_locale(language()))

    app.jinja_env.filters.update(
        local_moment=local_moment,
        local_day=local_day,
        local_clock=local_clock,
        iso=iso,
        money=money,
        number=number,
        pictures=pictured,
        grouped=grouped,
        glow_colour=glow_colour,
        glow_name=glow_name,
    )
    app.jinja_env.globals["page_language"] = language
