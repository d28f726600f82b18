"""Blank stickers of a municipality as a resource: ordered, listed by order, cancelled; for an asset manager's program.

An order's job is asked for and its PDF fetched as those of all labels (registry.api.label_jobs).
"""

import hashlib

from flask import Response, jsonify, request
from werkzeug.exceptions import UnsupportedMediaType

from labels import markcode
from labels.errors import MarkCodeError
from labels.language import Language
from registry.access import Permission, needs
from registry.api.blueprint import VERSION, blueprint
from registry.api.idempotency import sent_with_key
from registry.api.label_jobs import OrderAnswer, ordered_again, ordered_anew
from registry.api.label_shapes import (
    LARGEST_LABELS_BODY,
    BlankOrderAnswer,
    BlankStickersBody,
    CancelledAnswer,
    CancelNumbersBody,
)
from registry.api.problems import InvalidBody
from registry.api.strict_json import parse
from registry.request_scope import actor, db
from registry.services import asset_labels, blank_stickers, stickers
from registry.services.blank_stickers import BlankWish


@blueprint.post(f"/{VERSION}/blank-stickers")
@needs(Permission.LABEL_PROGRAM, largest_body=LARGEST_LABELS_BODY)
def order_blank_stickers() -> OrderAnswer:
    """Order new numbers, or an order's once more; the same key and body again give the same job again."""
    key, content = sent_with_key()
    body_hash = hashlib.sha256(content).digest()
    body = parse(content, BlankStickersBody)
    if (body.count is None) is not bool(body.again):
        given = "nothing" if body.count is None else str(body.count)
        raise InvalidBody(field="count", value=given, allowed="1 to 500 stickers, or again in its place")
    if again := ordered_again(key, body_hash):
        return again
    owner = asset_labels.as_owner(db(), actor())
    wish = BlankWish(
        body.count or 0, body.stock, body.start, frozenset(body.skip), Language(body.language), body.package,
        blank_stickers.numbers_of(db(), owner, [body.again] if body.again else ()),
    )  # fmt: skip
    job = blank_stickers.order_labels(db(), owner, wish, key=key, body_hash=body_hash)
    return ordered_anew(job)


@blueprint.get(f"/{VERSION}/blank-stickers")
@needs(Permission.LABEL_PROGRAM)
def waiting_blank_stickers() -> Response:
    """The numbers of the own municipality that are on no thing yet, by order, the newest order first."""
    owner = asset_labels.acting(db(), actor())
    orders = [] if owner is None else blank_stickers.held(db(), owner)
    told = [
        BlankOrderAnswer(
            order=one.key, issued_at=one.issued_at.isoformat(timespec="seconds"), numbers=one.numbers
        ).model_dump()
        for one in orders
    ]
    return jsonify({"orders": told})


@blueprint.post(f"/{VERSION}/blank-stickers/cancel")
@needs(Permission.LABEL_PROGRAM, largest_body=LARGEST_LABELS_BODY)
def cancel_blank_stickers() -> Response:
    """Cancel whole orders and single numbers that are on no thing, all or none.

    It needs no key: what counts no more cannot be cancelled again, so the same request is then refused.
    """
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    body = parse(request.get_data(), CancelNumbersBody)
    owner = asset_labels.as_owner(db(), actor())
    numbers = {*_written(body.numbers), *blank_stickers.numbers_of(db(), owner, body.orders)}
    blank_stickers.cancel(db(), owner, numbers, stickers.CancelReason(body.reason))
    return jsonify(CancelledAnswer(cancelled=len(numbers)).model_dump())


def _written(numbers: list[str]) -> list[str]:
    """The numbers in the one form in which they are kept, however they were typed off."""
    found = []
    for place, text in enumerate(numbers):
        try:
            found.append(markcode.parse(text))
        except MarkCodeError:
            raise InvalidBody(
                field=f"numbers.{place}", value=ascii(text[:40]), allowed="a sticker number of 15 characters"
            ) from None
    return found
