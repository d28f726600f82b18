"""Printing through a queue of the print server CUPS, by the queue's name.

The commands of CUPS are used (lp, lpstat: Debian package cups-client) rather than a library, so that printing needs
nothing but what a machine with printers has. They find the print server as always: ``CUPS_SERVER``, client.conf, else
this machine's own.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

from labels.errors import PrinterError
from labels.printers.delivery import PATIENCE

__all__ = ["paper_name", "send_to_queue"]

_ISO: Final = {(297, 420): "a3", (210, 297): "a4", (148, 210): "a5", (105, 148): "a6"}
"""ISO 216 sizes, which printers know by name."""


def paper_name(page: tuple[float, float]) -> str:
    """What a page of this width and height in millimetres is called by PWG 5101.1 (Media Standardized Names)."""
    across, down = page
    name = _ISO.get((round(across), round(down)))
    return f"iso_{name}_{across:g}x{down:g}mm" if name else f"custom_label_{across:g}x{down:g}mm"


def _queue_names(where: str) -> list[str]:
    """The queues of the print server, those of the network included.

    Raises PrinterError about ``where`` if no print server answers.
    """
    if "scheduler is running" not in _told(where, "lpstat", "-r"):
        raise PrinterError(where=where, reason="no print server (CUPS) answers at {server}.", server=_server())
    return _told(where, "lpstat", "-e").split()


def _ready_queue(name: str) -> str:
    """The name of the queue as the print server writes it, if it prints now.

    A job in a stopped queue would come out on whatever paper lies there when somebody starts it again, so it is
    refused here. Raises PrinterError for a queue that is not there (naming those that are), is stopped or takes no
    jobs, and when no print server answers.
    """
    known = _queue_names(name)
    queue = next((one for one in known if one.casefold() == name.casefold()), None)
    if queue is None:
        names = ", ".join(known) or "-"
        raise PrinterError(where=name, reason="the print server has no such queue. Its queues: {names}.", names=names)
    # A queue of the network that was never used is not listed here; it has no state yet.
    state = _told(name, "lpstat", "-p", queue, "-a", queue, check=False)
    if re.search(r"not accepting requests since", state):
        raise PrinterError(
            where=queue,
            reason="its queue takes no jobs ({fault}). To open it: cupsaccept {queue}",
            fault=_why(state, "not accepting"),
            queue=queue,
        )
    if re.search(r"^printer \S+ disabled since", state, re.MULTILINE):
        raise PrinterError(
            where=queue,
            reason="its queue is stopped ({fault}). To start it: cupsenable {queue}",
            fault=_why(state, "disabled"),
            queue=queue,
        )
    return queue


def send_to_queue(name: str, file: Path, *, page: tuple[float, float] | None = None, title: str = "markdna") -> str:
    """Hand ``file`` to the queue called ``name`` and give the name of the job, such as ``Kontor-17``.

    A PDF comes with the size of its ``page`` in millimetres and is printed once, on one side, unscaled, whatever the
    queue does by habit. Without ``page`` the bytes go as they are, for label printers. Raises PrinterError for a queue
    that is not there (naming those that are), is stopped or takes no jobs, when no print server answers, and if the job
    is refused.
    """
    queue = _ready_queue(name)
    options = ["raw"]
    if page is not None:
        options = ["print-scaling=none", "sides=one-sided", "number-up=1", f"media={paper_name(page)}"]
    chosen = [part for option in options for part in ("-o", option)]
    answer = _told(queue, "lp", "-d", queue, "-n", "1", "-t", title, *chosen, "--", str(file))
    found = re.search(r"request id is (\S+)", answer)
    return found.group(1) if found else queue


def _told(where: str, command: str, *arguments: str, check: bool = True) -> str:
    """What a command of CUPS answers, in the language that its answers are looked through in."""
    program = shutil.which(command)
    if program is None:
        raise PrinterError(
            where=where, reason="the command {command} of the print system CUPS is not installed.", command=command
        )
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program, a list of arguments, no shell
            [program, *arguments],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=PATIENCE,
            check=False,
            env={**os.environ, "LC_ALL": "C"},
        )
    except subprocess.TimeoutExpired:
        raise PrinterError(
            where=where, reason="the print server did not answer within {seconds} seconds.", seconds=round(PATIENCE)
        ) from None
    if done.returncode and check:
        raise PrinterError(where=where, reason="the print server refuses: {fault}", fault=done.stderr.strip()[:200])
    return done.stdout


def _why(state: str, word: str) -> str:
    """The reason that stands under the line with ``word``: what whoever stopped it wrote, or the printer said."""
    lines = state.splitlines()
    place = next(place for place, line in enumerate(lines) if word in line)
    reason = lines[place + 1].strip() if lines[place + 1 : place + 2] else ""
    return reason or "-"


def _server() -> str:
    return os.environ.get("CUPS_SERVER") or "localhost"
