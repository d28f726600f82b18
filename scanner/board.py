"""What a screen shows, apart from how: readings with their answers, and how reader, registry and list stand.

The full-screen view and the web page keep one each and are told the same, so that they say the same.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from scanner.errors import PortError, ScannerError
from scanner.framing.tally import Tally
from scanner.journal import JournalCounts
from scanner.reading import ReaderIdentity, Reading
from scanner.registry_client import Accepted, Answer, Refused
from scanner.stolen_list import ListAnswer, ListStanding, ListState
from scanner.view import RegistryState
from scanner.wording import (
    ATTACHED,
    VERDICTS,
    Words,
    grade_of,
    graded,
    list_line,
    listed_answer,
    misread,
    observed,
    plain,
    refusal,
)

__all__ = ["REMEMBERED", "Board", "Line", "Standing", "Tone"]

REMEMBERED = 500
"""Readings in the list; older ones are in the registry and in the journal."""


class Tone(StrEnum):
    """How something is said. Screens show it by a sign and a word, never by colour alone."""

    WARNING = "warning"
    """Somebody should do something about it."""
    DONE = "done"
    """What was asked for has been done."""
    NEWS = "news"
    """Good to know."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a part of the station stands, in words, and whether that is well."""

    title: str
    text: str
    well: bool


@dataclass(slots=True)
class Line:
    """A reading in the list."""

    key: str
    read_at: datetime
    reading_id: str
    seen: str
    answer: Answer | None = None
    refused: str = ""
    item: str = ""
    listed: ListAnswer | None = None
    title: str = ""
    """What a person knows it by: the reader's own id of the reading, or what was read where there is none."""

    @property
    def stolen(self) -> bool:
        """Whether the best candidate, the thing that a sticker names, or the kept list says so."""
        if self.answer is None:
            return bool(self.listed and self.listed.listed)
        return self.answer.stolen

    @property
    def alarming(self) -> bool:
        """Whether it wants somebody's attention in the list."""
        return bool(self.refused or self.stolen)

    @property
    def hit(self) -> bool:
        """Whether it is worth a sound."""
        if self.answer is None:
            return self.stolen
        return self.answer.verdict == "identified"


