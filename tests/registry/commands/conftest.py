"""Commands run in this process, with or without a register of their own."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from registry.cli import markdna


@pytest.fixture
def command(monkeypatch):
    """Runs any command in this process; refusals are raised."""
    monkeypatch.setenv("MARKDNA_LANGUAGE", "en")

    def run(*arguments: object, config: Path | None = None, **wishes):
        given = ("--config", str(config)) if config else ()
        answer = CliRunner().invoke(markdna, [*given, *map(str, arguments)], **wishes)
        if answer.exception is not None and not isinstance(answer.exception, SystemExit):
            raise answer.exception
        return answer

    return run


@pytest.fixture
def identify(command):
    """Runs ``markdna identify`` so."""
    return lambda *arguments, **wishes: command("identify", *arguments, **wishes)


@pytest.fixture
def with_own_files(command, tmp_path):
    """Runs any command so, with database, key and index in ``tmp_path``; none of them is there yet."""
    config = tmp_path / "config.toml"
    config.write_text(
        f'[registry]\ndatabase = "sqlite:///{tmp_path}/register.db"\nkey_file = "{tmp_path}/registry.key"\n'
        f'index_file = "{tmp_path}/marks.index"\n',
        encoding="utf-8",
    )
    return lambda *arguments, **wishes: command(*arguments, config=config, **wishes)
