"""``markdna demo``: the whole register on this machine, with an invented town and a virtual reader."""

import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

import click
from rich.console import Console

from labels.language import reader_language
from registry import clock
from registry.commands.context import say
from registry.demo import live
from registry.demo.errand import CASE_NUMBER, MANAGER, OFFICER, Errand
from registry.demo.programs import free_port
from registry.demo.register import Register
from registry.demo.town import PASSWORD, RESIDENTS, Town
from registry.language import words

_PORT = 8480


@click.command()
@click.option("--once", is_flag=True, help="Do the whole errand without browser or wait, say what came out, and end.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for stickers and receipt; default: in the demo's own folder.",
)
@click.option("--port", type=click.IntRange(1, 65535), default=_PORT, help="Port of the registry, if it is free.")
def demo(*, once: bool, out: Path | None, port: int) -> None:
    """Run the register with a small invented town, a virtual reader and a station; Ctrl-C ends it.

    With --once nothing is left running: each step prints what came out, and the exit code is 0 only if every step did
    what it says.
    """
    with tempfile.TemporaryDirectory(prefix="markdna-demo-") as name, _ended_by_signal():
        folder = Path(name)
        papers = out or folder
        papers.mkdir(parents=True, exist_ok=True)
        errand = Errand(Register(folder, free_port(port)), Town(clock.now().date()), papers)
        if once:
            _do_once(errand)
            return
        with suppress(KeyboardInterrupt):
            say("Filling the town …")
            with live.running(errand) as programs:
                _invite(errand)
                live.watch(programs)
        say("The demo has ended; nothing of it is left.")


def _do_once(errand: Errand) -> None:
    console = Console(highlight=False, soft_wrap=True)
    translate = words(reader_language()).gettext
    for step in errand.steps():
        came_out = step.do()
        console.print(f"[green]✓[/green] [bold]{translate(step.name)}[/bold]: ", end="")
        console.print(came_out, markup=False)


def _invite(errand: Errand) -> None:
    click.echo()
    say("Open {url} in a browser and sign in, password for all: {password}", url=errand.register.url, password=PASSWORD)
    say("  resident         {email}", email=RESIDENTS[0].email)
    say("  police           {email}   (case {case}: readings arrive by themselves)", email=OFFICER[0], case=CASE_NUMBER)
    say("  municipality     {email}", email=MANAGER[0])
    click.echo()
    say("Mail that the register sends lies in {folder}", folder=errand.register.mail)
    say("Ctrl-C ends the demo and removes its folder.")


@contextmanager
def _ended_by_signal() -> Iterator[None]:
    """SIGTERM ends the demo as Ctrl-C does, so that no program is left running."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
