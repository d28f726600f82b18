"""The web application: settings and database in, a Flask app out."""

import os
from threading import Thread
from types import TracebackType

from flask import Flask
from flask.typing import ResponseReturnValue
from flask_wtf import CSRFProtect
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from labels.config_file import config_path
from registry import api, request_scope
from registry.database import Database
from registry.language import words
from registry.services.context import open_database
from registry.services.label_press import LabelPress
from registry.services.postman import Postman
from registry.services.search_engine import search_engine_of
from registry.settings import RegistrySettings, read_settings
from registry.web import errors, headers, layout
from registry.web.blueprints import BLUEPRINTS
from registry.web.design import install_design
from registry.web.words import current_language

__all__ = ["create_app", "served_app"]

_MEBIBYTE = 1024 * 1024


class Application(Flask):
    """Flask, where whatever is raised is noted for the transaction and logged without the words of the fault."""

    def handle_user_exception(self, e: Exception) -> HTTPException | ResponseReturnValue:
        """Note what was raised, whichever surface then explains it."""
        request_scope.note_refusal(e)
        return super().handle_user_exception(e)

    def log_exception(
        self, exc_info: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> None:
        """Log an error of ours: what kind and where, never its message or the address, which may hold personal data."""
        if exc_info[1] is not None:
            self.logger.error("unhandled %s", errors.trace_of(exc_info[1]))


def create_app(settings: RegistrySettings, database: Database | None = None) -> Flask:
    """The registry's pages and API over ``database`` (opened from the settings when it is not given)."""
    app = Application(__name__, template_folder="web/templates", static_folder="web/static")
    held = database or open_database(settings)
    secure = settings.public_url.startswith("https://")
    app.config.update(
        SECRET_KEY=held.context["keyring"].cookie_key,
        SESSION_COOKIE_NAME="__Host-form" if secure else "form",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=settings.upload_megabytes * _MEBIBYTE,
        MAX_FORM_MEMORY_SIZE=_MEBIBYTE,
        WTF_CSRF_TIME_LIMIT=None,
        # Our pages send no referrer, which the strict check asks for; request_scope asks Sec-Fetch-Site instead.
        WTF_CSRF_SSL_STRICT=False,
        REGISTRY=settings,
    )
    app.extensions["database"] = held
    app.extensions["postman"] = Postman(held)
    app.extensions["label_press"] = LabelPress(held)
    if settings.behind_proxies:
        hops = settings.behind_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    # Headers are added last, so their hook is registered first.
    headers.install(app)
    request_scope.install(app)
    csrf = CSRFProtect(app)
    errors.install(app)
    install_design(app, lambda: current_language().value)
    _templates(app)
    layout.install(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    api.install(app, csrf)
    return app


def served_app() -> Flask:
    """The application for a server that imports it by name; ``MARKDNA_CONFIG`` names its configuration."""
    app = create_app(read_settings(config_path(environment=os.environ)))
    # What a stopped server left unsent goes now.
    app.extensions["postman"].wake()
    app.extensions["label_press"].wake()
    # The marks are read while the server already answers, so that the first reading does not wait for them.
    Thread(target=_warm, args=(app.extensions["database"],), name="warm the search", daemon=True).start()
    return app


def _warm(database: Database) -> None:
    with database.transaction(reads_only=True) as session:
        search_engine_of(session).warm(session)


def _templates(app: Flask) -> None:
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: words(current_language()).gettext(text),
        lambda one, many, count: words(current_language()).ngettext(one, many, count),
        newstyle=True,
    )
