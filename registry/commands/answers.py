"""Answers of ``markdna identify`` as JSON, as rows, as a card with a picture, and as an SVG file."""

import json
import math
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from labels.language import reader_language
from registry.identification.alignment import PLAIN_SIGNS
from registry.identification.answer import Answer, ColumnKind, Observation
from registry.identification.picture.frame import Frame, frames_of
from registry.identification.picture.sources import readings_of
from registry.identification.picture.svg import SIGNS, report
from registry.identification.picture.terminal import lines_of
from registry.identification.picture.words import described, titled
from registry.identification.summary import CandidateSummary, Summary
from registry.language import words
from registry.services import explanations, wording
from registry.services.code_families import Doubt, LikelyFamily
from registry.services.evidence_lines import Evidence
from registry.services.tag_search import TagHit, TagsFound
from registry.web.contrast import read_colours

__all__ = ["Rows", "json_line", "print_card", "write_svg"]

_KIND_STYLES = {
    ColumnKind.MATCH: "green",
    ColumnKind.LOOKALIKE: "yellow",
    ColumnKind.MISMATCH: "bold red",
    ColumnKind.UNREADABLE: "reverse",
    ColumnKind.EXTRA: "bold cyan",
    ColumnKind.MISSING: "bold cyan",
}
_VERDICT_SIGNS = {"identified": "●", "ambiguous": "≈", "not_registered": "\N{MINUS SIGN}", "unreadable": "?"}
_PLAIN_VERDICT_SIGNS = {"identified": "*", "ambiguous": "~", "not_registered": "-", "unreadable": "?"}
_VERDICT_STYLES = {"identified": "bold magenta", "ambiguous": "yellow", "not_registered": "dim", "unreadable": "dim"}
_VERDICT_COLOURS = {"identified": "1;35", "ambiguous": "33"}
"""The same as codes of the terminal (ECMA-48, 8.3.117), for rows, of which there may be millions."""
_HEADINGS = ("Read", "Verdict", "Kit", "Grade", "Probability", "V", "Distance", "By chance", "Searched")
_LEFT, _FEWEST_COLUMNS = 3, 5
"""Columns that are set to the left; columns that are kept on the narrowest terminal."""
_NAME_WHERE_NARROW = 20
_NAME = 36
"""Characters of a read's name in a row; a sequencer's names are UUIDs, which have as many."""


def json_line(
    summary: Summary,
    codes: Mapping[int, str],
    *,
    observations: int = 1,
    family: LikelyFamily | None = None,
    evidence: Mapping[int, Evidence] | None = None,
    tags: TagsFound | None = None,
) -> str:
    """One reading as a JSON document on one line; the shape is described in docs/identify.md."""
    content: dict[str, Any] = {
        "reading": summary.name,
        "observations": observations,
        "verdict": summary.verdict,
        "candidates": [_candidate(one, codes, evidence or {}) for one in summary.candidates],
        "searched": summary.searched,
        "prior": summary.prior,
        "expected_chance_matches": summary.expected_chance_matches,
        "tiers": summary.tiers,
        "family": family.content() if family else None,
    }
    if tags is not None:
        content["tags"] = [_tag(hit) for hit in tags.hits]
        content["tags_searched"] = tags.searched
    return json.dumps(content, ensure_ascii=True, allow_nan=False, separators=(",", ":"))


def _tag(hit: TagHit) -> dict[str, Any]:
    return {
        "number": hit.shown,
        "kind": hit.kind.value,
        "exact": hit.exact,
        "differences": hit.differences,
        "grade": int(hit.grade),
        "log10_likelihood_ratio": round(hit.log10_likelihood_ratio, 4),
        "posterior": hit.posterior,
    }


def _candidate(one: CandidateSummary, codes: Mapping[int, str], evidence: Mapping[int, Evidence]) -> dict[str, Any]:
    content: dict[str, Any] = {
        "kit_code": codes[one.kit_id],
        "grade": one.grade,
        "log10_likelihood_ratio": round(one.log10_likelihood_ratio, 4),
        "posterior": one.posterior,
        "distance": round(one.distance, 2),
    }
    if one.kit_id in evidence:
        content["evidence"] = evidence[one.kit_id].content()
    if one.agreement:
        content["agreement"] = one.agreement
    return content


