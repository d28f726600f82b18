"""What a run of the fuzzer must have done before anything is claimed of it."""

from pathlib import Path

import pytest

from benchmarks import fuzzing
from benchmarks.fuzz_targets import CONTROL, TARGETS
from benchmarks.fuzzing import Run

NAME = next(name for name in TARGETS if name != CONTROL)


def claimed(monkeypatch, run, name=NAME):
    monkeypatch.setattr(fuzzing, "measured", lambda *_: run)
    return [claim.holds for claim in fuzzing.claims([name], 1, 1, None)]


def test_a_run_without_fault_in_bounded_memory_holds(monkeypatch):
    assert claimed(monkeypatch, Run(1000, 40, 90, 66, "")) == [True, True]


@pytest.mark.parametrize(
    ("run", "holds"),
    [
        (Run(0, 0, 0, 0, "ended without a word"), [False, False]),
        (Run(0, 0, 0, 66, "ended without a word"), [False, False]),
        (Run(1000, 40, 90, 0, ""), [True, False]),
        (Run(1000, 40, 90, 512, ""), [True, False]),
        (Run(1000, 40, 90, 66, "ValueError: x"), [False, True]),
    ],
)
def test_what_was_not_run_not_measured_or_at_fault_does_not_hold(monkeypatch, run, holds):
    assert claimed(monkeypatch, run) == holds


def test_the_control_holds_only_by_its_own_fault(monkeypatch):
    assert claimed(monkeypatch, Run(9, 1, 1, 49, "IndexError: index out of range"), CONTROL) == [True]
    assert claimed(monkeypatch, Run(9, 1, 1, 49, "MemoryError"), CONTROL) == [False]


def test_a_fuzzer_that_ends_before_its_first_execution_is_a_fault_and_leaves_nothing_in_memory(monkeypatch):
    """A program in its place that makes a folder as targets do, and ends as the fuzzer does: without a last word."""
    place = "import os, tempfile; print(tempfile.mkdtemp(dir=os.environ['RUNTIME_DIRECTORY'])); os._exit(0)"
    made = []

    def run(command, **options):
        done = real([command[0], "-c", place], **options)
        made.append(Path(done.stdout.strip()))
        return done

    real = fuzzing.subprocess.run
    monkeypatch.setattr(fuzzing.subprocess, "run", run)
    ended = fuzzing.measured(NAME, 1, None)
    assert (ended.executions, ended.fault) == (0, str(made[0]))
    assert made[0].is_relative_to("/dev/shm")  # noqa: S108 - where the fuzzer's folders must be
    assert not made[0].parent.exists()
