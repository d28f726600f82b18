"""One section of config.toml, read into a frozen settings object.

It stands in the part that every other part may import, because registry, scanner and labels read the same file.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from labels.errors import ConfigFileError

__all__ = ["SECTIONS", "Section", "config_path", "read_section"]

SECTIONS = ("registry", "scanner", "labels")


class Section(BaseModel):
    """Base of a settings section: frozen, and an unknown key is an error.

    The text below each key says what it means. It is read from the source by ``markdna config reference`` alone, since
    it would take a tenth of the start of every other command.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


SectionType = TypeVar("SectionType", bound=Section)


def config_path(given: Path | None = None, environment: Mapping[str, str] = os.environ) -> Path | None:
    """The file to read: the one given, else ``MARKDNA_CONFIG``, else ``config.toml`` here if it exists."""
    if given is not None:
        return given
    if named := environment.get("MARKDNA_CONFIG"):
        return Path(named)
    here = Path("config.toml")
    return here if here.is_file() else None


def read_section(path: Path | None, section: str, model: type[SectionType]) -> SectionType:
    """The settings of ``[section]`` in the file at ``path``; the defaults if ``path`` is None.

    Raises ConfigFileError for a file that cannot be read or is not TOML, an unknown section or key, or a value
    outside what its field allows.
    """
    if path is None:
        return model()
    content = _content(path)
    for name in content:
        if name not in SECTIONS:
            raise ConfigFileError(
                file=path, section=name, key="-", problem="unknown section", allowed=", ".join(SECTIONS)
            )
    try:
        return model.model_validate(content.get(section, {}))
    except ValidationError as refused:
        raise _explained(path, section, model, refused.errors()[0]) from None


def _content(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as fault:
        problem, allowed = f"cannot be read ({fault.strerror})", "a readable TOML file"
    except (ValueError, RecursionError) as fault:
        # No UTF-8, no TOML, a number of thousands of digits, or brackets nested a thousand deep.
        problem, allowed = f"is not TOML ({fault})", "a TOML file in UTF-8"
    raise ConfigFileError(file=path, section="-", key="-", problem=problem, allowed=allowed)


def _explained(path: Path, section: str, model: type[Section], error: ErrorDetails) -> ConfigFileError:
    key = ".".join(str(part) for part in error["loc"]) or "-"
    if error["type"] == "extra_forbidden":
        problem, allowed = "unknown key", ", ".join(sorted(model.model_fields))
    else:
        problem = f"{error['input']!r} is not allowed"
        allowed = error["msg"][0].lower() + error["msg"][1:]
    return ConfigFileError(file=path, section=section, key=key, problem=problem, allowed=allowed)
