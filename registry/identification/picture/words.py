"""What a frame shows, said in words: the title and the description of its picture."""

from collections.abc import Sequence
from typing import Protocol

from registry.identification.answer import ColumnKind
from registry.identification.picture.frame import Cell, Frame, Line

__all__ = ["Speech", "described", "kind_word", "titled"]

_MOST_NAMED = 5
"""Differences told one by one; more are counted."""


class Speech(Protocol):
    """A catalogue in the reader's language."""

    def gettext(self, message: str) -> str:
        """The message in that language."""

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """The form for ``n`` in that language."""


def titled(frame: Frame, speech: Speech) -> str:
    """One line: how many characters or bases agree."""
    if frame.readings == 1:
        return _agreement(frame.lines[0].kinds[ColumnKind.MATCH], frame.lines[0].places, frame, speech)
    counted = speech.ngettext("{count} reading together", "{count} readings together", frame.readings)
    places = sum(1 for place in frame.places if place)
    agreeing = sum(1 for cell in frame.together if cell is not None and cell.kind is ColumnKind.MATCH)
    return f"{counted.format(count=frame.readings)}: {_agreement(agreeing, places, frame, speech)}"


def described(frame: Frame, speech: Speech) -> str:
    """The differences in words, and for several readings what each of them says."""
    if frame.readings == 1:
        return _line_in_words(frame, frame.lines[0], speech)
    parts = []
    for line in frame.lines:
        agreeing = _agreement(line.kinds[ColumnKind.MATCH], line.places, frame, speech)
        strand = f" ({speech.gettext('read from the opposite strand')})" if line.reverse_strand else ""
        parts.append(f"{line.name}: {agreeing}{strand}" if line.name else f"{agreeing}{strand}")
    if frame.readings > len(frame.lines):
        more = frame.readings - len(frame.lines)
        parts.append(
            speech.ngettext("{count} more reading is not drawn", "{count} more readings are not drawn", more).format(
                count=more
            )
        )
    return ". ".join(parts) + "."


def kind_word(kind: ColumnKind, speech: Speech) -> str:
    """What a sign of the picture means."""
    said = {
        ColumnKind.MATCH: speech.gettext("agrees"),
        ColumnKind.LOOKALIKE: speech.gettext("look-alike"),
        ColumnKind.MISMATCH: speech.gettext("differs"),
        ColumnKind.UNREADABLE: speech.gettext("unreadable"),
        ColumnKind.EXTRA: speech.gettext("extra in the reading"),
        ColumnKind.MISSING: speech.gettext("missing in the reading"),
    }
    return said[kind]


def _agreement(agreeing: int, places: int, frame: Frame, speech: Speech) -> str:
    if frame.dna:
        said = speech.gettext("{agreeing} of {places} bases agree")
    else:
        said = speech.gettext("{agreeing} of {places} characters agree")
    return said.format(agreeing=agreeing, places=places)


def _line_in_words(frame: Frame, line: Line, speech: Speech) -> str:
    kinds = line.kinds
    parts = []
    if line.reverse_strand:
        parts.append(speech.gettext("read from the opposite strand"))
    if count := kinds[ColumnKind.UNREADABLE]:
        said = speech.ngettext("{count} place could not be read", "{count} places could not be read", count)
        parts.append(said.format(count=count))
    parts += _swaps(frame, line.cells, speech)
    if count := kinds[ColumnKind.MISSING]:
        said = speech.ngettext("{count} is missing in the reading", "{count} are missing in the reading", count)
        parts.append(said.format(count=count))
    if count := kinds[ColumnKind.EXTRA]:
        said = speech.ngettext("{count} is extra in the reading", "{count} are extra in the reading", count)
        parts.append(said.format(count=count))
    if not parts:
        return speech.gettext("Nothing differs.")
    text = ", ".join(parts)
    return f"{text[0].upper()}{text[1:]}."


def _swaps(frame: Frame, cells: Sequence[Cell | None], speech: Speech) -> list[str]:
    """Characters that were read for others, by name and place while there are few of them."""
    wrong = [
        (cell.read, frame.marks[at], frame.places[at], cell.kind)
        for at, cell in enumerate(cells)
        if cell is not None and cell.kind in {ColumnKind.LOOKALIKE, ColumnKind.MISMATCH}
    ]
    if len(wrong) > _MOST_NAMED:
        said = speech.ngettext("{count} was read as another", "{count} were read as others", len(wrong))
        return [said.format(count=len(wrong))]
    named = []
    for read, mark, place, kind in wrong:
        said = speech.gettext("{read} was read for {mark} at place {place}").format(read=read, mark=mark, place=place)
        looks = f" ({speech.gettext('look-alike')})" if kind is ColumnKind.LOOKALIKE else ""
        named.append(said + looks)
    return named
