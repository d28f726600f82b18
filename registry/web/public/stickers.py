"""What a sticker tells whoever scans it: a finder what to do, a buyer whether the thing is reported stolen."""

from flask import render_template

from labels import markcode
from labels.errors import MarkCodeError
from registry.access import Permission, needs
from registry.request_scope import db, remote_address
from registry.services import stickers
from registry.web.public import blueprint
from registry.web.public.marks import told_of_marks
from registry.web.words import translate

# The page never asks for an account (a sticker pasted over ours could lead to a copy that does), and it looks the same
# to everybody, whoever is signed in.
_PLAIN = {"account": None, "navigation": (), "sign_in_url": None}


@blueprint.get("/s/<number>")
@blueprint.get("/S/<number>", endpoint="sticker_in_capitals")
@needs(Permission.ANYONE, writes=True)
def sticker(number: str) -> tuple[str, int]:
    """The page of one number; numbers that are unknown, unused or not stolen are told apart by nobody."""
    try:
        known_form = markcode.parse(number)
    except MarkCodeError as refusal:
        problem = " ".join((refusal.explain(translate), *told_of_marks(number, refusal)))
        return render_template("public/sticker_misread.html", problem=problem, **_PLAIN), 404
    stolen = stickers.is_reported_stolen(db(), known_form, remote_address())
    page = render_template("public/sticker.html", number=markcode.grouped(known_form), stolen=stolen, **_PLAIN)
    return page, 200
