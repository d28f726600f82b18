"""The section [scanner] of config.toml."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from labels.config_file import Section, config_path, read_section

__all__ = ["OfflineList", "ScannerSettings", "scanner_settings"]

OfflineList = Literal["off", "until-power-off", "on-disk"]
"""Whether a station keeps the list of stolen marks, and whether it can be opened after the machine was off."""


class ScannerSettings(Section):
    """How this station reaches its reader, its journal and the registry. Secrets are not among these."""

    port: str = ""
    """Serial port of the reader: a device name or a URL (socket://, rfc2217://, loop://). Empty: give --port."""
    baud_rate: int | None = Field(default=None, ge=50, le=4_000_000)
    """Line speed in bits a second; left out, it is what the driver's readers are delivered with."""
    driver: str = "auto"
    """Driver of the reader as 'markdna readers list' names it, or the path of a profile (.toml); auto finds it."""
    registry_url: str = ""
    """Address of the registry, https:// or, on this machine only, http://. Empty: give --registry."""
    journal: Path = Path("~/.local/state/markdna/journal")
    """Folder of the journal; ~ is the home folder."""
    offline_list: OfflineList = "off"
    """Whether to keep the registry's list of stolen marks for answers without it, and whether it outlives the power."""
    connect_seconds: float = Field(default=3.0, gt=0, le=60)
    """Time allowed for reaching the registry."""
    answer_seconds: float = Field(default=10.0, gt=0, le=120)
    """Time allowed for the registry's answer to one reading."""
    retry_seconds: float = Field(default=15.0, gt=0, le=600)
    """Longest pause between two tries to reach the registry, unless the registry itself asks for a longer one."""
    flush_seconds: float = Field(default=5.0, ge=0, le=60)
    """Time given at the end for delivering what still waits; the rest stays in the journal."""


def scanner_settings(path: Path | None = None) -> ScannerSettings:
    """The settings of the file at ``path`` (see ``labels.config_file.config_path``).

    Raises ConfigFileError when the file cannot be read or a key is wrong.
    """
    return read_section(config_path(path), "scanner", ScannerSettings)