class Rows:
    """Readings as rows of one table, written as they come: no row waits for the width of the next.

    On a narrow terminal the last columns are left out; a file has them all.
    """

    def __init__(self) -> None:
        self._translate = words(reader_language()).gettext
        self._signs = _VERDICT_SIGNS if _shows_signs(sys.stdout.encoding) else _PLAIN_VERDICT_SIGNS
        terminal = sys.stdout.isatty()
        self._coloured = terminal and not os.environ.get("NO_COLOR")
        self._said = {verdict: wording.verdict_words(verdict, self._translate) for verdict in _VERDICT_SIGNS}
        self._headings = [self._translate(heading) for heading in _HEADINGS]
        least = (_NAME, 2 + max(map(len, self._said.values())), 14, 5, 8, 8, 8, 8, 8)
        self._widths = [max(width, len(heading)) for width, heading in zip(least, self._headings, strict=True)]
        if terminal:
            self._fit(shutil.get_terminal_size().columns)

    def _fit(self, room: int) -> None:
        if sum(self._widths) + 2 * len(self._widths) > room:
            self._widths[0] = _NAME_WHERE_NARROW
        while len(self._widths) > _FEWEST_COLUMNS and sum(self._widths) + 2 * len(self._widths) > room + 2:
            self._widths.pop()

    def heading(self) -> str:
        """The names of the columns."""
        return self._row(*self._headings)

    def row(self, summary: Summary, codes: Mapping[int, str]) -> str:
        """The reading and its best candidate."""
        said = f"{self._signs[summary.verdict]} {self._said[summary.verdict]}"
        name = _one_line(summary.name, self._widths[0])
        figures = ("", "", "", "", "", "")
        if summary.candidates:
            best = summary.candidates[0]
            figures = (
                codes[best.kit_id],
                f"{best.grade:+d}" if best.grade else "0",
                _floored(best.posterior),
                _ratio(best.log10_likelihood_ratio),
                f"{best.distance:.1f}",
                f"{summary.expected_chance_matches:.1e}",
            )
        return self._painted(self._row(name, said, *figures, str(summary.searched)), summary.verdict)

    def _row(self, *cells: str) -> str:
        return "  ".join(
            f"{cell:<{width}}" if place < _LEFT else f"{cell:>{width}}"
            for place, (cell, width) in enumerate(zip(cells, self._widths, strict=False))
        ).rstrip()

    def _painted(self, row: str, verdict: str) -> str:
        if not self._coloured:
            return row
        return f"\x1b[{_VERDICT_COLOURS.get(verdict, '2')}m{row}\x1b[0m"


def print_card(
    summary: Summary,
    answer: Answer,
    codes: Mapping[int, str],
    observations: Sequence[Observation],
    family: LikelyFamily | None = None,
    *,
    picture: bool,
    tags: TagsFound | None = None,
) -> None:
    """One reading in words, figures and a picture of its best candidates."""
    language = reader_language()
    speech = words(language)
    gettext = speech.gettext
    console = Console(highlight=False, soft_wrap=False)
    signs = _VERDICT_SIGNS if _shows_signs(console.encoding) else _PLAIN_VERDICT_SIGNS
    said = f"{signs[summary.verdict]} {wording.verdict_words(summary.verdict, gettext)}"
    heading = Text.assemble((said, _VERDICT_STYLES[summary.verdict]), "  ", (_one_line(summary.name, 64), "bold"))
    console.print(heading, soft_wrap=True)
    if family:
        said = wording.family_sentence(family.supplier, family.doubt, gettext)
        console.print(Text(said, "" if family.doubt is Doubt.NONE else "bold yellow"))
    if summary.candidates and summary.verdict in {"identified", "ambiguous"}:
        best = summary.candidates[0]
        console.print(Text(wording.grade_sentence(best.grade, codes[best.kit_id], gettext)))
    if summary.candidates:
        console.print(_figures(summary, codes))
        if len(observations) > 1:
            console.print(_account(explanations.evidence(answer.candidates[0], answer, observations)))
    if tags is not None:
        _print_tags(console, tags)
    shown = ", ".join(wording.tier_words(tier, gettext) for tier in summary.tiers)
    searched = gettext("Searched {count} marks, with even odds beforehand that the mark is one of them: {how}.")
    console.print(
        Text(searched.format(count=summary.searched, how=shown or gettext("there was nothing to search for")), "dim")
    )
    if picture and summary.candidates:
        for frame in _frames(answer, observations):
            console.print()
            _print_frame(console, frame)
    console.print()


