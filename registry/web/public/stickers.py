"""What a sticker tells whoever scans it: a finder what to do, a buyer whether the thing is reported stolen."""

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from labels import markcode
from labels.errors import MarkCodeError
from registry.access import Permission, allows, needs
from registry.request_scope import actor, db, remote_address
from registry.services import asset_labels, blank_stickers, stickers
from registry.web.public import blueprint
from registry.web.public.marks import told_of_marks
from registry.web.words import translate

# The page never asks for an account (a sticker pasted over ours could lead to a copy that does), and it looks the same
# to everybody, whoever is signed in. Only the one who ordered a sticker that is on no thing yet, and is signed in
# already, is taken on to the own page that links it; nobody else can tell such a number from any other.
_PLAIN = {"account": None, "navigation": (), "sign_in_url": None}


@blueprint.get("/s/<number>")
@blueprint.get("/S/<number>", endpoint="sticker_in_capitals")
@needs(Permission.ANYONE, writes=True)
def sticker(number: str) -> tuple[str, int] | BaseResponse:
    """The page of one number; numbers that are unknown, unused or not stolen are told apart by nobody."""
    try:
        known_form = markcode.parse(number)
    except MarkCodeError as refusal:
        problem = " ".join((refusal.explain(translate), *told_of_marks(number, refusal)))
        return render_template("public/sticker_misread.html", problem=problem, **_PLAIN), 404
    own_page = _page_to_link(known_form)
    if own_page:
        return redirect(own_page)
    stolen = stickers.is_reported_stolen(db(), known_form, remote_address())
    page = render_template("public/sticker.html", number=markcode.grouped(known_form), stolen=stolen, **_PLAIN)
    return page, 200


def _page_to_link(number: str) -> str:
    """Where whoever is signed in links this blank number of their own, empty when it is none of theirs."""
    if allows(actor(), Permission.OWN_THINGS) and blank_stickers.is_own(db(), actor(), number):
        return url_for("residents.stickers_link", number=number)
    if allows(actor(), Permission.EQUIPMENT):
        owner = asset_labels.acting(db(), actor())
        if owner is not None and blank_stickers.is_own(db(), owner, number):
            return url_for("municipality.labels_link", number=number)
    return ""
