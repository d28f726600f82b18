"""``markdna station``: make this machine a station, and say how it stands."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from scanner import enrolment as enrolments
from scanner.command import explains_errors
from scanner.enrolment import Enrolment
from scanner.errors import ForeignKeyError, PortError, RegistryAddressError, TokenMissingError
from scanner.journal import counted, running
from scanner.kept_list import kept_list
from scanner.language import words
from scanner.registry_client import Known, RegistryClient, Withheld, station_token
from scanner.settings import ScannerSettings, scanner_settings
from scanner.station import RegistryState
from scanner.stolen_list import ListStanding, ListState
from scanner.transport import LineSettings, open_line, stable_name
from scanner.wording import list_line

__all__ = ["station"]

_EXIT_ATTENTION = 4
_NO_READER = "no reader"


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
        if earlier and earlier.message_key != known.message_key and counted(folder).waiting:
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
                known.list_key,
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

    Exit codes: 0 all is well; 1 refused with an explanation; 4 something waits for attention: readings in the journal,
    a registry that is not reached or does not know the station, a reader that is not there, a list that cannot be used.
    """
    settings = scanner_settings(config)
    folder = journal or settings.journal
    enrolment = enrolments.load(folder)
    process = running(folder)
    counts = counted(folder)
    registry, detail = _registry(settings, enrolment)
    reader, reader_detail = _reader(port or settings.port, process)
    standing = _list_standing(settings, folder, enrolment)
    content: dict[str, Any] = {
        "station": enrolment.name if enrolment else None,
        "organisation": enrolment.organisation if enrolment else None,
        "signs": bool(enrolment and enrolment.signing_key),
        "running": process,
        "waiting": counts.waiting,
        "accepted": counts.accepted,
        "refused": counts.refused,
        "registry": registry,
        "registry_detail": detail,
        "reader": reader,
        "reader_detail": reader_detail,
        "offline_list": _list_content(standing),
    }
    content["attention"] = _attention(content, standing)
    if as_json:
        click.echo(json.dumps(content, ensure_ascii=False))
    else:
        for line in _lines(content, standing):
            click.echo(line)
    if content["attention"]:
        sys.exit(_EXIT_ATTENTION)


def _attention(content: dict[str, Any], standing: ListStanding | None) -> list[str]:
    """What waits for somebody, by the name of its line; a reading that was refused was told when it happened."""
    waits = {
        "station": content["station"] is None,
        "journal": content["waiting"] > 0,
        "registry": content["registry"] != RegistryState.REACHED,
        "reader": content["reader"] == _NO_READER,
        "offline_list": standing is not None and standing.state is not ListState.VALID,
    }
    return [name for name, needed in waits.items() if needed]


def _list_standing(settings: ScannerSettings, folder: Path, enrolment: Enrolment | None) -> ListStanding | None:
    """How the kept list stands; None when the settings ask for none."""
    if settings.offline_list == "off":
        return None
    if enrolment is None:
        return ListStanding(ListState.ABSENT)
    try:
        token = station_token(enrolled=enrolment.token)
    except TokenMissingError:
        return ListStanding(ListState.ABSENT)
    kept = kept_list(settings.offline_list, folder, enrolment, token, only_looks=True)
    return kept.standing() if kept else None


def _list_content(standing: ListStanding | None) -> dict[str, Any] | None:
    if standing is None:
        return None
    issued, expires = standing.issued_at, standing.expires_at
    return {
        "state": standing.state,
        "marks": standing.marks,
        "issued_at": issued.isoformat() if issued else None,
        "age_seconds": int((datetime.now(UTC) - issued).total_seconds()) if issued else None,
        "expires_at": expires.isoformat() if expires else None,
    }


def _lines(content: dict[str, Any], standing: ListStanding | None) -> list[str]:
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
    lines = [
        f"{translate('Station')}: {name}",
        f"{translate('Program')}: {process}",
        f"{translate('Journal')}: {counts}",
        f"{translate('Registry')}: {translate(content['registry'])} ({translate(content['registry_detail'])})",
        f"{translate('Reader')}: {translate(content['reader'])}"
        + (f" ({content['reader_detail']})" if content["reader_detail"] else ""),
    ]
    if standing is not None:
        age = translate("{minutes} min old").format(minutes=(content["offline_list"]["age_seconds"] or 0) // 60)
        shown = list_line(translate, standing) + (f", {age}" if standing.issued_at else "")
        lines.append(f"{translate('Offline list')}: {shown}")
    return lines


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
        return _NO_READER, error.explain(words())
    return "connected", port
