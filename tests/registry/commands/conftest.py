"""``markdna identify`` run in this process."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from registry.cli import markdna


@pytest.fixture
def identify(monkeypatch):
    """Runs the command in this process; refusals are raised."""
    monkeypatch.setenv("MARKDNA_LANGUAGE", "en")

    def run(*arguments: object, config: Path | None = None, **wishes):
        given = ("--config", str(config)) if config else ()
        answer = CliRunner().invoke(markdna, [*given, "identify", *map(str, arguments)], **wishes)
        if answer.exception is not None and not isinstance(answer.exception, SystemExit):
            raise answer.exception
        return answer

    return run
