"""The ``[registry]`` section of config.toml."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from labels.config_file import Section, read_section

__all__ = ["RegistrySettings", "read_settings"]


class RegistrySettings(Section):
    """How the registry runs. Secrets never stand here: see ``key_file`` and the operating guide."""

    name: str = Field(default="MarkDNA", min_length=1, max_length=60)
    """The register's name on its pages."""
    authority: str = Field(default="Exempelby kommun", min_length=1, max_length=100)
    """The municipality or authority that answers for the register, as its pages name it."""
    database: str = Field(default="sqlite:///var/markdna.db", pattern=r"^(sqlite:///|postgresql\+psycopg://).+")
    """SQLAlchemy address of the database; a password in it comes from the environment (PGPASSWORD, PGPASSFILE)."""
    key_file: Path = Path("var/registry.key")
    """File with the register's master key, 64 hex digits, mode 0600; the environment variable MARKDNA_KEY wins."""
    index_file: Path = Path("var/marks.index")
    """Search index of this machine, made from the database by itself; on a local disk, never in a backup."""
    host: str = Field(default="127.0.0.1", min_length=1)
    """Address that ``markdna serve`` listens on."""
    port: int = Field(default=8480, ge=1, le=65535)
    """Port that ``markdna serve`` listens on."""
    workers: int = Field(default=2, ge=1, le=64)
    """Processes that answer requests."""
    public_url: str = Field(default="http://127.0.0.1:8480", pattern=r"^https?://[^/\s]+$")
    """Address under which people reach the registry; cookies are marked Secure when it is https."""
    behind_proxies: int = Field(default=0, ge=0, le=5)
    """How many trusted proxies stand before the server, each adding one X-Forwarded-For; 0 ignores the header."""
    smtp_host: str = ""
    """Mail server; empty writes each message to a file in ``mail_directory`` instead."""
    smtp_port: int = Field(default=587, ge=1, le=65535)
    """Port of the mail server."""
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    """How the connection to the mail server is protected; ``none`` only for a server on this machine."""
    smtp_user: str = ""
    """User at the mail server; the password comes from MARKDNA_SMTP_PASSWORD."""
    mail_from: str = Field(default="register@exempelby.example", pattern=r"^[^@\s]+@[^@\s]+$")
    """Sender of the register's messages."""
    mail_directory: Path = Path("var/mail")
    """Where messages are written when no mail server is named."""
    session_idle_minutes: int = Field(default=30, ge=5, le=240)
    """A resident's session ends after so many minutes without a click; staff have half of it."""
    session_hours: int = Field(default=12, ge=1, le=24)
    """A resident's session ends after so many hours at the latest; staff have 8 at the most."""
    offline_list: bool = False
    """Whether stations may fetch the list of stolen marks, by which they answer without a connection."""
    photo_megapixels: int = Field(default=50, ge=1, le=200)
    """Larger photos are refused before they are decoded."""
    upload_megabytes: int = Field(default=15, ge=1, le=200)
    """Larger uploads are refused."""


def read_settings(path: Path | None) -> RegistrySettings:
    """The settings in the file at ``path``, or the defaults if it is None; raises ConfigFileError."""
    return read_section(path, "registry", RegistrySettings)
