"""A resident's items: added with photo and marks in one go, seen, described anew, removed."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_wtf.file import FileField
from werkzeug.wrappers import Response as BaseResponse
from wtforms import HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional
from wtforms.widgets import TextInput

from registry import clock
from registry.access import Permission, needs
from registry.errors import RegistryError
from registry.request_scope import actor, db
from registry.services import blank_stickers, items, kits, markings, photos, stickers, tag_marks
from registry.services.items import Category, ItemText
from registry.services.kits import OwnKit
from registry.web.refusals import show_in_form
from registry.web.residents import blueprint
from registry.web.residents.marks import MarkFields
from registry.web.residents.names import UNKNOWN_CHOICE, category_names
from registry.web.tag_forms import tag_rows
from registry.web.words import lazy, translate

_PHOTO_TYPES = "image/jpeg,image/png,image/webp"


class KronorField(IntegerField):  # type: ignore[misc]
    """Whole kronor, as people write them: ``12 500``, ``12500 kr``, ``12.500:-``."""

    widget = TextInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the amount; raises ValueError with words for the reader."""
        if not valuelist or not valuelist[0].strip():
            self.data = None
            return
        text = valuelist[0].strip().lower().removesuffix(":-").removesuffix("kr").strip()
        digits = "".join(letter for letter in text if not letter.isspace() and letter not in ".,")
        if not digits.isascii() or not digits.isdigit() or len(digits) > 9:
            raise ValueError(translate("Write the value in whole kronor, such as 4500."))
        self.data = int(digits)


class ItemForm(MarkFields):
    """What an owner tells of an item; the fields of marks and photo belong to the form for a new one."""

    name = StringField(
        lazy("What is it?"),
        [DataRequired(lazy("Say what it is, such as Bicycle or Gold watch.")), Length(max=120)],
        description=lazy("As you would say it: Karin's bicycle, Grandmother's gold watch."),
    )
    category = SelectField(
        lazy("Kind of thing"), [InputRequired(lazy("Choose what kind of thing it is."))], **UNKNOWN_CHOICE
    )
    photo = FileField(
        lazy("Photo"),
        description=lazy("The place where it was taken is removed. Only you and the police can see it."),
        render_kw={"accept": _PHOTO_TYPES},
    )
    maker = StringField(lazy("Maker"), [Length(max=120, message=lazy("At most 120 characters."))])
    model = StringField(lazy("Model"), [Length(max=120, message=lazy("At most 120 characters."))])
    serial_number = StringField(
        lazy("Serial or frame number"),
        [Length(max=80, message=lazy("At most 80 characters."))],
        description=lazy("Often stamped under a bicycle's crank, or on a plate at the back."),
    )
    value_sek = KronorField(
        lazy("Value"),
        [Optional(), NumberRange(0, items.HIGHEST_VALUE, lazy("Write a value up to 100 000 000 kronor."))],
        render_kw={"inputmode": "numeric"},
    )
    description = TextAreaField(
        lazy("Description"),
        [Length(max=2000, message=lazy("At most 2000 characters."))],
        description=lazy("Colour, scratches, engraving: what you would know it by."),
        render_kw={"rows": 3},
    )

    sticker = HiddenField()
    """The number of a blank sticker that is on the thing already."""

    def item_text(self) -> ItemText:
        """What was written, for the service."""
        return ItemText(
            name=self.name.data or "",
            category=Category(self.category.data),
            maker=self.maker.data or "",
            model=self.model.data or "",
            serial_number=self.serial_number.data or "",
            value_sek=self.value_sek.data,
            description=self.description.data or "",
        )


def _form(own_kits: list[OwnKit], **values: Any) -> ItemForm:
    form = ItemForm(**values)
    form.category.choices = [
        SelectChoice("", translate("Choose …")),
        *(SelectChoice(value, name) for value, name in category_names().items()),
    ]
    form.offer(own_kits)
    return form


