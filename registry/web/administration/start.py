"""The starting page of an administrator: the next thing to do, and what the register holds in figures."""

from flask import render_template, url_for

from registry.access import Permission, needs
from registry.request_scope import actor, db
from registry.services import stations as station_services
from registry.services import suppliers
from registry.services.stations import StationLine
from registry.services.suppliers import BatchLine
from registry.web.administration import blueprint
from registry.web.words import translate, translate_many


@blueprint.get("/administration")
@needs(Permission.ADMINISTRATION)
def start() -> str:
    """Next step and figures."""
    batches = suppliers.batches(db(), actor())
    stations = [line for line in station_services.every(db()) if line.revoked_at is None]
    figures = {
        "suppliers": len(suppliers.every(db(), actor())),
        "delivered": sum(line.delivered for line in batches),
        "activated": sum(line.activated for line in batches),
        "stations": len(stations),
    }
    return render_template("administration/start.html", step=_next_step(batches, stations), figures=figures)


def _next_step(batches: list[BatchLine], stations: list[StationLine]) -> dict[str, str]:
    silent = [line for line in stations if line.seen_at is None]
    if not batches:
        return {
            "title": translate("Take in the first delivery"),
            "text": translate("On the server: markdna suppliers import FILE, then markdna kits import FILE."),
            "url": url_for("administration.deliveries"),
            "label": translate("Deliveries"),
        }
    if not stations:
        return {
            "title": translate("Enrol a reading station"),
            "text": translate("A station brings what the reader sees to the open case. A code for it is shown once."),
            "url": url_for("administration.stations"),
            "label": translate("Enrol a station"),
        }
    if silent:
        return {
            "title": translate_many(
                "One station was never heard of",
                "%(count)s stations were never heard of",
                len(silent),
                count=len(silent),
            ),
            "text": translate("Check that it got its token and can reach the register."),
            "url": url_for("administration.stations"),
            "label": translate("Stations"),
        }
    return {
        "title": translate("Check the log"),
        "text": translate("Walk the chain of events from the first to the last and note its end outside the register."),
        "url": url_for("administration.log"),
        "label": translate("To the log"),
    }
