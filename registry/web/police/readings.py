"""Readings of a case: the fragment that keeps its page up to date, and putting a reading with a seized item."""

from flask import Response, flash, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from registry.access import Permission, needs
from registry.request_scope import actor, database, db
from registry.services import case_readings, cases
from registry.web.police import blueprint
from registry.web.police.cases import seized
from registry.web.words import translate


@blueprint.get("/cases/<int:case_id>/readings")
@needs(Permission.POLICE_WORK)
def new_readings(case_id: int) -> Response:
    """The readings newer than ``?after=`` as elements without a page; 204 when there are none.

    Asking whether there is something new neither writes nor locks, since every open page asks all the time. Only when
    something is going to be shown is that logged, in a transaction of its own that ends before anything is built.
    """
    after = request.args.get("after", default=0, type=int)
    newest = case_readings.newest_id(db(), actor(), case_id)
    if newest <= after:
        # A page that only waits is nobody at work: it must not keep the session alive.
        g.pop("after_request", None)
        return make_response("", 204)
    with database().transaction() as session:
        head = cases.read(session, actor(), case_id)
    lines = case_readings.of_case(db(), case_id, after=after)
    page = render_template("police/readings.html", case=head, readings=lines, **seized(case_id))
    response = make_response(page)
    response.headers["Live-Cursor"] = str(newest)
    return response


@blueprint.post("/cases/<int:case_id>/readings/<int:reading_id>/attach")
@needs(Permission.POLICE_WORK)
def attach(case_id: int, reading_id: int) -> BaseResponse:
    """Put the reading with the seized item that was chosen."""
    chosen = request.form.get("seized_item", default=0, type=int)
    case_readings.attach(db(), actor(), case_id, reading_id, chosen)
    flash(translate("The reading is with the seized item now."), "success")
    return redirect(url_for("police.case", case_id=case_id, _anchor=f"reading-{reading_id}"))
