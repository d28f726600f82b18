"""The reader's language in a request: their own choice, then the account's, then the browser's, Swedish first."""

from typing import Any

from babel.support import LazyProxy
from flask import g, has_request_context, request

from registry.language import Language, words
from registry.request_scope import scope

__all__ = ["LANGUAGE_COOKIE", "current_language", "lazy", "translate", "translate_many"]

LANGUAGE_COOKIE = "language"


def current_language() -> Language:
    """The language of this request; Swedish outside one and when nothing says otherwise."""
    if not has_request_context():
        return Language.SWEDISH
    if "language" not in g:
        g.language = _chosen()
    chosen: Language = g.language
    return chosen


def _chosen() -> Language:
    account_language = scope().language if "scope" in g else ""
    for wish in (request.cookies.get(LANGUAGE_COOKIE, ""), account_language):
        if wish in set(Language):
            return Language(wish)
    offered = [language.value for language in Language]
    return Language(request.accept_languages.best_match(offered, default=Language.SWEDISH.value))


def translate(text: str, /, **values: object) -> str:
    """``text`` in the reader's language, its ``%(name)s`` places filled with ``values``."""
    said = words(current_language()).gettext(text)
    return said % values if values else said


def translate_many(one: str, many: str, count: int, /, **values: object) -> str:
    """The singular or plural form for ``count`` in the reader's language."""
    return words(current_language()).ngettext(one, many, count) % {"num": count, **values}


def lazy(text: str) -> Any:
    """``text`` translated when it is shown, for labels of forms that are made before a request."""
    return LazyProxy(translate, text, enable_cache=False)
