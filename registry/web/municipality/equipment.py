"""The list of equipment with its filters, a thing's own page, and the list as a file."""

from collections.abc import Iterator

from flask import Response, render_template, request

from registry import clock
from registry.access import Permission, needs
from registry.request_scope import actor, db
from registry.services import departments, equipment, tag_marks
from registry.services.equipment import Label, Marking, Order, Wish
from registry.web.municipality import blueprint
from registry.web.municipality.wishes import address, wish_of
from registry.web.tag_forms import tag_rows
from registry.web.words import translate


@blueprint.get("/equipment")
@needs(Permission.EQUIPMENT, writes=True)
def equipment_list() -> str:
    """A page of the filtered list."""
    wish = wish_of(request.args)
    found = equipment.listing(db(), actor(), wish, request.args.get("page", 1, type=int))
    return render_template(
        "municipality/equipment.html",
        found=found,
        wish=wish,
        default_wish=Wish(),
        choices=filter_choices(),
        page_url=address("municipality.equipment_list", wish, page="PAGE"),
        export_url=address("municipality.export_equipment", wish),
        labels_url=address("municipality.labels", wish),
    )


@blueprint.get("/equipment/<int:item_id>")
@needs(Permission.EQUIPMENT, writes=True)
def equipment_card(item_id: int) -> str:
    """One thing with all that is known of it."""
    card = equipment.one(db(), actor(), item_id)
    tags = tag_rows(list(tag_marks.of_item(db(), actor(), item_id)))
    return render_template("municipality/card.html", card=card, tags=tags)


@blueprint.get("/equipment/list.csv")
@needs(Permission.EQUIPMENT, writes=True)
def export_equipment() -> Response:
    """The filtered list as a file that a spreadsheet opens and the import reads back."""
    lines = list(equipment.export(db(), actor(), wish_of(request.args)))
    name = f"{translate('equipment')}-{clock.today():%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response("".join(lines), mimetype="text/csv", headers=headers)


def filter_choices() -> dict[str, list[tuple[str, str]]]:
    """The choices of each filter: value and text."""
    organisation_id = equipment.municipality(actor())
    own = departments.departments(db(), organisation_id)
    return {
        "department": [("", translate("All departments")), *((str(line.id), line.name) for line in own)],
        "place": [("", translate("All places")), *_places(organisation_id)],
        "marking": [
            (Marking.ANY.value, translate("All")),
            (Marking.MARKED.value, translate("Marked against theft")),
            (Marking.UNMARKED.value, translate("Not marked")),
        ],
        "label": [
            (Label.ANY.value, translate("All")),
            (Label.WITH.value, translate("With label")),
            (Label.WITHOUT.value, translate("Without label")),
        ],
        "order": [
            (Order.NUMBER.value, translate("Number")),
            (Order.NAME.value, translate("Name")),
            (Order.DEPARTMENT.value, translate("Department")),
            (Order.PLACE.value, translate("Place")),
            (Order.PURCHASED.value, translate("Newest first")),
        ],
    }


def _places(organisation_id: int) -> Iterator[tuple[str, str]]:
    for building in departments.buildings(db(), organisation_id):
        yield str(building.id), building.name
        for room_id, room in building.rooms:
            yield str(room_id), f"{building.name}: {room}"
