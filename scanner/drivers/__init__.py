"""The one table of drivers. A family of readers is a file here; a reader without a rule of its own, a profile."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from scanner.contract import Driver
from scanner.drivers.auto import AutoDriver
from scanner.drivers.barcode import BarcodeDriver
from scanner.drivers.mdr import MdrDriver
from scanner.errors import UnknownDriverError

__all__ = ["DRIVERS", "DriverEntry", "driver_named"]


@dataclass(frozen=True, slots=True)
class DriverEntry:
    """One row of the table: how to make the driver, and what it is for (an English message id)."""

    make: Callable[[], Driver]
    description: str


def _automatic() -> Driver:
    return AutoDriver([MdrDriver(), BarcodeDriver()])


DRIVERS: Mapping[str, DriverEntry] = {
    "auto": DriverEntry(_automatic, "Finds the driver from what the reader sends"),
    "mdr": DriverEntry(MdrDriver, "UV/DNA readers that speak MDR"),
    "barcode": DriverEntry(BarcodeDriver, "1D/2D scanners for stickers"),
}


def driver_named(name: str) -> Driver:
    """A new driver of that name. Raises UnknownDriverError."""
    try:
        return DRIVERS[name].make()
    except KeyError:
        raise UnknownDriverError(driver=name, allowed=", ".join(DRIVERS)) from None
