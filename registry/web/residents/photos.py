"""Photos of a resident's items: uploading, seeing, removing. Nobody else's can be opened."""

import io

from flask import Response, flash, make_response, redirect, request, send_file, url_for
from werkzeug.wrappers import Response as BaseResponse

from registry.access import Permission, needs
from registry.errors import InvalidInput
from registry.request_scope import actor, db
from registry.services import items, photos
from registry.web.refusals import explained
from registry.web.residents import blueprint
from registry.web.words import translate


@blueprint.post("/my/items/<int:item_id>/photos")
@needs(Permission.OWN_THINGS)
def add_photo(item_id: int) -> BaseResponse:
    """Add a photo to an item; what is wrong with it is said on the item's page."""
    items.one(db(), actor(), item_id)
    uploaded = request.files.get("photo")
    content = uploaded.read() if uploaded else b""
    if not content:
        flash(translate("Choose a photo first."), "danger")
    else:
        try:
            photos.add(db(), actor(), item_id, content)
        except InvalidInput as refusal:
            # Nothing was changed before the photo was found unfit, so there is nothing to take back.
            flash(explained(refusal), "danger")
        else:
            flash(translate("The photo is saved."), "success")
    return redirect(url_for("residents.item", item_id=item_id), 303)


@blueprint.get("/my/photos/<uid>.jpg")
@needs(Permission.OWN_THINGS)
def photo(uid: str) -> Response:
    """A photo, whole or (``?size=small``) as a thumbnail, for its item's owner alone."""
    content = photos.content(db(), actor(), uid, thumbnail=request.args.get("size") == "small")
    response = make_response(send_file(io.BytesIO(content), mimetype="image/jpeg", download_name="photo.jpg"))
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@blueprint.post("/my/photos/<uid>/remove")
@needs(Permission.OWN_THINGS)
def remove_photo(uid: str) -> BaseResponse:
    """Delete a photo."""
    item_id = photos.remove(db(), actor(), uid)
    flash(translate("The photo is deleted."), "success")
    return redirect(url_for("residents.item", item_id=item_id), 303)
