"""Numbers of hidden tags and of vehicles on a resident's item."""

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from registry.access import Permission, needs
from registry.request_scope import actor, db
from registry.services import items, tag_marks
from registry.web.residents import blueprint
from registry.web.tag_forms import TagForm, entered, tag_rows
from registry.web.words import translate


@blueprint.get("/my/items/<int:item_id>/tags")
@needs(Permission.OWN_THINGS)
def tags(item_id: int) -> str:
    """The numbers of the item and the form for another."""
    return _page(TagForm(), item_id)


@blueprint.post("/my/items/<int:item_id>/tags")
@needs(Permission.OWN_THINGS)
def add_tag(item_id: int) -> tuple[str, int] | BaseResponse:
    """Register the number, or say what is wrong with it."""
    form = TagForm()
    items.one(db(), actor(), item_id)
    status = entered(form, item_id)
    if status is None:
        return redirect(url_for("residents.item", item_id=item_id), 303)
    return _page(form, item_id), status


@blueprint.post("/my/items/<int:item_id>/tags/<int:tag_id>/remove")
@needs(Permission.OWN_THINGS)
def remove_tag(item_id: int, tag_id: int) -> BaseResponse:
    """Take the number off the item."""
    tag_marks.remove(db(), actor(), item_id, tag_id)
    flash(translate("The number counts no more."), "success")
    return redirect(url_for("residents.tags", item_id=item_id), 303)


def _page(form: TagForm, item_id: int) -> str:
    return render_template(
        "residents/tags.html",
        form=form,
        item=items.one(db(), actor(), item_id),
        tags=tag_rows(list(tag_marks.of_item(db(), actor(), item_id))),
        most=tag_marks.MOST_TAGS,
    )