@blueprint.get("/my/items/new")
@needs(Permission.OWN_THINGS)
def new_item() -> str:
    """The form for a new item, with the newest kit chosen; ``?sticker=`` is a blank sticker that is on it."""
    own_kits = list(kits.own(db(), actor()))
    # The newest kit whose fluid is still good, else the newest.
    likely = next((kit for kit in own_kits if not kit.past_best_before), own_kits[0] if own_kits else None)
    sticker = request.args.get("sticker", "")
    form = _form(
        own_kits, formdata=None, marked_on=clock.today(), kit_id=likely.id if likely else None, sticker=sticker
    )
    form.fill_rows()
    return render_template("residents/item_new.html", form=form, kits=own_kits)


@blueprint.post("/my/items/new")
@needs(Permission.OWN_THINGS)
def add_item() -> tuple[str, int] | BaseResponse:
    """Add the item with its marks and photo, all or nothing."""
    own_kits = list(kits.own(db(), actor()))
    form, status = _form(own_kits), 422
    if not own_kits:
        del form.kit_id, form.marked_on, form.places
    if own_kits and form.more_asked():
        status = 200
    elif form.validate():
        try:
            item_id = _add(form, marked=bool(own_kits))
        except RegistryError as refusal:
            status = show_in_form(form, refusal)
        else:
            flash(translate("%(name)s is registered.", name=form.name.data), "success")
            return redirect(url_for("residents.item", item_id=item_id), 303)
    if own_kits:
        form.fill_rows()
    return render_template("residents/item_new.html", form=form, kits=own_kits), status


def _add(form: ItemForm, *, marked: bool) -> int:
    item_id = items.add(db(), actor(), form.item_text())
    if marked and any(place.strip() for place in form.written_places()):
        markings.mark(db(), actor(), item_id, form.kit_id.data, form.written_places(), form.marked_on.data)
    uploaded = form.photo.data.read() if form.photo.data else b""
    if uploaded:
        photos.add(db(), actor(), item_id, uploaded)
    if form.sticker.data:
        blank_stickers.link(db(), actor(), form.sticker.data, item_id)
    return item_id


@blueprint.get("/my/items/<int:item_id>")
@needs(Permission.OWN_THINGS)
def item(item_id: int) -> str:
    """An item's own page."""
    return render_template(
        "residents/item.html",
        item=items.one(db(), actor(), item_id),
        photos=photos.of_item(db(), actor(), item_id),
        most_photos=photos.MOST_PHOTOS,
        markings=markings.of_item(db(), actor(), item_id),
        sticker_number=stickers.of_item(db(), actor(), item_id),
        categories=category_names(),
        photo_types=_PHOTO_TYPES,
        tags=tag_rows(list(tag_marks.of_item(db(), actor(), item_id))),
    )


@blueprint.get("/my/items/<int:item_id>/edit")
@needs(Permission.OWN_THINGS)
def edit_item(item_id: int) -> str:
    """The form, filled with what is known."""
    held = items.one(db(), actor(), item_id)
    form = _form([], formdata=None, obj=held.text)
    form.category.data = held.text.category.value
    return render_template("residents/item_edit.html", form=form, item=held)


@blueprint.post("/my/items/<int:item_id>/edit")
@needs(Permission.OWN_THINGS)
def change_item(item_id: int) -> tuple[str, int] | BaseResponse:
    """Keep the new description."""
    held = items.one(db(), actor(), item_id)
    form, status = _form([]), 422
    del form.kit_id, form.marked_on, form.places, form.photo
    if form.validate():
        try:
            items.change(db(), actor(), item_id, form.item_text())
        except RegistryError as refusal:
            status = show_in_form(form, refusal)
        else:
            flash(translate("The change is saved."), "success")
            return redirect(url_for("residents.item", item_id=item_id), 303)
    return render_template("residents/item_edit.html", form=form, item=held), status


@blueprint.get("/my/items/<int:item_id>/remove")
@needs(Permission.OWN_THINGS)
def ask_removal(item_id: int) -> str:
    """The question before an item is removed."""
    return render_template("residents/item_remove.html", item=items.one(db(), actor(), item_id))


@blueprint.post("/my/items/<int:item_id>/remove")
@needs(Permission.OWN_THINGS)
def remove_item(item_id: int) -> BaseResponse:
    """Take the item off the list."""
    held = items.one(db(), actor(), item_id)
    items.remove(db(), actor(), item_id)
    flash(translate("%(name)s is removed from your list.", name=held.text.name), "success")
    return redirect(url_for("residents.home"), 303)
