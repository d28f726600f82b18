"""The station's commands: ``markdna scan`` and ``markdna readers``."""

import contextlib
import json
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any, NoReturn

import click
from rich.console import Console
from rich.table import Table

from scanner import enrolment as enrolments
from scanner.command import explains_errors, until_signalled
from scanner.detection import detect
from scanner.drivers import DRIVERS, driver_named
from scanner.drivers.virtual import PlannedReading, VirtualReader
from scanner.errors import RegistryAddressError
from scanner.journal import Journal, contents
from scanner.kept_list import kept_list
from scanner.language import words
from scanner.profiles.checking import first_difference, hex_lines
from scanner.profiles.profile import load_profile
from scanner.reading import UvFinding
from scanner.registry_client import RegistryClient, station_token, unsigned
from scanner.screen import LastingConsole, TerminalView
from scanner.sealing import SealingKey
from scanner.settings import scanner_settings
from scanner.simulator.damage import Damage, misread
from scanner.simulator.ports import FarEnd, PseudoTerminal, ServerSocket
from scanner.simulator.reads_file import planned_readings, reader_identity
from scanner.simulator.serving import Device, serve
from scanner.simulator.traffic import device
from scanner.starting import first_enrolment, web_view, with_list_key, with_views_before
from scanner.starting import full_screen as full_screen_view
from scanner.station import Delivery, Limits, Station
from scanner.transport import open_line, ports, stable_name
from scanner.wording import is_label

__all__ = ["readers", "scan"]

_EXIT_REFUSED = 1
_EXIT_WAITING = 4


