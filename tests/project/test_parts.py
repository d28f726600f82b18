"""What starts together with what."""

import subprocess
import sys

import pytest

PROBE = """
import sys, click
from registry.cli import markdna
markdna.get_command(click.Context(markdna), {command!r})
print(" ".join(sorted(set(sys.modules) & {{"flask", "sqlalchemy", "serial", "numpy", "reportlab"}})))
"""


@pytest.mark.parametrize(
    ("command", "starts_without"),
    [
        ("scan", {"flask", "sqlalchemy", "reportlab"}),
        ("labels", {"flask", "sqlalchemy", "serial"}),
        ("kits", {"serial"}),
        ("serve", {"serial"}),
    ],
)
def test_a_command_starts_without_the_parts_it_does_not_need(command: str, starts_without: set[str]) -> None:
    probe = [sys.executable, "-c", PROBE.format(command=command)]
    loaded = subprocess.run(probe, check=True, capture_output=True, text=True).stdout.split()
    assert starts_without & set(loaded) == set()


def test_the_probe_sees_what_is_loaded() -> None:
    probe = [sys.executable, "-c", PROBE.format(command="scan")]
    assert "serial" in subprocess.run(probe, check=True, capture_output=True, text=True).stdout