class Board:
    """The readings of a run and how things stand. Not safe to call from several threads at once."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.lines: dict[str, Line] = {}
        self.newest_answer = ""
        """The key of the reading that was answered last."""
        self.hits = 0
        self.notice = ""
        self.tone = Tone.WARNING
        """How the notice is meant."""
        self.reader = Standing(words("Reader"), words("waiting for the reader"), well=False)
        self.registry = Standing(words("Registry"), words(RegistryState.UNKNOWN), well=False)
        self.kept_list: Standing | None = None

    def reader_connected(self, port: str) -> None:
        """The port is open."""
        self.reader = Standing(self.reader.title, port, well=True)

    def reader_identified(self, identity: ReaderIdentity) -> None:
        """The reader has said who it is."""
        name = f"{identity.maker} {identity.model} {identity.serial_number}"
        self.reader = Standing(self.reader.title, name, well=True)

    def reader_lost(self, error: PortError) -> None:
        """The port could not be opened, or is gone."""
        self.reader = Standing(self.reader.title, self.words("no reader"), well=False)
        self.trouble(error)

    def registry_changed(self, state: RegistryState, detail: str) -> None:
        """The way to the registry stands otherwise than before."""
        reason, separator, rest = detail.partition(": ")
        shown = f"{self.words(state)} ({self.words(reason)}{separator}{rest})"
        self.registry = Standing(self.registry.title, shown, well=state is RegistryState.REACHED)

    def list_stands(self, standing: ListStanding) -> None:
        """The kept list stands otherwise than before."""
        shown = list_line(self.words, standing)
        self.kept_list = Standing(self.words("Offline list"), shown, well=standing.state is ListState.VALID)

    def stored(self, key: str, reading: Reading) -> Line:
        """A new reading is on disk."""
        seen = " · ".join(observed(self.words, observation) for observation in reading.observations)
        if self.tone is Tone.DONE:
            # What was done before has been seen; what is wrong stays until it is mended.
            self.say("")
        own_id = reading.reading_id
        return self._add(Line(key, reading.read_at, own_id or key, seen, title=own_id or seen or key))

    def attached(self, key: str, label: str) -> Line | None:
        """It is on disk that the reading belongs to a seized item."""
        line = self.lines.get(key)
        if line is not None:
            line.item = label
        return line

    def listed(self, key: str, reading_id: str, answer: ListAnswer) -> Line | None:
        """The kept list's answer; the registry's own counts for more, whichever comes first."""
        line = self._line(key, reading_id)
        if line.answer is not None or line.refused:
            return None
        line.listed = answer
        return self._answered(line)

    def answered(self, key: str, reading_id: str, outcome: Accepted | Refused) -> Line | None:
        """The registry has answered for good, perhaps to a reading of an earlier run; None for no reading at all."""
        if isinstance(outcome, Accepted) and outcome.answer.verdict == ATTACHED:
            return None
        line = self._line(key, reading_id)
        if isinstance(outcome, Refused):
            line.refused = refusal(outcome)
            return line
        line.answer = outcome.answer
        return self._answered(line)

    def trouble(self, error: ScannerError) -> None:
        """Something that a person should mend."""
        self.say(error.explain(self.words))

    def say(self, text: str, tone: Tone = Tone.WARNING) -> None:
        """Let ``text`` be the notice, in place of the one before."""
        self.notice, self.tone = text, tone

    def say_attached(self, line: Line, label: str) -> None:
        """Confirm that somebody has put a reading with a seized item."""
        said = self.words("Put with {item}: {reading}").format(item=label, reading=line.title)
        self.say(said, Tone.DONE)

    def journal(self, counts: JournalCounts, tally: Tally) -> Standing:
        """How journal and line stand."""
        shown = self.words("{waiting} waiting, {accepted} delivered, {refused} refused").format(
            waiting=counts.waiting, accepted=counts.accepted, refused=counts.refused
        )
        if tally.refusals or tally.lost:
            broken = self.words("{refused} broken frames, {lost} lost").format(refused=tally.refusals, lost=tally.lost)
            shown = f"{shown} · {broken}"
        return Standing(self.words("Journal"), shown, well=not (counts.waiting or counts.refused))

    def verdict(self, line: Line) -> str:
        """What is said of a reading, in a few words."""
        if line.refused:
            return self.words("refused")
        if line.answer is not None:
            return self.words(VERDICTS.get(line.answer.verdict, (line.answer.verdict, ""))[0])
        return self.words("stored") if line.listed is None else listed_answer(self.words, line.listed)

    def grade(self, line: Line) -> str:
        """The grade of its answer with its sign, or nothing."""
        grade = grade_of(line.answer) if line.answer else None
        return "" if grade is None else graded(grade)

    def kit(self, line: Line) -> str:
        """The best candidate's kit, the sticker's number, or whom to ask."""
        if line.answer is None:
            return line.seen
        best, sticker = line.answer.candidates[:1], line.answer.sticker
        return best[0].kit_code if best else sticker.number if sticker else self.to_ask(line.answer)

    def thing(self, line: Line) -> str:
        """The marked thing, as far as it is known; else that the code was misread, if it was."""
        if line.answer is None:
            return ""
        best, sticker = line.answer.candidates[:1], line.answer.sticker
        return (
            (best[0].item if best else None) or (sticker.item if sticker else None) or misread(self.words, line.answer)
        )

    def named(self, line: Line) -> str:
        """Kit, thing and whether it is reported stolen, in one line."""
        if line.answer is None:
            return ""
        best, sticker = line.answer.candidates[:1], line.answer.sticker
        item = best[0].item if best else sticker.item if sticker else ""
        parts = [self.kit(line), item, self.words("REPORTED STOLEN") if line.stolen else ""]
        return "  ".join(plain(part) for part in parts if part)

    def details(self, line: Line) -> list[str]:
        """What was seen and where it lies, then why it was refused, or all candidates and whom to ask."""
        named = line.seen if line.title == line.seen else f"{line.title}  {line.seen}"
        shown = [named + (f"  → {line.item}" if line.item else "")]
        if line.refused:
            template = self.words("refused by the registry, kept in the journal: {reason}")
            shown.append(template.format(reason=line.refused))
            # The journal lists it by its place where the reader gave it no id.
            shown += [line.key] if line.title != line.reading_id == line.key else []
        if line.answer:
            shown += filter(None, [misread(self.words, line.answer)])
            shown += [
                f"{graded(one.grade):>3}  {one.kit_code}  {one.item or ''}"
                + (f"  {self.words('REPORTED STOLEN')}" if one.reported_stolen else "")
                for one in line.answer.candidates
            ]
            shown += filter(None, [self.to_ask(line.answer)])
        return [plain(text) for text in shown]

    def to_ask(self, answer: Answer) -> str:
        """The supplier to ask about the code, if the registry names one."""
        if answer.supplier is None:
            return ""
        contact = ", ".join(filter(None, (answer.supplier.name, answer.supplier.phone, answer.supplier.email)))
        return self.words("ask {contact}").format(contact=plain(contact))

    def _line(self, key: str, reading_id: str) -> Line:
        return self.lines.get(key) or self._add(
            Line(key, datetime.now(UTC), reading_id, self.words("from the journal"), title=reading_id)
        )

    def _add(self, line: Line) -> Line:
        self.lines[line.key] = line
        if len(self.lines) > REMEMBERED:
            del self.lines[next(iter(self.lines))]
        return line

    def _answered(self, line: Line) -> Line:
        self.newest_answer = line.key
        self.hits += line.hit
        return line
