"""What printing remembers from one run to the next: corrections by printer, used places by package of sheets.

It is one small JSON file (``state_file`` in ``[labels]``), replaced as a whole so that a crash leaves the old one.
"""

import json
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from labels.errors import ContentError
from labels.settings import Calibration

__all__ = ["Package", "Remembered"]


class Package(BaseModel):
    """An opened package of label sheets: its stock and the places that are used on the sheet begun last."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    stock: str
    used: tuple[int, ...] = ()


class _State(BaseModel):
    model_config = ConfigDict(extra="forbid", defer_build=True)

    calibrations: dict[str, Calibration] = {}
    packages: dict[str, Package] = {}


@dataclass
class Remembered:
    """The memory in ``file``; a file that is not there is an empty memory.

    Raises ContentError for a file that was damaged.
    """

    file: Path
    _state: _State = field(init=False)

    def __post_init__(self) -> None:
        try:
            self._state = _State.model_validate_json(self.file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            # Nothing is to be checked in an empty memory, so the checks need not be made ready.
            self._state = _State.model_construct()
        except (OSError, UnicodeDecodeError, ValidationError) as fault:
            raise ContentError(
                where=str(self.file),
                reason="what printing remembers cannot be read ({fault}); delete the file to begin anew.",
                fault=str(fault).splitlines()[0],
            ) from None

    def calibration(self, printer: str) -> Calibration | None:
        """The saved correction of ``printer``."""
        return self._state.calibrations.get(printer)

    def calibrate(self, printer: str, calibration: Calibration) -> None:
        """Save the correction of ``printer``."""
        self._state.calibrations[printer] = calibration
        self._save()

    def package(self, name: str) -> Package | None:
        """The package called ``name``."""
        return self._state.packages.get(name)

    def use(self, name: str, stock: str, used: Iterable[int], positions: int) -> None:
        """Save that these places of the sheet begun last are used; a full sheet means the next one is new."""
        places = tuple(sorted(set(used)))
        self._state.packages[name] = Package(stock=stock, used=() if len(places) >= positions else places)
        self._save()

    def _save(self) -> None:
        written = json.dumps(self._state.model_dump(mode="json"), indent=1, ensure_ascii=False, sort_keys=True)
        handle, name = tempfile.mkstemp(dir=self.file.parent, prefix=f".{self.file.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(written + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(self.file)
