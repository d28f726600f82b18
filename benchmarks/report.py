"""The one form of a benchmark: claims measured, a table for people, JSON for machines, an exit code for a build.

A benchmark is used as ``python -m benchmarks.NAME [--quick] [--check] [--json OUT]``::

    def main() -> int:
        parser = argument_parser("nanopore_reads", __doc__)
        options = parser.parse_args()
        claims = [Claim("registered reads identified", 99.6, "%", "≥ 99", holds=True, detail="275 reads")]
        return publish("nanopore_reads", claims, options, packages=["numpy"])
"""

import json
import os
import platform
import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rich.console import Console
from rich.table import Table

__all__ = ["Claim", "argument_parser", "as_document", "machine", "package_versions", "publish"]


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing a benchmark claims, and what was measured."""

    claim: str
    """What is measured, in words, e.g. ``recall at 10 % error``."""
    value: float | str
    unit: str
    reach: str
    """The figure to reach, in words, e.g. ``≥ 99.95``; empty when the row only informs."""
    holds: bool | None
    """Whether the reach is met; None when the row only informs, or when it could not be measured here."""
    detail: str = ""
    """How it was measured: counts, sizes, the peer's name and version, or why a peer is missing."""


def argument_parser(name: str, description: str | None) -> ArgumentParser:
    """A parser with the three options that every benchmark has; add the benchmark's own to it."""
    parser = ArgumentParser(
        prog=f"python -m benchmarks.{name}", description=description, formatter_class=RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="a small version that ends within a minute")
    parser.add_argument("--check", action="store_true", help="exit with 1 when a claim does not hold")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write claims, machine and versions to this file")
    return parser


def machine() -> dict[str, str | int]:
    """What the figures were measured on; nothing that names the machine itself."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": os.cpu_count() or 1,
        "memory_gib": _memory_gib(),
        "python": platform.python_version(),
    }


def package_versions(packages: Iterable[str]) -> dict[str, str]:
    """The installed version of each distribution; one that is absent is said to be missing."""
    found = {}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "missing"
    return found


def as_document(name: str, claims: Sequence[Claim], versions: Mapping[str, str]) -> dict[str, object]:
    """The JSON document of a run."""
    return {
        "name": name,
        "machine": machine(),
        "versions": dict(versions),
        "claims": [asdict(claim) for claim in claims],
    }


def publish(
    name: str,
    claims: Sequence[Claim],
    options: Namespace,
    packages: Iterable[str] = (),
    programs: Mapping[str, str] | None = None,
) -> int:
    """Print the table, write the JSON if asked for, and give the exit code.

    ``packages`` are distributions whose versions belong to the figures; ``programs`` names other peers with the
    version they told, or ``missing``.
    """
    versions = package_versions(packages) | dict(programs or {})
    console = Console(width=None if sys.stdout.isatty() else 160)
    console.print(_table(name, claims))
    facts = machine()
    console.print(", ".join(f"{key} {value}" for key, value in {**facts, **versions}.items()), style="dim")
    if options.json:
        document = as_document(name, claims, versions)
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    failed = any(claim.holds is False for claim in claims)
    return 1 if options.check and failed else 0


def _table(name: str, claims: Sequence[Claim]) -> Table:
    table = Table(title=name, title_justify="left")
    for heading in ("claim", "measured", "reach", "holds", "detail"):
        table.add_column(heading, justify="right" if heading == "measured" else "left")
    for claim in claims:
        table.add_row(claim.claim, _measured(claim), claim.reach, _holds(claim.holds), claim.detail)
    return table


def _measured(claim: Claim) -> str:
    value = f"{claim.value:.4g}" if isinstance(claim.value, float) else str(claim.value)
    return f"{value} {claim.unit}".strip()


def _holds(holds: bool | None) -> str:  # noqa: FBT001  # The value of a column, not a switch.
    if holds is None:
        return "not judged"
    return "yes" if holds else "NO"


def _processor() -> str:
    """Its name, with family and model: virtual machines leave the generation out of the name."""
    source = Path("/proc/cpuinfo")
    told: dict[str, str] = {}
    for line in source.read_text(encoding="utf-8", errors="replace").splitlines() if source.exists() else ():
        name, _, value = line.partition(":")
        told.setdefault(name.strip(), value.strip())
    name = told.get("model name") or platform.processor() or "unknown"
    if "cpu family" in told and "model" in told:
        name += f" (family {told['cpu family']}, model {told['model']})"
    return name


def _memory_gib() -> int:
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        return round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30)
    return 0
