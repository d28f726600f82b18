"""What a service may reach besides its arguments: the keyring and the settings bound to the session."""

from typing import cast

from sqlalchemy.orm import Session

from registry.database import Database
from registry.keyring import Keyring, read_keyring
from registry.settings import RegistrySettings

__all__ = ["keyring_of", "open_database", "settings_of"]


def open_database(settings: RegistrySettings, keyring: Keyring | None = None) -> Database:
    """The register's database with all that services expect of a session."""
    held = keyring or read_keyring(settings.key_file)
    return Database(settings.database, {"keyring": held, "settings": settings})


def keyring_of(session: Session) -> Keyring:
    """The keys this session seals and opens with."""
    return cast("Keyring", session.info["keyring"])


def settings_of(session: Session) -> RegistrySettings:
    """The settings this session's program runs with."""
    return cast("RegistrySettings", session.info["settings"])
