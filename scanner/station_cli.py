"""``markdna station``: make this machine a station, and say how it stands."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from scanner import enrolment as enrolments
from scanner.command import explains_errors
from scanner.enrolment import Enrolment
from scanner.errors import ForeignKeyError, PortError, RegistryAddressError, TokenMissingError
from scanner.journal import contents, running
from scanner.language import words
from scanner.registry_client import Known, RegistryClient, Withheld, station_token
from scanner.settings import ScannerSettings, scanner_settings
from scanner.station import RegistryState
from scanner.transport import LineSettings, open_line, stable_name

__all__ = ["station"]


@click.group()
def station() -> None:
    """Make this machine a station, and see how it stands."""


@station.command("enrol")
@click.option("--registry", help="Address of the registry, https:// or, on this machine only, http://.")
@click.option("--code", help="The code from the administrator; left out, it is asked for.")
@click.option("--journal", type=click.Path(path_type=Path), help="Folder of the journal.")
@click.option("--config", type=click.Path(path_type=Path), help="Another file than config.toml.")
@explains_errors
def enrol(*, registry: str | None, code: str | None, journal: Path | None, config: Path | None) -> None:
    """Make this machine a station with the code that an administrator gave (Administration, Stations).

    The machine makes a key of its own; what it sends is signed with it. Readings that still wait are kept.
    """
    settings = scanner_settings(config)
    translate = words()
    folder = journal or settings.journal
    earlier = enrolments.load(folder)
    address = registry or settings.registry_url or (earlier.registry if earlier else "")
    if not address:
        raise RegistryAddressError(address="--registry")
    code = code or click.prompt(translate("Code from the administrator"))
    key = Ed25519PrivateKey.generate()
    with RegistryClient(address) as client:
        known = client.enrol(code, key.public_key().public_bytes_raw())
        if earlier and earlier.message_key != known.message_key and any(not one.settlement for one in contents(folder)):
            raise ForeignKeyError(registry=client.address)
        enrolments.save(
            folder,
            Enrolment(
                client.address,
                known.name,
                known.organisation,
                known.message_key,
                known.token,
                key.private_bytes_raw(),
            ),
        )
    said = translate("This machine is now the station {name} of {organisation}.")
    click.echo(said.format(name=known.name, organisation=known.organisation))


@station.command("status")
@click.option("--port", help="Serial port of the reader, if not that of config.toml.")
@click.option("--journal", type=click.Path(path_type=Path), help="Folder of the journal.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--config", type=click.Path(path_type=Path), help="Another file than config.toml.")
@explains_errors
def status(*, port: str | None, journal: Path | None, as_json: bool, config: Path | None) -> None:
    """Say what waits, whether the reader is there, and whether the registry is reached and knows this station.

    May be called while the station runs; it changes nothing.
    """
    settings = scanner_settings(config)
    folder = journal or settings.journal
    enrolment = enrolments.load(folder)
    process = running(folder)
    tally = Counter(str(one.settlement or "waiting") for one in contents(folder))
    registry, detail = _registry(settings, enrolment)
    reader, reader_detail = _reader(port or settings.port, process)
    content: dict[str, Any] = {
        "station": enrolment.name if enrolment else None,
        "organisation": enrolment.organisation if enrolment else None,
        "signs": bool(enrolment and enrolment.signing_key),
        "running": process,
        "waiting": tally["waiting"],
        "accepted": tally["accepted"],
        "refused": tally["refused"],
        "registry": registry,
        "registry_detail": detail,
        "reader": reader,
        "reader_detail": reader_detail,
    }
    if as_json:
        click.echo(json.dumps(content, ensure_ascii=False))
        return
    for line in _lines(content):
        click.echo(line)


def _lines(content: dict[str, Any]) -> list[str]:
    translate = words()
    counts = translate("{waiting} waiting, {accepted} delivered, {refused} refused").format(**content)
    name = (
        f"{content['station']}, {content['organisation']}"
        if content["station"]
        else translate("not enrolled: 'markdna station enrol'")
    )
    process = (
        translate("running (process {number})").format(number=content["running"])
        if content["running"]
        else translate("not running")
    )
    return [
        f"{translate('Station')}: {name}",
        f"{translate('Program')}: {process}",
        f"{translate('Journal')}: {counts}",
        f"{translate('Registry')}: {translate(content['registry'])} ({translate(content['registry_detail'])})",
        f"{translate('Reader')}: {translate(content['reader'])}"
        + (f" ({content['reader_detail']})" if content["reader_detail"] else ""),
    ]


def _registry(settings: ScannerSettings, enrolment: Enrolment | None) -> tuple[str, str]:
    address = settings.registry_url or (enrolment.registry if enrolment else "")
    try:
        token = station_token(enrolled=enrolment.token if enrolment else "")
        with RegistryClient(address, token, connect_seconds=settings.connect_seconds) as client:
            found = client.check()
    except (RegistryAddressError, TokenMissingError) as error:
        return str(RegistryState.UNKNOWN), error.explain(words())
    if isinstance(found, Known):
        foreign = enrolment is not None and enrolment.message_key != found.message_key
        return str(RegistryState.FOREIGN if foreign else RegistryState.REACHED), address
    if isinstance(found, Withheld):
        return str(RegistryState.WITHHELD), found.reason
    return str(RegistryState.UNREACHABLE), found.problem


def _reader(port: str, process: str | None) -> tuple[str, str]:
    """Whether the reader's port can be opened; a station that runs has it open itself."""
    if not port:
        return "no port is set", ""
    if process:
        return "in use by the station", port
    try:
        open_line(stable_name(port), LineSettings()).close()
    except PortError as error:
        return "no reader", error.explain(words())
    return "connected", port
