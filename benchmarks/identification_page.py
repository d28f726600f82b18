"""The page of the identification benchmark, written from its JSON.

``python -m benchmarks.identification_page JSON PAGE``. The figures stand in one place only, the JSON; the page orders
them for readers.
"""

import json
import re
import sys
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["page"]

HEAD = """# Identification: what was measured

Written by `python -m benchmarks.identification_page` from `identification.json`; do not edit.

    python -m benchmarks.identification_calibration --json docs/benchmarks/identification_calibration.json
    python -m benchmarks.identification_tail --partial DIR --json docs/benchmarks/identification_tail.json
    python -m benchmarks.identification_scale --json docs/benchmarks/identification_scale.json \\
        --chart docs/benchmarks/identification_growth.svg
    python -m benchmarks.identification --peer-folder DIR --nanopore DIR --json docs/benchmarks/identification.json

The first three count 5·10⁴ readings of each kind, 10⁶ unregistered reads, and registers up to 10⁸ kits; they take from
minutes to hours, and the last takes their rows into its own document beside what it measures at 10⁷ kits. Rows that
another state of the engine was measured with are shown and not judged.

Times are CPU milliseconds of one thread, the best of three interleaved rounds. Ratios to peers are of the same moment:
the engine's time is taken on the same reads just before each peer's. Peers run at settings tuned for noisy 64-mers,
with one thread, and the load of their index is taken off.
"""
GROWTH = "![Time and memory over the number of kits](identification_growth.svg)\n"


class Section(NamedTuple):
    """A part of the page: what the names of its claims match, and a line about it."""

    heading: str
    names: str
    words: str


ALIGNERS = "bwa|bowtie2|vsearch|mmseqs|rapidfuzz|edlib"
SIGNATURES = Section("Signatures", "", "64 nt, one register.")
CODES = Section("Codes", r"^codes?, [^:]*: (recall|p99)$|^codes?[ :]", "Nine of 32 characters, damaged as dots are.")
SECTIONS = (
    Section("Growth", r"^10\^\d kits:|^scale$", "Each size built, saved, given back and mapped."),
    Section("Certainty", r"^calibration", "What was said, and how often it was so; half of the readings registered."),
    Section(
        "Unregistered reads",
        r"^unregistered reads|^best log10 V|tail|^mean cost of an unregistered",
        "Reads of random molecules, 64 nt.",
    ),
    Section(
        "Reads of a second maker",
        r"^second maker|^chimeras",
        "One identity a read, shrinking homopolymers, garbled stretches, biased qualities, adapters left on.",
    ),
    Section("Registers of mixed lengths", r"^mixed register", "A third each free, with one beginning, with a repeat."),
    Section("Reads of another's making", r"nanopore|another's making", "Identified at posterior 0.99 and more."),
    CODES,
    Section("Peers on codes", r"codes?($|, )|^index of (rapidfuzz|SQLite|PostgreSQL)", "The same texts for each."),
    Section(
        "Peers on signatures",
        rf"^index of |^this engine|^times faster|^bytes of|^an index of equal|^peers|^({ALIGNERS})",
        "The same register and reads for each.",
    ),
)
"""The first that matches takes a claim; signatures get the rest."""
ORDER = (SIGNATURES, *reversed(SECTIONS))


def page(document: Mapping[str, Any]) -> str:
    """The document of a run as Markdown."""
    taken: dict[str, list[Mapping[str, Any]]] = {section.heading: [] for section in ORDER}
    for claim in document["claims"]:
        taken[_section(claim["claim"])].append(claim)
    judged = [claim for claim in document["claims"] if claim["holds"] is not None]
    failed = [claim for claim in judged if claim["holds"] is False]
    parts = [HEAD, f"{len(judged)} claims are judged, {len(judged) - len(failed)} hold.\n"]
    if failed:
        parts.append("Not reached:\n\n" + "".join(_item(claim) for claim in failed))
    for section in ORDER:
        rows = taken[section.heading]
        if rows:
            chart = GROWTH + "\n" if section.heading == "Growth" else ""
            parts.append(f"## {section.heading}\n{section.words}\n\n{chart}{_table(rows)}")
    facts = {**document["machine"], **document["versions"]}
    parts.append("## Machine and versions\n" + ", ".join(f"{name} {value}" for name, value in facts.items()) + "\n")
    return "\n".join(parts)


def _section(name: str) -> str:
    return next((one.heading for one in SECTIONS if re.search(one.names, name)), SIGNATURES.heading)


def _table(claims: Sequence[Mapping[str, Any]]) -> str:
    rows = ["| claim | measured | reach | holds | how |", "|---|---|---|---|---|"]
    for one in claims:
        cells = (_cell(one["claim"]), _value(one), _cell(one["reach"]), _holds(one["holds"]), _cell(one["detail"]))
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def _item(claim: Mapping[str, Any]) -> str:
    return f"- {claim['claim']}: {_value(claim)}, to reach {claim['reach']}\n"


def _value(claim: Mapping[str, Any]) -> str:
    value = claim["value"]
    told = f"{value:.4g}" if isinstance(value, float) else str(value)
    return _cell(f"{told} {claim['unit']}".strip())


def _holds(holds: bool | None) -> str:  # noqa: FBT001  # The value of a column, not a switch.
    return "" if holds is None else "yes" if holds else "**no**"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> int:
    parser = ArgumentParser(prog="python -m benchmarks.identification_page", description=__doc__)
    parser.add_argument("json", type=Path)
    parser.add_argument("page", type=Path)
    options = parser.parse_args()
    document = json.loads(options.json.read_text(encoding="utf-8"))
    options.page.write_text(page(document), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