@click.command()
@click.option("--port", help="Serial port of the reader: a device name or a URL (socket://, rfc2217://).")
@click.option("--registry", help="Address of the registry, https:// or, on this machine only, http://.")
@click.option("--case", "case_number", required=True, help="Case number that the readings belong to.")
@click.option("--item", metavar="SEIZURE:NUMBER", help="Put new readings with this seized item, e.g. 2:1.")
@click.option(
    "--driver", help="Driver as 'markdna readers list' names it, or the path of a profile (.toml); auto finds it."
)
@click.option("--baud-rate", type=click.IntRange(50, 4_000_000), help="Line speed in bits a second.")
@click.option("--journal", type=click.Path(path_type=Path), help="Folder of the journal.")
@click.option("--once", "readings", type=click.IntRange(min=1), help="End when so many new readings are answered.")
@click.option("--until-idle", type=click.FloatRange(min=0.1), help="End after so many seconds without a reading.")
@click.option("--full-screen", is_flag=True, help="Use the whole terminal (needs markdna[terminal]).")
@click.option("--web", is_flag=True, help="Show the readings on a page for this machine's browser as well.")
@click.option("--no-wait", is_flag=True, help="End with code 3 when the port cannot be opened at the start.")
@click.option("--config", type=click.Path(path_type=Path), help="Another file than config.toml.")
@explains_errors
def scan(
    *,
    port: str | None,
    registry: str | None,
    case_number: str,
    item: str | None,
    driver: str | None,
    baud_rate: int | None,
    journal: Path | None,
    readings: int | None,
    until_idle: float | None,
    full_screen: bool,
    web: bool,
    no_wait: bool,
    config: Path | None,
) -> None:
    """Read marks with a reader on a serial port and bring the readings to the registry.

    Every reading is on disk, sealed to the registry, before the reader is told that it is safe, and is delivered
    exactly once, now or when the registry is reached again. Enrol the station first ('markdna station enrol'), or give
    a token in MARKDNA_STATION_TOKEN or the file MARKDNA_STATION_TOKEN_FILE names.

    Exit codes: 0 done; 1 refused with an explanation; 2 wrong usage; 3 the port cannot be used; 4 readings still wait
    in the journal.
    """
    settings = scanner_settings(config)
    translate = words()
    if item and not is_label(item):
        raise click.UsageError(translate("Write seizure and number of the item, such as 2:1."))
    port = port or settings.port
    if not port:
        raise click.UsageError(translate("Give --port, or set port under [scanner] in config.toml."))
    folder = journal or settings.journal
    enrolment = enrolments.load(folder)
    address = registry or settings.registry_url or (enrolment.registry if enrolment else "")
    if not address:
        raise RegistryAddressError(address="--registry")
    chosen = driver_named(driver or settings.driver)
    speed = baud_rate or settings.baud_rate or chosen.line.baud_rate
    settings_of_line = replace(chosen.line, baud_rate=speed)
    line = partial(open_line, stable_name(port), settings_of_line)
    token = station_token(enrolled=enrolment.token if enrolment else "")
    client = RegistryClient(
        address,
        token,
        enrolment.sign if enrolment else unsigned,
        connect_seconds=settings.connect_seconds,
        answer_seconds=settings.answer_seconds,
    )
    with contextlib.ExitStack() as held:
        held.enter_context(client)
        if no_wait:
            line().close()
        enrolment = enrolment or first_enrolment(client, folder)
        if settings.offline_list != "off" and not enrolment.list_key:
            enrolment = with_list_key(client, folder, enrolment)
        opened = held.enter_context(contextlib.closing(Journal(folder, SealingKey(enrolment.message_key))))
        view = (
            full_screen_view(translate, opened, lambda: chosen.tally, case_number)
            if full_screen
            else TerminalView(LastingConsole(), translate, opened.counts, lambda: chosen.tally)
        )
        page = web_view(view, translate, opened, lambda: chosen.tally, case_number) if web else None
        if page:
            opening = translate("Open this in a browser on this machine: {address}").format(address=page.address)
            click.echo(opening) if isinstance(view, TerminalView) else view.name_page(opening)
        kept = kept_list(settings.offline_list, folder, enrolment, token)
        told = with_views_before(held, view, page, kept, client)
        station = Station(
            open_line=line,
            driver=chosen,
            journal=opened,
            delivery=Delivery(
                opened, client, told, message_key=enrolment.message_key, retry_seconds=settings.retry_seconds
            ),
            view=told,
            case_number=case_number,
            limits=Limits(readings, until_idle),
            baud_rate=speed,
        )
        station.seized_item = item or ""
        if page:
            page.watch(station)
        if damaged := opened.counts().damaged:
            view.note(translate("{count} damaged records in the journal.").format(count=damaged))
        with until_signalled(station.stop):
            waiting = view.show(station, settings.flush_seconds)
        if waiting:
            click.echo(translate("{count} readings wait in the journal.").format(count=waiting), err=True)
            sys.exit(_EXIT_WAITING)


@click.group()
def readers() -> None:
    """Readers on serial ports: list them, or be a virtual one."""


@readers.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@explains_errors
def list_readers(*, as_json: bool) -> None:
    """Show the serial ports of this machine and the drivers that this station has."""
    found = ports()
    translate = words()
    if as_json:
        content: dict[str, Any] = {
            "ports": [
                {
                    "name": port.name,
                    "device": port.device,
                    "description": port.description,
                    "vendor_id": port.vendor_id,
                    "product_id": port.product_id,
                    "serial_number": port.serial_number,
                }
                for port in found
            ],
            "drivers": [{"name": name, "description": entry.description} for name, entry in DRIVERS.items()],
        }
        click.echo(json.dumps(content, ensure_ascii=False, indent=2))
        return
    console = Console(highlight=False)
    if found:
        table = Table(title=translate("Serial ports"), title_justify="left", box=None, padding=(0, 2, 0, 0))
        for title in ("Port", "USB", "Description"):
            table.add_column(translate(title), overflow="fold")
        for port in found:
            usb = "" if port.vendor_id is None else f"{port.vendor_id:04X}:{port.product_id:04X}"
            table.add_row(port.name, usb, port.description)
        console.print(table)
    else:
        click.echo(translate("No serial port found."))
    console.print()
    table = Table(title=translate("Drivers"), title_justify="left", box=None, padding=(0, 2, 0, 0))
    table.add_column(translate("Driver"))
    table.add_column(translate("For"))
    for name, entry in DRIVERS.items():
        table.add_row(name, translate(entry.description))
    console.print(table)