def _print_tags(console: Console, tags: TagsFound) -> None:
    """The registered numbers of tags and vehicles that may be the one given."""
    language = reader_language()
    gettext = words(language).gettext
    for hit in tags.hits:
        if hit.exact:
            said = gettext("The number is registered: {number}.")
        elif hit.differences:
            said = gettext("{number} is registered and differs in one place; it may well be another thing's.")
        else:
            said = gettext("{number} is registered and fits what could be read.")
        figures = gettext("Grade {grade}, probability {probability}").format(
            grade=wording.signed(int(hit.grade)), probability=wording.probability(hit.posterior, language)
        )
        console.print(Text.assemble((said.format(number=hit.shown), "bold" if hit.exact else ""), "  ", figures))
    compared = gettext("Searched {count} registered numbers of tags and vehicles.")
    console.print(Text(compared.format(count=tags.searched), "dim"))


def _figures(summary: Summary, codes: Mapping[int, str]) -> Table:
    """The candidates, a row each."""
    language = reader_language()
    gettext = words(language).gettext
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(gettext("Kit"), no_wrap=True)
    for heading in ("Grade", "V", "Probability", "Distance", "By chance"):
        table.add_column(gettext(heading), justify="right", no_wrap=True)
    for place, one in enumerate(summary.candidates):
        chance = wording.small_number(summary.expected_chance_matches, language) if place == 0 else ""
        figures = (
            wording.signed(one.grade),
            wording.ratio(one.log10_likelihood_ratio, language),
            wording.probability(one.posterior, language),
            f"{one.distance:.1f}".removesuffix(".0"),
            chance,
        )
        table.add_row(Text(codes[one.kit_id], "bold" if place == 0 else ""), *map(Text, figures))
    return table


def _account(evidence: Evidence) -> Table:
    """What each observation adds to log10 V of the first candidate, and what is taken off; many reads are summed."""
    language = reader_language()
    gettext = words(language).gettext
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(gettext("What it rests on"))
    table.add_column(gettext("log₁₀"), justify="right", no_wrap=True)
    table.add_column("")
    for row in evidence.summed():
        name = wording.observation_words(row.kind, gettext)
        figure = "–" if row.log10_ratio is None else wording.logarithm(row.log10_ratio, language)
        counted = wording.counted_words(row.counted, gettext)
        table.add_row(f"{name} × {row.count}" if row.count > 1 else name, figure, Text(counted, "dim"))
    for taken, why in wording.taken_off(evidence, gettext):
        table.add_row(Text(why, "dim"), wording.logarithm(-taken, language), "")
    table.add_row(Text("log₁₀ V", "bold"), Text(wording.logarithm(evidence.log10_ratio, language), "bold"), "")
    return table


def _frames(answer: Answer, observations: Sequence[Observation]) -> list[Frame]:
    speech = words(reader_language())
    return frames_of(readings_of(answer.candidates[0].alignments, observations, speech))


def _print_frame(console: Console, frame: Frame) -> None:
    speech = words(reader_language())
    signs = SIGNS if _shows_signs(console.encoding) else PLAIN_SIGNS
    console.print(Text(titled(frame, speech), "bold"))
    for line in lines_of(frame, speech, console.width, signs):
        text = Text()
        for piece in line:
            style = _KIND_STYLES[piece.kind] if piece.kind else ""
            text.append(piece.text, f"{style} dim" if piece.unsure else style)
        console.print(text, no_wrap=True, crop=False)
    console.print(Text(described(frame, speech), "dim"))


def write_svg(
    file: Path, summary: Summary, answer: Answer, codes: Mapping[int, str], observed: Sequence[Observation]
) -> bool:
    """Write the picture of the best candidate as a file that stands alone; False when there is no candidate to draw."""
    if not summary.candidates:
        return False
    speech = words(reader_language())
    colours = read_colours()
    best = answer.candidates[0]
    heading = f"{codes[best.kit_id]}: {wording.verdict_words(summary.verdict, speech.gettext)}"
    drawing = report(_frames(answer, observed), speech, lambda token: colours[token]["light"], heading)
    file.write_text(drawing, encoding="utf-8")
    return True


def _shows_signs(encoding: str | None) -> bool:
    return "utf" in (encoding or "").lower()


def _one_line(text: str, most: int) -> str:
    clean = "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
    return clean if len(clean) <= most else f"{clean[: most - 1]}…"


def _ratio(exponent: float) -> str:
    """Ten to a power in the notation of programs, two digits, rounded down."""
    whole = math.floor(exponent)
    return f"{math.floor(10 ** (exponent - whole) * 10 + 1e-9) / 10:.1f}e{whole:+03d}"


def _floored(posterior: float) -> str:
    """Six decimals, never rounded up to certainty."""
    return f"{min(posterior, 0.999999):.6f}"
