"""``markdna identify`` as a process of its own: how it ends, and what is left of a run that was cut short."""

import json
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from time import sleep

ROOT = Path(__file__).parents[3]
DATA = ROOT / "tests/registry/data"
MANIFEST = ("--kits", str(DATA / "kits.csv"), "--suppliers", str(DATA / "suppliers.csv"))
PRIMED = "GTCATGCTAGGACTTCACGAAGACAATTACATAACATACACGTCAGCACGAAACTTGTTGGCCCAGTGTGAATCGCTTAAGGGTCAGTTGACCTAGCATGTCGT"


def fastq(count):
    return "".join(f"@read-{number}\n{PRIMED}\n+\n{'5' * len(PRIMED)}\n" for number in range(count))


def environment():
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("MARKDNA", "LC_", "LANG"))}
    return {**kept, "PYTHONPATH": str(ROOT), "MARKDNA_LANGUAGE": "en", "PYTHONIOENCODING": "utf-8"}


def program(*arguments: object):
    return [sys.executable, "-m", "registry", "identify", *MANIFEST, *map(str, arguments)]


def heed_ctrl_c():
    """What a script starts in the background ignores Ctrl-C, and so does all that it starts; a terminal's does not."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_exit_codes_of_the_real_command(tmp_path):
    def ends(*arguments, said=""):
        done = subprocess.run(
            program(*arguments),
            cwd=tmp_path,
            env=environment(),
            input=said,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in done.stderr
        return done.returncode

    assert ends("ENX?O9494") == 0
    assert ends("QQQQ00000") == 3
    assert ends("--stdin", said="@one\nACGT\n") == 1


def test_a_pipe_that_closes_ends_the_command_quietly(tmp_path):
    file = tmp_path / "reads.fastq"
    file.write_text(fastq(3000), encoding="utf-8")
    command = shlex.join(program("--fastq", file, "--json", "--processes", 2))
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command} | head -n 2"],  # noqa: S607 - the shell that is there
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert len(done.stdout.splitlines()) == 2
    assert done.stderr == ""
    assert done.returncode == 141


def test_ctrl_c_ends_with_whole_lines_and_a_summary(tmp_path):
    out = tmp_path / "answers.jsonl"
    with out.open("wb") as target:
        running = subprocess.Popen(
            program("--stdin", "--json"),
            cwd=tmp_path,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=target,
            stderr=subprocess.PIPE,
            start_new_session=True,
            preexec_fn=heed_ctrl_c,  # noqa: PLW1509 - it takes no lock that a thread could hold
        )
        text = fastq(20).encode()
        running.stdin.write(text)
        running.stdin.flush()
        while not out.stat().st_size and running.poll() is None:
            sleep(0.05)
        # As a terminal does: to the command and to all its processes.
        os.killpg(running.pid, signal.SIGINT)
        running.stdin.close()
        said = running.stderr.read().decode()
        running.stderr.close()
        assert running.wait(timeout=60) == 130
    lines = out.read_text(encoding="utf-8").splitlines()
    assert lines
    assert [json.loads(line)["reading"] for line in lines] == [f"read-{number}" for number in range(len(lines))]
    assert "Interrupted." in said
    assert f"{len(lines)} reads" in said
    assert "Traceback" not in said
