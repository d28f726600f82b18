"""The one table of drivers. A family of readers is a file here; a reader without a rule of its own, a profile."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from scanner.contract import Driver
from scanner.drivers.auto import AutoDriver
from scanner.drivers.barcode import BarcodeDriver
from scanner.drivers.fastq import FastqDriver
from scanner.drivers.mdr import MdrDriver
from scanner.drivers.profiled import ProfiledDriver
from scanner.errors import UnknownDriverError
from scanner.profiles.profile import load_profile, shipped_profiles

__all__ = ["DRIVERS", "DriverEntry", "driver_named"]

_PROFILES = shipped_profiles()


@dataclass(frozen=True, slots=True)
class DriverEntry:
    """One row of the table: how to make the driver, and what it is for (an English message id)."""

    make: Callable[[], Driver]
    description: str


def _automatic() -> Driver:
    profiled = [ProfiledDriver(profile) for profile in _PROFILES if profile.recognisable]
    return AutoDriver([MdrDriver(), *profiled, FastqDriver(), BarcodeDriver()])


DRIVERS: Mapping[str, DriverEntry] = {
    "auto": DriverEntry(_automatic, "Finds the driver from what the reader sends"),
    "mdr": DriverEntry(MdrDriver, "UV/DNA readers that speak MDR"),
    "barcode": DriverEntry(BarcodeDriver, "1D/2D scanners for stickers"),
    "fastq": DriverEntry(FastqDriver, "Base-called reads as FASTQ"),
    **{profile.name: DriverEntry(partial(ProfiledDriver, profile), profile.description) for profile in _PROFILES},
}


def driver_named(name: str) -> Driver:
    """A new driver of that name, or of the profile at that path (``.toml``).

    Raises UnknownDriverError or BadProfileError.
    """
    if name.endswith(".toml"):
        return ProfiledDriver(load_profile(Path(name)))
    try:
        return DRIVERS[name].make()
    except KeyError:
        raise UnknownDriverError(driver=name, allowed=", ".join(DRIVERS)) from None
