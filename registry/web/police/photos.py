"""Photos of the items that a reading led to."""

from flask import Response, make_response, request

from registry.access import Permission, needs
from registry.request_scope import actor, db
from registry.services import photo_views
from registry.web.police import blueprint


@blueprint.get("/cases/<int:case_id>/readings/<int:reading_id>/photos/<string(length=32):photo_uid>")
@needs(Permission.POLICE_WORK, writes=True)
def photo(case_id: int, reading_id: int, photo_uid: str) -> Response:
    """The photo as JPEG, small with ``?size=small``; that it was shown is logged."""
    small = request.args.get("size") == "small"
    response = make_response(photo_views.show(db(), actor(), case_id, reading_id, photo_uid, thumbnail=small))
    response.headers["Content-Type"] = "image/jpeg"
    return response
