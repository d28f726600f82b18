"""The station's way to the registry: one request a message, and an outcome that says what to do next."""

import base64
import binascii
import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlsplit

import httpx
from pydantic import ValidationError

from scanner.answer import Answer, Candidate, Family, Part, Sticker, Supplier
from scanner.errors import EnrolmentRefusedError, RegistryAddressError, TokenMissingError

__all__ = [
    "Accepted",
    "Answer",
    "Candidate",
    "Family",
    "Known",
    "Outcome",
    "Refused",
    "RegistryClient",
    "Sticker",
    "StillPreparing",
    "Supplier",
    "Unreachable",
    "WaitReason",
    "Withheld",
    "station_token",
    "unsigned",
]

_LONGEST_RETRY_AFTER = 600.0
"""Seconds; a registry that asks for more is asked again all the same."""
_KEY_BYTES = 32
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
# Besides its own errors httpx lets some of the system's and of the decoders' through.
_FAULTS = (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, OSError, ValueError, RuntimeError)
_PROBLEM = "application/problem+json"


class _SeizedItem(Part):
    label: str
    description: str
    handed_over: bool = False


class _SeizedItems(Part):
    items: tuple[_SeizedItem, ...]


class _Who(Part):
    """Who the registry takes the station for."""

    name: str
    organisation: str
    message_key: str
    list_key: str = ""
    token: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """The registry knows the station. ``message_key`` (X25519) is what to seal to.

    ``list_key`` (Ed25519) signs lists of stolen marks; it is empty from a registry that has none.
    """

    name: str
    organisation: str
    message_key: bytes
    token: str = ""
    list_key: bytes = b""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The registry has the reading and has answered."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class Refused:
    """The registry will never take this reading as it is: keep it, show it, go on with the next."""

    status: int
    problem: str
    field: str
    allowed: str


class WaitReason:
    """Why a reading waits although the registry can be reached (English message ids)."""

    TOKEN = "The registry does not know this station, or has revoked it"  # noqa: S105 - a text, not a token
    CASE = "There is no such open case for this station's organisation"


@dataclass(frozen=True, slots=True)
class Withheld:
    """The registry would take the reading if something were put right there. ``whole_station``: all readings wait."""

    reason: str
    whole_station: bool


@dataclass(frozen=True, slots=True)
class StillPreparing:
    """The registry is hashing marks for the list: ask again in a while."""


@dataclass(frozen=True, slots=True)
class Unreachable:
    """No answer, or none that the registry can have given. ``retry_after`` is in seconds, if it asked for a pause."""

    problem: str
    retry_after: float | None = None


Outcome = Accepted | Refused | Withheld | Unreachable


def station_token(environment: Mapping[str, str] = os.environ, *, enrolled: str = "") -> str:
    """The token from MARKDNA_STATION_TOKEN, from the file MARKDNA_STATION_TOKEN_FILE names, or the enrolled one.

    Raises TokenMissingError.
    """
    token = environment.get("MARKDNA_STATION_TOKEN", "").strip()
    if not token and (file := environment.get("MARKDNA_STATION_TOKEN_FILE", "")):
        try:
            token = Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as fault:
            raise TokenMissingError(problem=f"{file}: {fault}") from fault
    token = token or enrolled
    if not token:
        raise TokenMissingError(problem="MARKDNA_STATION_TOKEN")
    if not token.isascii() or not token.isprintable() or " " in token:
        # The token itself is not shown: errors end up in logs.
        raise TokenMissingError(problem="a token is printable ASCII without blanks")
    return token


def unsigned(_content: bytes) -> bytes:
    """What a station without a key of its own signs with."""
    return b""


