"""The command as an operator meets it: exit codes, and errors that name file, key and what is allowed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from registry.cli import main


def run(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("MARKDNA", "LC_", "LANG"))}
    return subprocess.run(
        [sys.executable, "-m", "registry", *words],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(Path(__file__).parents[2]), **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=180,
        check=False,
    )


@pytest.fixture
def called(tmp_path, monkeypatch, capsys):
    """``called(words)``: the same command in this process, where a start costs nothing: its exit code and output."""

    def called(*words: str, **environment: str) -> tuple[int, str, str]:
        with monkeypatch.context() as place:
            place.chdir(tmp_path)
            place.setattr(sys, "argv", ["markdna", *words])
            for name in [name for name in os.environ if name.startswith(("MARKDNA", "LC_", "LANG"))]:
                place.delenv(name)
            for name, value in environment.items():
                place.setenv(name, value)
            with pytest.raises(SystemExit) as end:
                main()
        return int(end.value.code or 0), *capsys.readouterr()

    return called


def flat(text: str) -> str:
    """The text without the breaks of the terminal's width."""
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[registry]\nprot = 1", ("[registry] prot", "unknown key", "port")),
        ("[registry]\nport = 0", ("[registry] port", "0 is not allowed", "greater than or equal to 1")),
        ("[registri]\nport = 1", ("registri", "unknown section", "registry, scanner, labels")),
        ("[registry", ("is not TOML", "a TOML file in UTF-8")),
    ],
)
def test_a_wrong_setting_is_named_with_file_key_and_what_is_allowed(tmp_path, content, said):
    file = tmp_path / "config.toml"
    file.write_text(content, encoding="utf-8")
    answer = run(tmp_path, "config", "check", COLUMNS="300")
    assert answer.returncode == 1
    assert answer.stdout == ""
    assert [word for word in ("config.toml", *said) if word not in flat(answer.stderr)] == []
    assert "Traceback" not in answer.stderr


def test_the_way_from_nothing_to_a_register(tmp_path, called):
    """Every step says what is missing, and leaves no half-made file behind."""
    missing = run(tmp_path, "audit", "verify")
    assert missing.returncode == 1
    assert "markdna db create" in flat(missing.stderr)
    assert list(tmp_path.iterdir()) == []
    assert run(tmp_path, "db", "create").returncode == 0
    assert called("db", "create")[0] == 0
    key = tmp_path / "var" / "registry.key"
    assert key.stat().st_mode & 0o777 == 0o600
    whole, _, complaint = called("audit", "verify")
    assert (whole, complaint) == (0, "")
    account = ("accounts", "create", "--email", "lo@polisen.example", "--name", "Lo", "--role", "officer")
    alone, _, complaint = called(*account, MARKDNA_PASSWORD="vinter i Exempelby")
    assert alone == 1
    assert "police" in flat(complaint)
    made, *_ = called(*account, "--organisation", "Polisen Exempelby", MARKDNA_PASSWORD="vinter i Exempelby")
    assert made == 0
    assert called("accounts", "disable", "--email", "lo@polisen.example")[0] == 0
    head = run(tmp_path, "audit", "verify").stdout.split()[-1]
    assert called("audit", "show")[0] == 0
    assert called("audit", "verify", "--expect-head", head)[0] == 0
    assert called("audit", "verify", "--expect-head", "0" * 64)[0] == 1


def test_an_unknown_command_or_option_ends_with_two(tmp_path):
    assert run(tmp_path, "servera").returncode == 2
    assert run(tmp_path, "serve", "--prot", "1").returncode == 2


def test_errors_are_swedish_where_the_terminal_is(tmp_path):
    (tmp_path / "config.toml").write_text("[registry]\nprot = 1", encoding="utf-8")
    swedish = run(tmp_path, "config", "check", LANG="sv_SE.UTF-8", COLUMNS="300")
    english = run(tmp_path, "config", "check", LANG="C.UTF-8", COLUMNS="300")
    assert "Tillåtet" in flat(swedish.stderr)
    assert "Allowed" in flat(english.stderr)
