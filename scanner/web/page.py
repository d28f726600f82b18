"""The page's server: 127.0.0.1 alone, and nothing told to who does not know the secret in the opened address.

The secret stands behind the address's ``#``, so that it is in no request line, log or Referer; the page's script sends
it with each question. Host, Origin and Sec-Fetch-Site are checked besides, against pages of other places in the same
browser (DNS rebinding, forged requests). One person uses it, on this machine: werkzeug's own server is enough for that.
"""

import hmac
import io
import logging
import secrets
import threading
from typing import Any, Protocol

from flask import Flask, Request, Response, abort, jsonify, render_template, request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.serving import WSGIRequestHandler, make_server

from labels.language import reader_language
from scanner.errors import BadPhotoError
from scanner.finding_form import (
    LONGEST_LABEL,
    LONGEST_SEAL,
    LONGEST_SPOT,
    WITHDRAWN,
    Fault,
    FindingForm,
    colour_words,
)
from scanner.findings import COLOURS
from scanner.wording import Words

__all__ = ["Page", "Shown"]

_HOST = "127.0.0.1"
_LARGEST_BODY = 4096
_LARGEST_PHOTO = 60_000_000
_LARGEST_FINDING = _LARGEST_PHOTO + 100_000
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_OPEN_TO_ALL = frozenset({"static", "shell"})
"""What tells nothing of the station: the empty page, its script and its style."""


class Shown(Protocol):
    """What the page shows and may ask for."""

    def state(self, told: str) -> tuple[str, str] | None:
        """JSON of what is shown, and a short name of this state; None when it is the one ``told`` names."""

    def known_items(self) -> list[tuple[str, str]]:
        """Labels and descriptions of the case's seized items."""

    def choose_item(self, label: str) -> str:
        """Choose the item on the table; what is wrong with it, or nothing."""

    def attach(self, key: str) -> str:
        """Put a reading with the item on the table; why not, or nothing."""

    def note(self, form: FindingForm, corrects: str, photo: tuple[str, bytes]) -> Fault:
        """Note a UV finding; what is wrong with it, or NO_FAULT."""

    def leave(self) -> None:
        """End the station."""


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's name for it
        """Say nothing: the terminal shows readings."""


class _InMemory(Request):
    def _get_file_stream(self, *_: object, **_known: object) -> io.BytesIO:
        """A photo that is not sealed yet never touches the disk; werkzeug would put a large one in a temporary file."""
        return io.BytesIO()


class Page:
    """The server of one page, on a port of its own that the system chooses."""

    def __init__(self, shown: Shown, words: Words) -> None:
        self._shown = shown
        self._words = words
        self._secret = secrets.token_urlsafe(32)
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._server = make_server(_HOST, 0, self._app(), threaded=True, request_handler=_Quiet)
        self._own = f"{_HOST}:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, name="web view", daemon=True)

    @property
    def address(self) -> str:
        """The address to open, secret included."""
        return f"http://{self._own}/#{self._secret}"

    def start(self) -> None:
        """Begin serving."""
        self._thread.start()

    def stop(self) -> None:
        """Serve no more."""
        self._server.shutdown()
        self._thread.join(3.0)
        self._server.server_close()

    def _app(self) -> Flask:
        app = Flask("scanner.web")
        app.request_class = _InMemory
        app.config["MAX_CONTENT_LENGTH"] = _LARGEST_BODY
        app.before_request(self._guard)
        app.after_request(_with_headers)
        app.add_url_rule("/", "shell", self._shell)
        app.add_url_rule("/state", "state", self._state)
        app.add_url_rule("/items", "items", self._items)
        app.add_url_rule("/act", "act", self._act, methods=["POST"])
        app.add_url_rule("/finding", "finding", self._finding, methods=["POST"])
        return app

    def _guard(self) -> None:
        own = f"http://{self._own}"
        if request.headers.get("Host") != self._own or request.headers.get("Origin", own) != own:
            abort(403)
        if request.headers.get("Sec-Fetch-Site", "none") not in {"same-origin", "none"} or (
            request.query_string and (request.endpoint != "state")
        ):
            abort(403)
        if request.endpoint in _OPEN_TO_ALL:
            return
        kind, _, given = request.headers.get("Authorization", "").partition(" ")
        if kind != "Bearer" or not hmac.compare_digest(given.encode(), self._secret.encode()):
            abort(401)

    def _shell(self) -> str:
        colours = [(colour, self._words(colour_words(colour))) for colour in COLOURS]
        too_large = BadPhotoError(file="{file}", problem="it is larger than 60 MB").explain(self._words)
        return render_template(
            "desk.html",
            words=self._words,
            language=reader_language().value,
            colours=colours,
            withdrawn=(WITHDRAWN, self._words(colour_words(WITHDRAWN))),
            longest={"spot": LONGEST_SPOT, "seal": LONGEST_SEAL, "label": LONGEST_LABEL, "photo": _LARGEST_PHOTO},
            too_large=too_large,
        )

    def _state(self) -> Response:
        found = self._shown.state(request.args.get("since", ""))
        if found is None:
            return Response(status=204)
        content, name = found
        return Response(content, mimetype="application/json", headers={"State": name})

    def _items(self) -> Response:
        return jsonify([{"label": label, "description": text} for label, text in self._shown.known_items()])

    def _act(self) -> Response:
        """Do what a key asks for: ``{"act": "item" | "attach" | "leave", "what": label or key of a reading}``."""
        asked = request.get_json()
        act, what = (asked.get("act"), asked.get("what", "")) if isinstance(asked, dict) else (None, None)
        acts = {"item": self._shown.choose_item, "attach": self._shown.attach, "leave": self._leave}
        if not isinstance(act, str) or not isinstance(what, str) or act not in acts:
            abort(400)
        return jsonify({"problem": acts[act](what)})

    def _finding(self) -> tuple[Response, int]:
        """Note a UV finding: ``colour``, ``spot``, ``item``, ``seal``, ``corrects`` and perhaps a file ``photo``."""
        request.max_content_length = _LARGEST_FINDING
        try:
            asked, file = request.form, request.files.get("photo")
        except RequestEntityTooLarge:
            refused = BadPhotoError(file=self._words("the photo"), problem="it is larger than 60 MB")
            return jsonify({"problem": refused.explain(self._words), "field": "photo"}), 413
        if asked.keys() != {"colour", "spot", "item", "seal", "corrects"} or request.files.keys() - {"photo"}:
            abort(400)
        form = FindingForm.written(asked["colour"], asked["spot"], asked["item"], asked["seal"])
        photo = (file.filename or "", file.read()) if file else ("", b"")
        fault = self._shown.note(form, asked["corrects"], photo)
        return jsonify({"problem": fault.text, "field": fault.field}), 200

    def _leave(self, _what: str) -> str:
        self._shown.leave()
        return ""


def _with_headers(response: Response) -> Response:
    response.headers.update(_HEADERS)
    return response
