"""The list that a station keeps for when it does not reach the register: which marks are on things reported stolen.

Of a mark it holds HMAC-SHA256(key of this list, argon2id(mark)), cut to 8 bytes, and nothing else: no owner, no thing,
no report. Whoever has read a mark can ask for it; whoever has not must compute argon2id for each code that he guesses.
Random entries fill the list up to a power of two, so that its size tells little. The registry signs it for one station,
one question (nonce) and one moment; a station uses it for ``VALID_HOURS``. Design: decision 13, threat d3.

The register keeps each argon2id (``SlowMark``), since all of them take a core some 25 ms apiece.
"""

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from argon2.low_level import Type, hash_secret_raw
from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry import clock
from registry.errors import NotFound
from registry.models.items import Item, Marking, Sticker, StickerStatus
from registry.models.kits import Kit
from registry.models.stolen_marks import SlowMark
from registry.models.tag_marks import TagKind, TagMark
from registry.models.thefts import TheftReport
from registry.services import audit
from registry.services.actor import Actor
from registry.services.context import keyring_of, settings_of
from registry.services.folding import folded_code

__all__ = [
    "ENTRY_BYTES",
    "VALID_HOURS",
    "Marks",
    "Preparing",
    "StolenList",
    "give",
    "hashed",
    "keep",
    "list_key",
    "list_salt",
    "slow_hash",
]

VALID_HOURS = 24
ENTRY_BYTES = 8
"""A mark that is not listed passes for listed with probability entries / 2^64: at 131 072 entries 7e-15 a reading."""
MEMORY_KIB = 19_456
PASSES = 2
"""argon2id at what OWASP's cheat sheet for passwords asks at least: 19 MiB, two passes, one lane; 24 ms measured."""
_FEWEST_ENTRIES = 1024
_SECONDS_A_REQUEST = 0.5
_PORTION = 1000


