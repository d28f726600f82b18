"""How readings and answers are said on any screen of the station, and what of them is safe to show."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime

from scanner.reading import DnaRead, DotText, Number, Observation, UvFinding
from scanner.registry_client import Answer, Refused
from scanner.stolen_list import ListAnswer, ListStanding, ListState

__all__ = [
    "ATTACHED",
    "VERDICTS",
    "Words",
    "grade_of",
    "graded",
    "is_label",
    "list_line",
    "listed_answer",
    "misread",
    "observed",
    "plain",
    "refusal",
    "stepped",
]

Words = Callable[[str], str]

VERDICTS = {
    "identified": ("identified", "bold green"),
    "ambiguous": ("ambiguous", "bold yellow"),
    "not_registered": ("not in this register", "bold"),
    "unreadable": ("unreadable", "bold yellow"),
}
"""English message id and style of each verdict."""
ATTACHED = "attached"
"""What the registry answers to a message that puts a reading with a seized item."""
_LONGEST_SHOWN = 28


def observed(words: Words, observation: Observation) -> str:
    """What was observed, in a few words."""
    match observation:
        case UvFinding(glow=True):
            return f"UV {observation.peak_nm} nm"
        case UvFinding():
            return words("no UV glow")
        case DotText():
            return words("dot {text}").format(text=_short(observation.text))
        case DnaRead():
            shown = f"{_short(observation.bases, 14)} ({len(observation.bases)})"
            return words("DNA {bases}").format(bases=shown)
        case Number():
            return f"{observation.symbology} {_short(observation.text)}"


def refusal(outcome: Refused) -> str:
    """Why the registry refused a reading: field, problem and what is allowed."""
    return " ".join(filter(None, (outcome.field, outcome.problem, outcome.allowed)))


def grade_of(answer: Answer) -> int | None:
    """The grade of an answer, from its best candidate when it names none of its own."""
    if answer.grade is not None:
        return answer.grade
    return answer.candidates[0].grade if answer.candidates else None


def graded(grade: int) -> str:
    """A grade with its sign, as the scale of conclusions writes it."""
    return f"{grade:+d}" if grade else "0"


def misread(words: Words, answer: Answer) -> str:
    """That a code looks like one of a supplier but cannot have been read right; empty when there is no such doubt."""
    family = answer.family
    if family is None or not family.misread:
        return ""
    if family.doubt == "check":
        said = words("MISREAD: looks like a code of {supplier}, but at least one character is wrong; read it again")
    else:
        said = words("MISREAD: looks like a code of {supplier}, but not all of it was read; read it again")
    return said.format(supplier=plain(family.supplier))


def listed_answer(words: Words, answer: ListAnswer) -> str:
    """What the kept list says of a reading; always with the moment that it speaks of."""
    moment = _clock_time(answer.issued_at)
    if answer.listed:
        return words("reported stolen, according to list of {moment}").format(moment=moment)
    if answer.listed is None:
        return words("stored; the list answers complete codes only")
    return words("not on the list of {moment}").format(moment=moment)


def list_line(words: Words, standing: ListStanding) -> str:
    """How the kept list stands, in a line: its time, how many marks it holds and until when it answers."""
    if standing.issued_at is None or standing.expires_at is None:
        return words(standing.state)
    one, many = words("{moment}, {marks} mark, until {end}"), words("{moment}, {marks} marks, until {end}")
    template = one if standing.marks == 1 else many
    shown = template.format(
        moment=_clock_time(standing.issued_at), marks=standing.marks, end=_clock_time(standing.expires_at)
    )
    return shown if standing.state is ListState.VALID else f"{words(standing.state)} ({shown})"


def _clock_time(moment: datetime) -> str:
    """The time of day on this machine, with the date when it is not today's."""
    local = moment.astimezone()
    return f"{local:%H:%M}" if local.date() == datetime.now().astimezone().date() else f"{local:%Y-%m-%d %H:%M}"


def is_label(text: str) -> bool:
    """Whether a text is the label of a seized item: seizure and number, as ``2:1``."""
    return re.fullmatch(r"[1-9][0-9]{0,5}:[1-9][0-9]{0,5}", text) is not None


def stepped(known: Sequence[tuple[str, str]], label: str, by: int) -> str:
    """The label of the next (``by`` 1) or the last (-1) of the items known, beside ``label``; that one if none is."""
    labels = [one for one, _ in known]
    if not labels:
        return label
    start = labels.index(label) if label in labels else (-1 if by > 0 else 0)
    return labels[(start + by) % len(labels)]


def plain(text: str) -> str:
    """What a reader or a registry sends is shown, never obeyed: control characters would reach the terminal."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def _short(text: str, longest: int = _LONGEST_SHOWN) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