@readers.command("journal")
@click.option("--journal", type=click.Path(path_type=Path), help="Folder of the journal.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, a record a line.")
@click.option("--config", type=click.Path(path_type=Path), help="Another file than config.toml.")
@explains_errors
def show_journal(*, journal: Path | None, as_json: bool, config: Path | None) -> None:
    """Show what the journal holds: what waits, what was delivered, and what was refused.

    The station cannot open what it has sealed, so a reading is shown by its place: the run of the station and its
    number there. A delivered one also has its number in the registry, a refused one the HTTP status and the field.
    """
    folder = journal or scanner_settings(config).journal
    translate = words()
    for one in contents(folder):
        if as_json:
            content = {"key": one.key, "state": one.settlement or "waiting", **one.detail}
            click.echo(json.dumps(content, ensure_ascii=False))
        else:
            told = " ".join(str(value) for value in one.detail.values() if value)
            click.echo(f"{one.key}  {translate(str(one.settlement or 'waiting'))}  {told}".rstrip())


@readers.command("detect")
@click.option("--port", required=True, help="Serial port of the reader: a device name or a URL.")
@click.option("--seconds", type=click.FloatRange(0.5, 600), default=30.0, help="Give up after so many seconds.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, an attempt a line.")
@explains_errors
def detect_reader(*, port: str, seconds: float, as_json: bool) -> None:
    """Say what reader is on a port and at what speed. Let the reader read something all the while.

    Exit codes: 0 found; 1 not found; 3 the port cannot be used.
    """
    translate = words()
    known = next((one for one in ports() if one.name == stable_name(port)), None)
    if known and known.vendor_id is not None and not as_json:
        click.echo(f"USB {known.vendor_id:04X}:{known.product_id:04X}  {known.description}")
    for attempt in detect(partial(open_line, stable_name(port)), seconds=seconds):
        if as_json:
            click.echo(json.dumps(asdict(attempt), ensure_ascii=False))
        elif attempt.driver:
            template = translate("{baud_rate} bit/s: driver {driver}, {certainty} ({frames} frames)")
            heard = asdict(attempt) | {"certainty": translate(attempt.certainty)}
            click.echo(template.format(**heard))
            if attempt.identity:
                click.echo(" ".join(attempt.identity.as_json().values()))
        else:
            click.echo(f"{attempt.baud_rate} bit/s: {translate(attempt.certainty)}")
    if not attempt.driver:
        sys.exit(_EXIT_REFUSED)


@readers.command("check")
@click.argument("file", type=click.Path(path_type=Path))
@explains_errors
def check(*, file: Path) -> None:
    """Run the examples of a reader profile (TOML) and explain the first difference, byte by byte."""
    translate = words()
    profile = load_profile(file)
    failed = 0
    for number, example in enumerate(profile.example, 1):
        difference = first_difference(profile, example)
        title = translate("Example {number}").format(number=number)
        if difference is None:
            click.echo(f"{title}: {translate('reads')} {example.number}")
            continue
        failed += 1
        click.echo(f"{title}: {translate(difference.template).format(**difference.values)}")
        for line in hex_lines(example.frame, difference.at):
            click.echo(f"    {line}")
    if failed:
        sys.exit(_EXIT_REFUSED)


