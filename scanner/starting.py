"""What a station needs before it can begin: whom it seals to, and a screen."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from scanner import enrolment as enrolments
from scanner.enrolment import Enrolment
from scanner.errors import NotEnrolledError, TerminalMissingError
from scanner.framing.tally import Tally
from scanner.journal import Journal
from scanner.kept_list import KeptList
from scanner.language import words
from scanner.offline import OfflineAnswers
from scanner.registry_client import Known, RegistryClient, Withheld
from scanner.view import View
from scanner.wording import Words

if TYPE_CHECKING:
    from scanner.fullscreen import FullScreen
    from scanner.web.view import WebView

__all__ = ["first_enrolment", "full_screen", "web_view", "with_list_key", "with_views_before"]


def full_screen(words_of: Words, journal: Journal, tally: Callable[[], Tally], case_number: str) -> "FullScreen":
    """The view over the whole terminal. Raises TerminalMissingError."""
    try:
        from scanner.fullscreen import FullScreen  # noqa: PLC0415 - an extra that not every station has
    except ModuleNotFoundError as missing:
        raise TerminalMissingError(module=missing.name) from missing
    return FullScreen(words_of, journal.counts, tally, case_number)


def web_view(view: View, words_of: Words, journal: Journal, tally: Callable[[], Tally], case_number: str) -> "WebView":
    """The page before ``view``."""
    from scanner.web.view import WebView  # noqa: PLC0415 - a station without the page starts without a web framework

    return WebView(view, words_of, journal.counts, tally, case_number)


def with_views_before(
    held: ExitStack, view: View, page: "WebView | None", kept: KeptList | None, client: RegistryClient
) -> View:
    """What the station tells: the answers of a kept list first, then the page, then ``view``; as far as wanted."""
    told = view
    if page is not None:
        told = held.enter_context(page)
    if kept is not None:
        told = held.enter_context(OfflineAnswers(told, kept, client))
    return told


def first_enrolment(client: RegistryClient, folder: Path) -> Enrolment:
    """The registry's key, asked for once and kept: a station with a token of its own needs no more to seal."""
    found = client.check()
    if not isinstance(found, Known):
        raise NotEnrolledError(problem=words()(found.reason if isinstance(found, Withheld) else found.problem))
    enrolment = Enrolment(client.address, found.name, found.organisation, found.message_key, list_key=found.list_key)
    enrolments.save(folder, enrolment)
    return enrolment


def with_list_key(client: RegistryClient, folder: Path, enrolment: Enrolment) -> Enrolment:
    """A station that was enrolled before there were lists learns the key of its registry's lists, once."""
    found = client.check()
    if not isinstance(found, Known) or found.message_key != enrolment.message_key or not found.list_key:
        return enrolment
    enrolment = replace(enrolment, list_key=found.list_key)
    enrolments.save(folder, enrolment)
    return enrolment
