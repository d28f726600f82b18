"""The first label of a cold process: what a person waits for who prints one sticker.

Timed is the CPU, user and system, that the kernel counts for the whole process from its start to its end (wait4): the
interpreter, every import, the fonts, the label and the writing of the PDF. The modules are compiled to bytecode as
``pip install`` leaves them, which one untimed run before sees to, and the files lie in the system's cache.
"""

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.report import Claim

__all__ = ["first_label"]

LIMIT: Final = 0.25
"""Seconds of CPU within which a person takes the answer for immediate."""

NUMBER: Final = "4K7Q-2M9X-W3PZ-D7N"

FUNCTION: Final = f"""
import sys
from labels.designs import design_named
from labels.pdf import LabelContent, write_sheets
from labels.stock import stock_named

with open(sys.argv[1], "wb") as stream:
    write_sheets(
        stream,
        [LabelContent(url="HTTPS://DNA.KOMMUN.EXAMPLE/S/{NUMBER.replace("-", "")}", number="{NUMBER}")],
        stock=stock_named("L7160"),
        design=design_named("warning-sticker"),
    )
"""

COMMAND: Final = "import sys; from registry.cli import main; sys.exit(main())"


def first_label(rounds: int) -> list[Claim]:
    """Both ways to a first label, each the best of ``rounds`` fresh processes."""
    with TemporaryDirectory() as folder:
        out = Path(folder) / "first.pdf"
        ways = {
            "first label of a cold process, Python function": ["-c", FUNCTION, str(out)],
            "first label of a cold process, markdna labels sheet": [
                "-c", COMMAND, "labels", "sheet", NUMBER, "--out", str(out),
            ],
        }  # fmt: skip
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        environment |= {"PYTHONPYCACHEPREFIX": f"{folder}/bytecode", "PYTHONPATH": str(Path(__file__).parent.parent)}
        claims = []
        for name, arguments in ways.items():
            cold = _cpu_of(arguments, environment)
            made = out.read_bytes()
            spent = min(_cpu_of(arguments, environment) for _ in range(rounds))
            out.unlink()
            detail = (
                f"user + system of the whole process, best of {rounds}, bytecode compiled; {len(made)} bytes; "
                f"{cold:.2f} s when Python must compile every module first"
            )
            claims.append(Claim(name, spent, "s", f"≤ {LIMIT}", spent <= LIMIT, detail))
        return claims


def _cpu_of(arguments: list[str], environment: dict[str, str]) -> float:
    sink = os.open(os.devnull, os.O_WRONLY)
    child = os.posix_spawn(
        sys.executable, [sys.executable, *arguments], environment, file_actions=[(os.POSIX_SPAWN_DUP2, sink, 1)]
    )
    _, status, used = os.wait4(child, 0)
    os.close(sink)
    if status:
        msg = f"{arguments} ended with status {status}"
        raise RuntimeError(msg)
    return used.ru_utime + used.ru_stime
