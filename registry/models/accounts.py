"""Who may sign in: accounts, organisations, memberships, sessions, stations, and what slows guessing."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from registry.models.base import Base, BigKey, words_of

__all__ = [
    "AccessScope",
    "AccessToken",
    "Account",
    "AccountToken",
    "DataKey",
    "Membership",
    "Organisation",
    "OrganisationKind",
    "Role",
    "SignInSession",
    "Station",
    "StationSegment",
    "Throttle",
    "TokenPurpose",
]


class OrganisationKind(StrEnum):
    """What an organisation is to the register."""

    MUNICIPALITY = "municipality"
    POLICE = "police"
    SUPPLIER = "supplier"


class Role(StrEnum):
    """What an account is to the register; the permission table in registry.access says what each may do."""

    RESIDENT = "resident"
    OFFICER = "officer"
    ASSET_MANAGER = "asset_manager"
    COORDINATOR = "coordinator"
    SUPPLIER = "supplier"
    ADMINISTRATOR = "administrator"


class TokenPurpose(StrEnum):
    """What a mailed token is for."""

    CONFIRM_EMAIL = "confirm_email"


class AccessScope(StrEnum):
    """What a program may do with an access token, within what its holder may."""

    LABELS = "labels"


class DataKey(Base):
    """An owner's or account's data key, wrapped; destroying it makes all that it sealed unreadable."""

    __tablename__ = "data_key"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary(64))
    created_at: Mapped[datetime]
    destroyed_at: Mapped[datetime | None]


class Organisation(Base):
    """A municipality, police authority or supplier; a tenant of the register."""

    __tablename__ = "organisation"
    __table_args__ = (UniqueConstraint("name"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[OrganisationKind] = mapped_column(words_of(OrganisationKind, "kind"))
    phone: Mapped[str] = mapped_column(String(40), default="")
    email: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]


class Account(Base):
    """A person who signs in. The address is sealed; ``email_index`` finds it."""

    __tablename__ = "account"
    __table_args__ = (UniqueConstraint("email_index"), UniqueConstraint("uid"))

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    uid: Mapped[str] = mapped_column(String(32))
    data_key_id: Mapped[int] = mapped_column(ForeignKey("data_key.id"))
    email_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    email_index: Mapped[bytes] = mapped_column(LargeBinary(32))
    name_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    password_hash: Mapped[str] = mapped_column(String(200))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("owner.id"))
    language: Mapped[str] = mapped_column(String(2), default="sv")
    created_at: Mapped[datetime]
    email_confirmed_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]


class Membership(Base):
    """A role of an account, in an organisation where the role has one."""

    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint("account_id", "role", "organisation_id"),
        # NULL is unequal to NULL, so the roles without an organisation need an index of their own.
        Index(
            "uq_membership_account_id_role_alone",
            "account_id",
            "role",
            unique=True,
            sqlite_where=text("organisation_id IS NULL"),
            postgresql_where=text("organisation_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    role: Mapped[Role] = mapped_column(words_of(Role, "role"))
    created_at: Mapped[datetime]


class SignInSession(Base):
    """A signed-in browser. The cookie holds a random token, this row its SHA-256."""

    __tablename__ = "sign_in_session"
    __table_args__ = (UniqueConstraint("token_hash"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class AccountToken(Base):
    """A random token sent by e-mail, kept as its SHA-256, used once."""

    __tablename__ = "account_token"
    __table_args__ = (UniqueConstraint("token_hash"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    purpose: Mapped[TokenPurpose] = mapped_column(words_of(TokenPurpose, "purpose"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class AccessToken(Base):
    """What a program of an account's holder signs in to the API with; kept as its SHA-256."""

    __tablename__ = "access_token"
    __table_args__ = (UniqueConstraint("token_hash"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    scope: Mapped[AccessScope] = mapped_column(
        words_of(AccessScope, "scope"), default=AccessScope.LABELS, server_default=AccessScope.LABELS.value
    )
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Station(Base):
    """A reading station of an organisation, known by a token of which only the SHA-256 is kept.

    ``public_key`` (Ed25519) is the station's own; what it sends must then be signed. ``enrolment_hash`` is the SHA-256
    of a code by which a machine may become this station, once.
    """

    __tablename__ = "station"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        UniqueConstraint("organisation_id", "name"),
        Index("ix_station_enrolment_hash", "enrolment_hash"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    name: Mapped[str] = mapped_column(String(100))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    public_key: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    enrolment_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    enrolment_expires_at: Mapped[datetime | None]


class StationSegment(Base):
    """One run of a station: how many of its numbered messages arrived, the highest number, and the link behind it.

    Numbers that are missing below the highest are messages that a station has and that are not here (yet).
    """

    __tablename__ = "station_segment"
    __table_args__ = (
        UniqueConstraint("segment"),
        CheckConstraint("received BETWEEN 1 AND highest", name="received"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"), index=True)
    segment: Mapped[str] = mapped_column(String(32))
    received: Mapped[int]
    highest: Mapped[int]
    link: Mapped[str] = mapped_column(String(64))
    started_at: Mapped[datetime]


class Throttle(Base):
    """How often something was tried in a window of time; ``key`` is a keyed hash, never an address or a code."""

    __tablename__ = "throttle"
    __table_args__ = (UniqueConstraint("scope", "key"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    scope: Mapped[str] = mapped_column(String(40))
    key: Mapped[bytes] = mapped_column(LargeBinary(32))
    count: Mapped[int]
    window_starts_at: Mapped[datetime]
    blocked_until: Mapped[datetime | None]
