"""Coverage-guided fuzzing (atheris) of every place where bytes from outside become something.

Each target runs in a process of its own for so many seconds, with its seeds and a dictionary, under a limit on memory.
What counts: no exception that nobody documents, no piece of a line read otherwise than the whole, memory bounded. The
control is a driver with a planted fault, which must be found. Needs atheris (markdna[dev] on x86-64 Linux).
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from benchmarks.fuzz_targets import CONTROL, TARGETS, Target
from benchmarks.report import Claim, argument_parser, publish

_SECONDS, _QUICK_SECONDS = 180, 2
_MOST_MIB = 512
_SLOWEST_SECONDS = 25
"""Seconds that one input may take; the machine may be busy with other things."""
_PROGRESS = re.compile(r"#\d+\s+\S+\s+cov: (\d+) ft: (\d+)")
_STATISTIC = re.compile(r"stat::(\w+):\s+(\d+)")


@dataclass(frozen=True)
class Run:
    """What a target came to."""

    executions: int
    covered: int
    features: int
    peak_mib: int
    fault: str
    """What was wrong, in one line; empty when nothing was."""


def fuzz(name: str, folder: Path, seconds: int) -> None:
    """Be the fuzzer of one target; ends the process."""
    import atheris  # noqa: PLC0415 - takes the process over, and is not to be had everywhere

    target = TARGETS[name]
    with atheris.instrument_imports(include=list(target.instrumented)):
        feed = target.prepare()
    if name == CONTROL:
        feed = atheris.instrument_func(feed)
    atheris.Setup([sys.argv[0], *_options(target, folder, seconds)], _uninterrupted(feed))
    atheris.Fuzz()


def _uninterrupted(feed: Callable[[bytes], None]) -> Callable[[bytes], None]:
    """``feed`` with SystemExit counted as a fault: atheris would take it for the end of its work."""

    def fed(data: bytes) -> None:
        try:
            feed(data)
        except SystemExit as end:
            raise AssertionError("a parser ended the process") from end

    return fed


def _options(target: Target, folder: Path, seconds: int) -> list[str]:
    corpus, dictionary = folder / "corpus", folder / "words"
    corpus.mkdir()
    for number, seed in enumerate(target.seeds()):
        (corpus / f"seed-{number}").write_bytes(seed)
    if target.words:
        dictionary.write_text("".join(f'"{word}"\n' for word in target.words), encoding="ascii")
    return [
        f"-max_total_time={seconds}",
        f"-max_len={target.longest}",
        f"-rss_limit_mb={_MOST_MIB}",
        f"-timeout={_SLOWEST_SECONDS}",
        *([f"-dict={dictionary}"] if target.words else []),
        f"-artifact_prefix={folder}/",
        "-print_final_stats=1",
        "-seed=1",
        str(corpus),
    ]


def measured(name: str, seconds: int, keep: Path | None) -> Run:
    """Fuzz one target in a process of its own; ``keep`` is where an input that shows a fault is put."""
    disk = tempfile.TemporaryDirectory(prefix="markdna-fuzzing-")
    memory = tempfile.TemporaryDirectory(prefix="markdna-fuzzing-", dir="/dev/shm")
    with disk as place, memory as runtime:
        folder = Path(place)
        command = [sys.executable, "-m", "benchmarks.fuzzing", "--be", json.dumps([name, place, seconds])]
        environment = {**os.environ, "RUNTIME_DIRECTORY": runtime}
        done = subprocess.run(command, capture_output=True, check=False, text=True, errors="replace", env=environment)
        said = done.stdout + done.stderr
        found = sorted(path for kind in ("crash-*", "oom-*", "timeout-*") for path in folder.glob(kind))
        if keep and found:
            keep.mkdir(parents=True, exist_ok=True)
            for path in found:
                (keep / f"{re.sub('[^a-z0-9]+', '-', name.lower())}-{path.name}").write_bytes(path.read_bytes())
    progress = _PROGRESS.findall(said)
    covered, features = map(int, progress[-1]) if progress else (0, 0)
    statistics = {key: int(value) for key, value in _STATISTIC.findall(said)}
    executions = statistics.get("number_of_executed_units", 0)
    fault = _fault(said) if found or done.returncode or not executions else ""
    return Run(executions, covered, features, statistics.get("peak_rss_mb", 0), fault)


def _fault(said: str) -> str:
    """The line that tells the fault, out of all that the fuzzer printed."""
    lines = [line.strip() for line in said.splitlines()]
    told = [line for line in lines if re.match(r"[\w.]*(?:Error|Exception|Refused\w*|InvalidBody)\b", line)]
    told += [line for line in lines if line.startswith(("==", "SUMMARY")) and "ERROR" in line]
    return (told or lines[-1:] or ["ended without a word"])[0][:160]


def claims(names: list[str], seconds: int, at_once: int, keep: Path | None) -> Iterator[Claim]:
    with ThreadPoolExecutor(at_once) as pool:
        runs: dict[str, Any] = {name: pool.submit(measured, name, seconds, keep) for name in names}
        for name, waiting in runs.items():
            run: Run = waiting.result()
            detail = f"{run.executions} executions, {run.covered} edges, {run.features} features, {run.peak_mib} MiB"
            print(f"{name}: {detail} {run.fault}", file=sys.stderr, flush=True)
            if name == CONTROL:
                found = "IndexError" in run.fault
                yield Claim(name, "found" if found else "not found", "", "found", found, f"{detail}; {run.fault}")
                continue
            yield Claim(f"{name}: faults", run.fault or 0, "", "0", not run.fault, detail)
            bounded = run.executions > 0 and 0 < run.peak_mib < _MOST_MIB
            yield Claim(f"{name}: peak memory", run.peak_mib, "MiB", f"< {_MOST_MIB}", bounded)


def main() -> int:
    parser = argument_parser("fuzzing", __doc__)
    parser.add_argument("--seconds", type=int, help=f"seconds a target; default {_SECONDS}")
    parser.add_argument("--target", action="append", choices=sorted(TARGETS), help="only this one; may be repeated")
    parser.add_argument("--at-once", type=int, default=1, help="targets at the same time; default 1")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="put inputs that show a fault here")
    parser.add_argument("--be", type=json.loads, help="for the benchmark itself: be one fuzzer")
    options = parser.parse_args()
    if options.be:
        name, folder, seconds = options.be
        fuzz(name, Path(folder), seconds)
    seconds = options.seconds or (_QUICK_SECONDS if options.quick else _SECONDS)
    names = list(chain([CONTROL], (name for name in TARGETS if name != CONTROL)))
    found = claims(options.target or names, seconds, options.at_once, options.keep)
    return publish("fuzzing", list(found), options, packages=["atheris"])


if __name__ == "__main__":
    sys.exit(main())