@readers.command("simulate")
@click.option("--reads", "file", type=click.Path(path_type=Path), help="FASTQ, TOML, JSON or CSV file of readings.")
@click.option("--device", "driver", help="Make up readings of this driver's readers instead of reading a file.")
@click.option("--count", type=click.IntRange(1, 1_000_000), default=100, help="How many readings to make up.")
@click.option("--link", type=click.Path(path_type=Path), help="Link of a fixed name to the pseudo-terminal.")
@click.option("--socket", "address", metavar="HOST:PORT", help="Serve a TCP socket instead of a pseudo-terminal.")
@click.option("--interval", type=click.FloatRange(min=0), default=0.0, help="Seconds from one reading to the next.")
@click.option("--uv", metavar="NM,INTENSITY", help="Put a UV finding before each reading, e.g. 612,734.")
@click.option("--damage", type=click.FloatRange(0, 1), default=0.0, help="Share of sentences damaged on the way.")
@click.option("--seed", type=int, default=0, help="Seed of the damage.")
@click.option("--baud-rate", type=click.IntRange(50, 4_000_000), help="Be misread at any other speed than this.")
@click.option("--loop", is_flag=True, help="Begin again after the last reading, with new reading ids.")
@click.option("--exit-when-done", is_flag=True, help="End when all readings have been acknowledged.")
@explains_errors
def simulate(
    *,
    file: Path | None,
    driver: str | None,
    count: int,
    link: Path | None,
    address: str | None,
    interval: float,
    uv: str | None,
    damage: float,
    seed: int,
    baud_rate: int | None,
    loop: bool,
    exit_when_done: bool,
) -> None:
    """Be a virtual reader on a pseudo-terminal whose name is printed first.

    With --reads it is a UV/DNA reader that reads what the file says, with --device any kind of reader with made-up
    numbers.
    """
    translate = words()
    if (file is None) == (driver is None):
        raise click.UsageError(translate("Give --reads or --device."))
    reader: Device
    if file is not None:
        readings = planned_readings(file, _uv_finding(uv))
        count = len(readings)
        reader = VirtualReader(reader_identity(file), _over_and_over(readings) if loop else readings, interval)
    else:
        reader = device(driver or "", count, interval, seed)
    far_end: FarEnd = ServerSocket(address) if address else PseudoTerminal(link)
    stop = threading.Event()
    with contextlib.closing(far_end), until_signalled(stop.set):
        click.echo(far_end.name)
        click.echo(translate("Virtual reader with {count} readings. Ctrl-C ends it.").format(count=count), err=True)
        spoil: Callable[[bytes], bytes] = Damage(damage, seed)
        if baud_rate and isinstance(far_end, PseudoTerminal):
            spoil = _at_speed(far_end, baud_rate, spoil)
        serve(far_end, reader, stop=stop, damage=spoil, exit_when_done=exit_when_done)
    if not isinstance(reader, VirtualReader):
        return
    summary = translate("{acknowledged} readings acknowledged, {repeated} sent again.")
    click.echo(summary.format(acknowledged=reader.acknowledged, repeated=reader.repeated), err=True)


def _at_speed(line: PseudoTerminal, baud_rate: int, spoil: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """``spoil``, and what becomes of a frame when the station has set the line to another speed."""

    def arrives(frame: bytes) -> bytes:
        speed = line.speed()
        return spoil(frame) if speed == baud_rate else misread(spoil(frame), baud_rate, speed)

    return arrives


def _uv_finding(text: str | None) -> UvFinding | None:
    if text is None:
        return None
    peak, _, intensity = text.partition(",")
    if not (peak.isdecimal() and intensity.isdecimal() and int(peak) <= 2000 and int(intensity) <= 1000):
        _refuse_uv()
    return UvFinding(glow=True, peak_nm=int(peak), intensity=int(intensity))


def _refuse_uv() -> NoReturn:
    raise click.BadParameter(words()("Give peak emission (0-2000 nm) and intensity (0-1000), e.g. 612,734."))


def _over_and_over(readings: list[PlannedReading]) -> Iterator[PlannedReading]:
    """The readings for ever. From the second round on the ids are new: it is a new look at the same thing."""
    for number, reading in enumerate(cycle(readings)):
        turn = number // len(readings) + 1
        yield reading if turn == 1 else PlannedReading(f"{reading.reading_id}/{turn}", reading.observations)
