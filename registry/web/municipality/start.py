"""The starting page of an asset manager: the next thing to do, and how far marking has come."""

from flask import render_template, url_for

from registry.access import Permission, needs
from registry.request_scope import actor, db
from registry.services import departments, equipment
from registry.services.equipment import Overview
from registry.web.municipality import blueprint
from registry.web.words import translate, translate_many


@blueprint.get("/equipment/start")
@needs(Permission.EQUIPMENT)
def start() -> str:
    """Next step and figures."""
    figures = equipment.overview(db(), actor())
    own = departments.departments(db(), equipment.municipality(actor()))
    return render_template("municipality/start.html", step=_next_step(figures), figures=figures, departments=own)


def _next_step(figures: Overview) -> dict[str, str]:
    without_label = figures.total - figures.labelled
    if not figures.total:
        return {
            "title": translate("Take in your inventory"),
            "text": translate("Export it from your economy system and hand in the file as it is."),
            "url": url_for("municipality.inventory"),
            "label": translate("Choose the file"),
        }
    if without_label:
        return {
            "title": translate_many(
                "One thing has no label", "%(count)s things have no label", without_label, count=without_label
            ),
            "text": translate("A label tells whoever finds the thing where it belongs."),
            "url": url_for("municipality.labels", label="without"),
            "label": translate("Print labels"),
        }
    if figures.marked < figures.total:
        left = figures.total - figures.marked
        return {
            "title": translate_many("One thing is not marked", "%(count)s things are not marked", left, count=left),
            "text": translate("Take the list with you and mark what a thief would want."),
            "url": url_for("municipality.equipment_list", marking="unmarked"),
            "label": translate("Show what is not marked"),
        }
    return {
        "title": translate("All is marked and labelled"),
        "text": translate("Take in a newer inventory when something was bought or moved."),
        "url": url_for("municipality.inventory"),
        "label": translate("Choose the file"),
    }
