"""What commands that write labels share: positions of a sheet as they are typed, a file that is whole or not there."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import click

__all__ = ["Positions", "replaced_when_done"]


class Positions(click.ParamType[frozenset[int]]):
    """Positions on a sheet: ``1,2,5-7``."""

    name = "positions"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> frozenset[int]:
        """The set of positions that ``value`` spells."""
        if isinstance(value, frozenset):
            return value
        found: set[int] = set()
        for part in str(value).split(","):
            first, _, last = part.strip().partition("-")
            if not first.isdecimal() or (last and not last.isdecimal()):
                self.fail(
                    f"{part.strip()!r} is not a position. Allowed: numbers and ranges such as 1,2,5-7.", param, ctx
                )
            if int(last or first) > 10_000:
                self.fail(f"{part.strip()!r} is more than a sheet has.", param, ctx)
            found.update(range(int(first), int(last or first) + 1))
        return frozenset(found)


@contextmanager
def replaced_when_done(path: Path) -> Iterator[IO[bytes]]:
    """A binary file that takes the place of ``path`` only if all went well, so that no half sheet is left behind.

    Raises ClickException, which names ``path``, if it cannot be begun, written or put there.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as fault:
        raise click.ClickException(f"{path}: {fault.strerror}.") from None
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as fault:
        # A full disk names no file; a fault that names another one is not of this writing.
        if fault.filename not in {None, name}:
            raise
        raise click.ClickException(f"{path}: {fault.strerror}.") from None
    finally:
        temporary.unlink(missing_ok=True)
