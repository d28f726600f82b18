"""What the layout of every page needs: who is signed in, where they can go, in which languages."""

from typing import Any

from flask import Flask, current_app, g, request, url_for

from registry.language import Language
from registry.request_scope import actor, db
from registry.services import accounts
from registry.services.actor import PUBLIC, Actor
from registry.settings import RegistrySettings
from registry.web.navigation import entries
from registry.web.words import current_language, translate

__all__ = ["install"]

_LANGUAGE_NAMES = {Language.SWEDISH: "Svenska", Language.ENGLISH: "English"}


def install(app: Flask) -> None:
    """Offer the layout's variables to every template of ``app``."""
    app.context_processor(_variables)


def _variables() -> dict[str, Any]:
    settings: RegistrySettings = current_app.config["REGISTRY"]
    # An error page can be needed before anybody is identified.
    who = actor() if "scope" in g else PUBLIC
    return {
        "register_name": settings.name,
        "authority": settings.authority,
        "navigation": entries(who),
        "account": _account(who),
        "sign_in_url": url_for("public.sign_in"),
        "language_links": _language_links(),
        "accessibility_url": url_for("public.accessibility"),
        "footer_links": [{"label": translate("Help and questions"), "url": url_for("public.about")}],
    }


def _account(who: Actor) -> dict[str, Any] | None:
    if who.account_id is None:
        return None
    return {
        "name": accounts.profile(db(), who.account_id).name,
        "organisation": ", ".join(accounts.organisation_names(db(), who)),
        "links": [{"label": translate("My account"), "url": url_for("residents.account")}],
        "sign_out_url": url_for("public.sign_out"),
    }


def _language_links() -> list[dict[str, Any]]:
    here = request.full_path.rstrip("?") if request.method == "GET" else "/"
    return [
        {
            "code": language.value,
            "label": _LANGUAGE_NAMES[language],
            "url": url_for("public.switch_language", language=language.value, next=here),
            "current": language is current_language(),
        }
        for language in Language
    ]
