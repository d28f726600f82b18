"""A resident's starting page: the next thing to do, and what the household has marked."""

from dataclasses import dataclass

from flask import render_template, url_for

from registry.access import Permission, needs
from registry.request_scope import actor, db
from registry.services import accounts, items, kits
from registry.services.items import ItemLine
from registry.web.residents import blueprint
from registry.web.residents.kits import KitForm
from registry.web.residents.names import category_names
from registry.web.words import translate


@dataclass(frozen=True, slots=True)
class NextStep:
    """The one thing to do next, as the macro ``next_step`` shows it."""

    title: str
    text: str
    url: str
    label: str


@blueprint.get("/my")
@needs(Permission.OWN_THINGS)
def home() -> str:
    """The starting page."""
    own_kits, own_items = kits.own(db(), actor()), items.own(db(), actor())
    profile = accounts.profile(db(), actor().own_account("see the start page"))
    return render_template(
        "residents/home.html",
        first_name=profile.name.split(maxsplit=1)[0],
        kits=own_kits,
        items=own_items,
        step=_next_step(list(own_items)) if own_kits else None,
        kit_form=KitForm(),
        categories=category_names(),
        worth=sum(item.value_sek or 0 for item in own_items),
    )


def _next_step(own_items: list[ItemLine]) -> NextStep:
    if not own_items:
        return NextStep(
            translate("Add the first thing you have marked"),
            translate("A name, a photo and where the marks sit: that is enough to begin with."),
            url_for("residents.new_item"),
            translate("Add a thing"),
        )
    unmarked = next((item for item in own_items if not item.mark_points), None)
    if unmarked is not None:
        return NextStep(
            translate("Say where the marks sit on %(name)s", name=unmarked.name),
            translate("Police then know where to look. Three to five places are best."),
            url_for("residents.marks", item_id=unmarked.id),
            translate("Write the places"),
        )
    bare = [item for item in own_items if not item.sticker_number]
    if bare:
        return NextStep(
            translate("Print stickers"),
            translate("A sticker that is seen is what keeps a thief away."),
            url_for("residents.stickers_page"),
            translate("Choose stickers to print"),
        )
    return NextStep(
        translate("Everything is in place"),
        translate("Mark the next thing when you like: one kit is enough for many."),
        url_for("residents.new_item"),
        translate("Add a thing"),
    )