class RegistryClient:
    """Connections to one registry. The address must be https, or http to this machine. Raises RegistryAddressError."""

    def __init__(
        self,
        address: str,
        token: str = "",
        sign: Callable[[bytes], bytes] = unsigned,
        *,
        connect_seconds: float = 3.0,
        answer_seconds: float = 10.0,
    ) -> None:
        self.address = address.rstrip("/")
        self._sign = sign
        local = _checked_host(self.address) in _LOOPBACK
        headers = {"Accept": f"application/json, {_PROBLEM}"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self._http = httpx.Client(
            base_url=self.address,
            headers=headers,
            timeout=httpx.Timeout(answer_seconds, connect=connect_seconds),
            follow_redirects=False,
            # A registry on this machine is not to be asked through a proxy elsewhere.
            trust_env=not local,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def check(self) -> Known | Withheld | Unreachable:
        """Whom the registry takes this station for, or why it does not say."""
        try:
            response = self._http.get("/api/v1/station")
        except _FAULTS as fault:
            return Unreachable(_words(fault))
        if response.status_code == httpx.codes.OK and (known := _known(response)):
            return known
        if response.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
            return Withheld(WaitReason.TOKEN, whole_station=True)
        return _unreachable(response)

    def deliver(self, body: bytes) -> Outcome:
        """Bring one sealed message to the registry. Its place in the chain makes it safe to bring it again."""
        try:
            response = self._http.post("/api/v1/messages", content=body, headers=self._signed(body))
        except _FAULTS as fault:
            return Unreachable(_words(fault))
        return _outcome(response)

    def stolen_list(self, nonce: str) -> bytes | StillPreparing | Withheld | Unreachable | None:
        """The list of stolen marks as the registry sends it, made for this nonce; None where it gives none."""
        body = json.dumps({"nonce": nonce}).encode()
        try:
            response = self._http.post("/api/v1/stolen-list", content=body, headers=self._signed(body))
        except _FAULTS as fault:
            return Unreachable(_words(fault))
        match response.status_code:
            case httpx.codes.OK:
                return response.content
            case httpx.codes.ACCEPTED:
                return StillPreparing()
            case httpx.codes.NOT_FOUND if response.headers.get("content-type", "").startswith(_PROBLEM):
                return None
            case httpx.codes.UNAUTHORIZED | httpx.codes.FORBIDDEN:
                return Withheld(WaitReason.TOKEN, whole_station=True)
        return _unreachable(response)

    def _signed(self, body: bytes) -> dict[str, str]:
        headers = {"Content-Type": "application/json"}
        if signature := self._sign(body):
            headers["Station-Signature"] = base64.b64encode(signature).decode("ascii")
        return headers

    def seized_items(self, case_number: str) -> list[tuple[str, str]]:
        """Label (``2:1``) and description of each seized item of a case that is not handed over; none on any fault."""
        try:
            response = self._http.get(f"/api/v1/cases/{quote(case_number, safe='')}/seized-items")
            return [
                (item.label, item.description)
                for item in _SeizedItems.model_validate(_json_object(response)).items
                if not item.handed_over
            ]
        except (*_FAULTS, ValidationError):
            return []

    def enrol(self, code: str, public_key: bytes) -> Known:
        """Become the station that the administrator's code was given for. Raises EnrolmentRefusedError."""
        try:
            response = self._http.post(
                "/api/v1/enrolment",
                json={"code": code, "public_key": base64.b64encode(public_key).decode("ascii")},
            )
        except _FAULTS as fault:
            raise EnrolmentRefusedError(registry=self.address, problem=_words(fault)) from fault
        known = _known(response) if response.status_code == httpx.codes.CREATED else None
        if known is None or not known.token:
            refused = _refused(response)
            problem = " ".join(filter(None, (refused.problem, refused.allowed)))
            raise EnrolmentRefusedError(registry=self.address, problem=problem)
        return known


def _checked_host(address: str) -> str:
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        allowed = parts.port != 0 and (
            (parts.scheme == "https" and host) or (parts.scheme == "http" and host in _LOOPBACK)
        )
    except ValueError:
        allowed = False
    if not allowed or parts.username or parts.query or parts.fragment:
        raise RegistryAddressError(address=address)
    return host


def _known(response: httpx.Response) -> Known | None:
    """What the registry says of the station; None when it is not an answer of a registry."""
    try:
        who = _Who.model_validate(_json_object(response))
        message_key, list_key = (base64.b64decode(one, validate=True) for one in (who.message_key, who.list_key))
    except (ValidationError, binascii.Error, ValueError):
        return None
    if len(message_key) != _KEY_BYTES or len(list_key) not in {0, _KEY_BYTES}:
        return None
    return Known(who.name, who.organisation, message_key, who.token, list_key)


def _outcome(response: httpx.Response) -> Outcome:
    status = response.status_code
    if status in {httpx.codes.OK, httpx.codes.CREATED}:
        return _accepted(response)
    if status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        return Withheld(WaitReason.TOKEN, whole_station=True)
    is_problem = response.headers.get("content-type", "").startswith(_PROBLEM)
    if status == httpx.codes.NOT_FOUND and is_problem:
        return Withheld(WaitReason.CASE, whole_station=False)
    passing = {httpx.codes.REQUEST_TIMEOUT, httpx.codes.TOO_EARLY, httpx.codes.TOO_MANY_REQUESTS, httpx.codes.NOT_FOUND}
    # A reading that is too large stays too large, even when it is a proxy that says so in its own words.
    final = is_problem or status == httpx.codes.REQUEST_ENTITY_TOO_LARGE
    if httpx.codes.is_client_error(status) and status not in passing and final:
        return _refused(response)
    return _unreachable(response)


def _accepted(response: httpx.Response) -> Outcome:
    try:
        return Accepted(Answer.model_validate(_json_object(response)))
    except ValidationError:
        # A sign-in page of a guest network answers 200 as well; the reading is not delivered.
        return Unreachable(f"{response.status_code}, but not an answer of a registry")


def _refused(response: httpx.Response) -> Refused:
    content = _json_object(response)
    return Refused(
        status=response.status_code,
        problem=str(content.get("detail") or content.get("title") or response.reason_phrase),
        field=str(content.get("field") or ""),
        allowed=str(content.get("allowed") or ""),
    )


def _unreachable(response: httpx.Response) -> Unreachable:
    return Unreachable(f"{response.status_code} {response.reason_phrase}".strip(), _retry_after(response))


def _retry_after(response: httpx.Response) -> float | None:
    """The pause asked for, in seconds (RFC 9110, 10.2.3): a number, or a date."""
    asked = response.headers.get("retry-after", "").strip()
    if not asked:
        return None
    if asked.isascii() and asked.isdigit():
        seconds = float(asked)
    else:
        try:
            until = parsedate_to_datetime(asked)
        except ValueError:
            return None
        seconds = (until if until.tzinfo else until.replace(tzinfo=UTC)).timestamp() - datetime.now(UTC).timestamp()
    return min(max(seconds, 0.0), _LONGEST_RETRY_AFTER)


def _json_object(response: httpx.Response) -> dict[str, Any]:
    try:
        content = response.json()
    except (ValueError, LookupError, RecursionError):
        # Also bytes that are no text, a character set that nobody knows, and numbers of thousands of digits.
        return {}
    return content if isinstance(content, dict) else {}


def _words(fault: Exception) -> str:
    # The system's number of a fault says nothing to an officer.
    return re.sub(r"^\[Errno -?[0-9]+\] ", "", str(fault)) or type(fault).__name__
