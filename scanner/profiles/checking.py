"""Why a profile does not read its own example: the first difference, byte by byte."""

import re
from dataclasses import dataclass

from scanner.framing.tally import Refusal
from scanner.profiles.profile import Example, Profile

__all__ = ["Difference", "first_difference", "hex_lines"]


_REPEAT = re.compile(r"\{([0-9]+)(?:,[0-9]*)?\}")


@dataclass(frozen=True, slots=True)
class Difference:
    """What is wrong with a frame: an English message id with its values, and the byte it is about."""

    template: str
    values: dict[str, object]
    at: int | None = None
    """Offset of the byte in the frame; None when the whole is meant."""


def first_difference(profile: Profile, example: Example) -> Difference | None:
    """The first thing that keeps ``example`` from giving its number; None when it does."""
    frame = example.frame
    for look in (_edges, _length, _checksums, _pattern):
        if difference := look(profile, frame):
            return difference
    said = profile.understand(frame)
    if isinstance(said, Refusal):
        return Difference("the digits of a group cannot be read as its [field] says", {})
    if said != example.number:
        return Difference("the number is {found}, expected {expected}", {"found": said, "expected": example.number})
    return None


def _differs(what: str, expected: bytes, found: bytes, at: int) -> Difference | None:
    """The first byte in which ``found``, which stands at ``at``, is not ``expected``."""
    for offset, byte in enumerate(expected):
        if found[offset : offset + 1] != bytes([byte]):
            shown = found[offset : offset + 1].hex().upper() or "--"
            values: dict[str, object] = {"what": what, "at": at + offset, "expected": f"{byte:02X}", "found": shown}
            return Difference("{what}: byte {at} is {found}, expected {expected}", values, at + offset)
    return None


def _edges(profile: Profile, frame: bytes) -> Difference | None:
    start, end = profile.frame.start, profile.frame.end
    tail = max(0, len(frame) - len(end))
    return _differs("start", start, frame, 0) or _differs("end", end, frame[tail:], tail)


def _length(profile: Profile, frame: bytes) -> Difference | None:
    rule = profile.frame
    expected = rule.length
    at = None
    if rule.length_field:
        at = rule.length_field.at
        if at >= len(frame):
            return Difference("the frame ends before its length field at byte {at}", {"at": at}, len(frame) - 1)
        expected = frame[at] + rule.length_field.adds
    if expected is not None and expected != len(frame):
        return Difference(
            "the frame has {found} bytes, expected {expected}", {"found": len(frame), "expected": expected}, at
        )
    if len(frame) > rule.longest:
        return Difference(
            "the frame has {found} bytes, at most {expected} are allowed",
            {"found": len(frame), "expected": rule.longest},
        )
    return None


def _checksums(profile: Profile, frame: bytes) -> Difference | None:
    for rule in profile.checksum:
        place = rule.place(frame)
        try:
            expected = rule.expected(frame)
        except ValueError:
            return Difference("{what}: it covers bytes that are no hexadecimal digits", {"what": rule.kind}, rule.first)
        found = frame[place].upper() if rule.written == "hex" else frame[place]
        if difference := _differs(rule.kind, expected, found, place.start):
            return difference
    return None


def _pattern(profile: Profile, frame: bytes) -> Difference | None:
    """Where the pattern stops agreeing: the longest beginning of it that is a pattern too and still matches."""
    text = frame.decode("latin-1")
    if re.fullmatch(profile.frame.pattern, text, re.DOTALL):
        return None
    reached, rest = 0, profile.frame.pattern
    for length in range(1, len(profile.frame.pattern) + 1):
        beginning, following = profile.frame.pattern[:length], profile.frame.pattern[length:]
        repeat = _REPEAT.match(following)
        # Of what is to stand exactly n times, as many as do stand there are taken.
        end = _matched(f"{beginning}{{0,{repeat[1]}}}" if repeat else beginning, text)
        if end > reached or (end == reached and not repeat):
            reached, rest = end, following
    if reached == len(text):
        return Difference("the frame ends where the pattern expects {rest}", {"rest": rest or "-"}, len(text) - 1)
    found = f"{frame[reached]:02X}"
    return Difference(
        "pattern: byte {at} is {found}, expected {rest}",
        {"at": reached, "found": found, "rest": rest or "end"},
        reached,
    )


def _matched(beginning: str, text: str) -> int:
    """How many characters of ``text`` a beginning of a pattern takes, its open groups closed; -1 if it is none."""
    for closing in ("", ")", "))"):
        try:
            found = re.match(beginning + closing, text, re.DOTALL)
        except re.error:
            continue
        return found.end() if found else -1
    return -1


def hex_lines(frame: bytes, marked: int | None) -> list[str]:
    """The frame as hexadecimal digits and characters, 16 bytes a line, with a mark below the byte at ``marked``."""
    lines: list[str] = []
    for start in range(0, len(frame), 16):
        row = frame[start : start + 16]
        characters = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in row)
        lines.append(f"{start:04d}  {row.hex(' ').upper():<47}  {characters}")
        if marked is not None and start <= marked < start + 16:
            lines.append(" " * (6 + 3 * (marked - start)) + "^^")
    return lines