@dataclass(frozen=True, slots=True)
class StolenList:
    """A list as it goes out: ``header`` (JSON) is what is signed and names the hash of ``entries``."""

    header: bytes
    signature: bytes
    entries: bytes


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks on stolen things: slow hashes, marks not hashed yet and hashes not needed any more by blind index."""

    slow: list[bytes]
    missing: dict[bytes, str]
    stale: list[bytes]


@dataclass(frozen=True, slots=True)
class Preparing:
    """The list cannot be given yet: of so many marks so many are hashed."""

    prepared: int
    marks: int


def give(session: Session, actor: Actor, nonce: str) -> StolenList | Preparing:
    """A list for this station, made now; ``Preparing`` while more marks are new than a request may hash.

    Raises NotFound where the register gives none (setting ``offline_list``).
    """
    if not settings_of(session).offline_list:
        raise NotFound(what="list of stolen marks", which="offline_list")
    marks = hashed(session)
    keep(session, marks, _hashed_in_time(session, marks.missing))
    if marks.missing:
        return Preparing(len(marks.slow), len(marks.slow) + len(marks.missing))
    key = secrets.token_bytes(32)
    entries = _entries(marks.slow, key)
    header = {
        "version": 1,
        "station": actor.station_id or 0,
        "nonce": nonce,
        "issued_at": clock.now().isoformat(timespec="seconds"),
        "valid_seconds": VALID_HOURS * 3600,
        "marks": len(marks.slow),
        "entry_bytes": ENTRY_BYTES,
        "key": base64.b64encode(key).decode("ascii"),
        "salt": base64.b64encode(list_salt(session)).decode("ascii"),
        "memory_kib": MEMORY_KIB,
        "passes": PASSES,
        "entries_sha256": hashlib.sha256(entries).hexdigest(),
    }
    audit.record(
        session,
        actor,
        audit.Action.STOLEN_LIST_GIVEN,
        f"station:{actor.station_id}",
        details={"marks": len(marks.slow)},
    )
    content = json.dumps(header, separators=(",", ":"), sort_keys=True).encode()
    return StolenList(content, keyring_of(session).sign_list(content), entries)


def hashed(session: Session) -> Marks:
    """The listed marks, those that are hashed and those that are not; changes nothing."""
    index = keyring_of(session).blind_index
    wanted = {index("stolen mark", mark): mark for mark in _listed(session)}
    rows = session.execute(select(SlowMark.mark_index, SlowMark.slow_hash))
    kept = {bytes(mark_index): bytes(value) for mark_index, value in rows}
    return Marks(
        slow=[kept[one] for one in wanted if one in kept],
        missing={one: mark for one, mark in wanted.items() if one not in kept},
        stale=[one for one in kept if one not in wanted],
    )


def keep(session: Session, marks: Marks, found: Mapping[bytes, bytes]) -> None:
    """Keep hashes that were missing, and forget those of marks that are not listed any more; ``marks`` says so then."""
    for portion in _portions(marks.stale):
        session.execute(delete(SlowMark).where(SlowMark.mark_index.in_(portion)))
    marks.stale.clear()
    if not found:
        return
    rows = [{"mark_index": one, "slow_hash": value} for one, value in found.items()]
    try:
        with session.begin_nested():
            session.execute(insert(SlowMark), rows)
    except IntegrityError:
        # Another process has hashed some of them meanwhile; whoever asks next hashes what is left.
        pass
    marks.slow.extend(found.values())
    for one in found:
        marks.missing.pop(one, None)


def _hashed_in_time(session: Session, missing: Mapping[bytes, str]) -> dict[bytes, bytes]:
    """The hashes of as many marks as a request may take time for: it may hold up everybody who writes."""
    salt, until = list_salt(session), time.monotonic() + _SECONDS_A_REQUEST
    found = {}
    for index, mark in missing.items():
        if time.monotonic() > until:
            break
        found[index] = slow_hash(mark, salt)
    return found


def list_key(session: Session) -> bytes:
    """The public key (Ed25519, 32 bytes) under which lists are signed."""
    return keyring_of(session).list_key


def list_salt(session: Session) -> bytes:
    """The salt of all slow hashes, 16 bytes."""
    return keyring_of(session).list_salt


def slow_hash(mark: str, salt: bytes) -> bytes:
    """argon2id of a mark, 32 bytes."""
    return hash_secret_raw(
        mark.encode(),
        salt,
        time_cost=PASSES,
        memory_cost=MEMORY_KIB,
        parallelism=1,
        hash_len=32,
        type=Type.ID,
    )


def _listed(session: Session) -> Iterator[str]:
    """The marks of all things reported stolen, as stations spell them: kind, colon, normalised text."""
    stolen = select(Item.id).join(TheftReport, TheftReport.item_id == Item.id)
    stolen = stolen.where(TheftReport.withdrawn_at.is_(None), Item.removed_at.is_(None))
    codes = (
        select(Kit.code_folded)
        .join(Marking, Marking.kit_id == Kit.id)
        .where(Marking.item_id.in_(stolen), Kit.revoked_at.is_(None))
    )
    for code in session.scalars(codes):
        yield f"code:{code}"
    numbers = select(Sticker.number).where(Sticker.item_id.in_(stolen), Sticker.status == StickerStatus.ISSUED)
    for number in session.scalars(numbers):
        yield f"sticker:{number}"
    tags = select(TagMark.kind, TagMark.number).where(TagMark.item_id.in_(stolen), TagMark.removed_at.is_(None))
    for kind, number in session.execute(tags):
        if "?" not in number:  # A list of hashes knows no number of which a part is open.
            yield f"number:{number}"
        if kind is TagKind.VIN:
            yield f"code:{folded_code(number)}"


def _entries(slow: list[bytes], key: bytes) -> bytes:
    """What stands in the list, in order of size, which has nothing to do with the order of the marks."""
    entries = {hmac.digest(key, one, "sha256")[:ENTRY_BYTES] for one in slow}
    size = max(_FEWEST_ENTRIES, 1 << (len(entries) - 1).bit_length())
    while len(entries) < size:
        entries.add(secrets.token_bytes(ENTRY_BYTES))
    return b"".join(sorted(entries))


def _portions(rows: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    for start in range(0, len(rows), _PORTION):
        yield rows[start : start + _PORTION]
