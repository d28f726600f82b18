"""One request: one transaction, one actor, committed or rolled back in one place.

The order is: find out who acts, check the permission, take in the body, run the view, commit, and only then let the
answer leave. So no answer is ever sent whose log event or change was not stored, and no sender holds a lock by sending
slowly. Whatever is raised on the way undoes the request's changes, except a refusal that says it keeps them.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import Flask, Response, current_app, g, request
from werkzeug.exceptions import Forbidden

from registry.access import Permission, Rule, allows, rule_of
from registry.database import Database, is_out_of_reach
from registry.services import access_tokens, sessions, stations
from registry.services.actor import PUBLIC, Actor
from registry.services.label_jobs import ORDERED
from registry.services.label_press import LabelPress
from registry.services.mail import QUEUED
from registry.services.postman import Postman

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

__all__ = [
    "SignInNeeded",
    "abandon",
    "actor",
    "cookie_name",
    "database",
    "db",
    "install",
    "note_refusal",
    "remote_address",
    "scope",
]

_STATIC = frozenset({"static"})
# For these a cookie says nothing: only the token of the Authorization header, so that no page can forge a request.
_BY_TOKEN = {
    Permission.STATION: stations.actor_for,
    Permission.LABEL_PROGRAM: access_tokens.actor_for,
    Permission.CASE_LABEL_PROGRAM: access_tokens.actor_for,
    Permission.LABEL_JOB: access_tokens.actor_for,
}
_READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class SignInNeeded(Exception):
    """A page needs an account and nobody is signed in; the pages lead to the sign-in page, the API answers 401."""


@dataclass
class Scope:
    """What belongs to the running request."""

    session: "Session"
    actor: Actor = PUBLIC
    sign_in_session_id: int | None = None
    language: str = ""
    done: bool = False


def install(app: Flask) -> None:
    """Put the scope around every request of ``app``, whose ``extensions["database"]`` is the register's."""
    app.before_request(_enter)
    app.after_request(_finish)
    app.teardown_request(_leave)


def database() -> Database:
    """The register's database of the running application."""
    return cast("Database", current_app.extensions["database"])


def scope() -> Scope:
    """The scope of the running request."""
    return cast("Scope", g.scope)


def db() -> "Session":
    """The request's database session, for services."""
    return scope().session


def actor() -> Actor:
    """Who acts in this request."""
    return scope().actor


def cookie_name() -> str:
    """Name of the session cookie; the ``__Host-`` prefix binds it to this host where there is https."""
    return "__Host-markdna" if current_app.config["SESSION_COOKIE_SECURE"] else "markdna"


def note_refusal(refusal: Exception) -> None:
    """Remember why the request is refused: its changes are undone, unless the refusal ``keeps_changes``."""
    g.refusal = refusal


def abandon() -> None:
    """Undo the request and forget who asked, so that its error page relies on nothing that may be broken."""
    current: Scope | None = g.get("scope")
    if current is not None:
        current.session.rollback()
        current.actor, current.done = PUBLIC, True


def remote_address() -> str:
    """The network address a request came from, as far as trusted proxies say."""
    return request.remote_addr or "unknown"


def _enter() -> None:
    if request.endpoint in _STATIC:
        return
    rule = rule_of(current_app.view_functions.get(request.endpoint or ""))
    asked = rule or Rule(Permission.ANYONE)
    changes = request.method not in _READING_METHODS
    # A session takes no connection before its first query.
    g.scope = Scope(session=database().open(reads_only=not changes and not asked.writes))
    if request.endpoint is not None and rule is None:
        # A view without a rule is a mistake of ours; nobody gets in.
        raise Forbidden
    with database().transaction(reads_only=True) as session:
        _identify(session, g.scope, asked.permission)
    if not allows(g.scope.actor, asked.permission):
        if g.scope.actor is PUBLIC:
            raise SignInNeeded
        raise Forbidden
    if changes:
        _receive(asked)


def _receive(asked: Rule) -> None:
    """Take in the whole body before the view's transaction begins, so that no slow sender holds up other writers."""
    # Browsers say where a request comes from; a page of another site may not change anything here.
    if request.headers.get("Sec-Fetch-Site", "none") not in {"none", "same-origin"}:
        raise Forbidden
    if asked.largest_body is not None:
        request.max_content_length = asked.largest_body
    request.get_data(cache=True, parse_form_data=True)


def _identify(session: "Session", current: Scope, permission: Permission) -> None:
    if permission in _BY_TOKEN:
        bearer = request.headers.get("Authorization", "")
        if bearer.startswith("Bearer "):
            token = bearer.removeprefix("Bearer ").strip()
            current.actor = _BY_TOKEN[permission](session, token) or PUBLIC
            if current.actor.account_id is not None and access_tokens.needs_note(session, token):
                g.after_request = (access_tokens.note_use, token)
        return
    token = request.cookies.get(cookie_name(), "")
    signed_in = sessions.resume(session, token) if token else None
    if signed_in is None:
        return
    current.actor, current.language = signed_in.actor, signed_in.language
    current.sign_in_session_id = signed_in.session_id
    if signed_in.needs_touch:
        g.after_request = (sessions.touch, signed_in.session_id)


def _finish(response: Response) -> Response:
    current: Scope | None = g.get("scope")
    if current is None or current.done:
        return response
    refusal: Exception | None = g.get("refusal")
    failed = response.status_code >= 500 or (refusal is not None and not getattr(refusal, "keeps_changes", False))
    if failed:
        current.session.rollback()
    else:
        _commit(current)
    current.done = True
    return response


def _commit(current: Scope) -> None:
    try:
        current.session.commit()
    except BaseException:
        # The answer that was built is thrown away with what could not be stored.
        abandon()
        raise
    if current.session.info.pop(QUEUED, False):
        cast("Postman", current_app.extensions["postman"]).wake()
    if current.session.info.pop(ORDERED, False):
        cast("LabelPress", current_app.extensions["label_press"]).wake()


def _leave(_error: BaseException | None) -> None:
    current: Scope | None = g.pop("scope", None)
    if current is None:
        return
    current.session.rollback()
    current.session.close()
    noted = g.pop("after_request", None)
    if noted is None:
        return
    note, which = noted
    # A transaction of its own: a page that only reads must not become a writer half-way.
    try:
        with database().transaction() as session:
            note(session, which)
    except Exception as fault:
        # The answer is already decided; a session that could not be touched only ends a little sooner,
        # and a token's last use is a minute late.
        if not is_out_of_reach(fault):
            raise
