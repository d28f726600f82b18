"""Labels of equipment as a resource: ``POST /api/v1/labels`` orders them.

Designs and stocks are lists that anybody may read, so that a program can offer a choice.
"""

import hashlib
from collections.abc import Sequence

from flask import Response, jsonify

from labels.language import Language
from labels.pdf import Design
from registry.access import Permission, needs
from registry.api.blueprint import VERSION, blueprint
from registry.api.idempotency import sent_with_key
from registry.api.label_jobs import OrderAnswer, ordered_again, ordered_anew
from registry.api.label_shapes import LARGEST_LABELS_BODY, DesignAnswer, LabelsBody, StockAnswer
from registry.api.strict_json import parse
from registry.request_scope import actor, db
from registry.services import asset_labels, evidence_labels, stickers
from registry.services.asset_labels import LabelWish
from registry.services.equipment import Wish
from registry.web.words import translate


@blueprint.get(f"/{VERSION}/label-designs")
@needs(Permission.ANYONE)
def label_designs() -> Response:
    """What equipment can be labelled with."""
    return _designs_told(asset_labels.designs())


@blueprint.get(f"/{VERSION}/case-label-designs")
@needs(Permission.ANYONE)
def case_label_designs() -> Response:
    """What the police can label in a case."""
    return _designs_told(evidence_labels.DESIGNS)


@blueprint.get(f"/{VERSION}/label-stocks")
@needs(Permission.ANYONE)
def label_stocks() -> Response:
    """The sheets that some design fits on."""
    designs = [*asset_labels.designs(), *evidence_labels.DESIGNS]
    stocks = {stock.code: stock for design in designs for stock in stickers.stocks_for(design)}
    told = [
        StockAnswer(
            code=stock.code, also=list(stock.also), label_mm=stock.label, page_mm=stock.page, columns=stock.columns,
            rows=stock.rows, places=stock.positions, source=stock.source,
        ).model_dump()
        for stock in stocks.values()
    ]  # fmt: skip
    return jsonify({"stocks": told})


@blueprint.post(f"/{VERSION}/labels")
@needs(Permission.LABEL_PROGRAM, largest_body=LARGEST_LABELS_BODY)
def order_labels() -> OrderAnswer:
    """Order labels of things by inventory number; the same key and body again give the same job again."""
    key, content = sent_with_key()
    body_hash = hashlib.sha256(content).digest()
    body = parse(content, LabelsBody)
    if again := ordered_again(key, body_hash):
        return again
    things = tuple(asset_labels.item_ids_of(db(), actor(), body.inventory_numbers))
    sheet = LabelWish(
        body.stock, body.start, frozenset(body.skip), Language(body.language), body.design, body.copies, body.package
    )
    job = asset_labels.order_labels(db(), actor(), Wish(items=things), sheet, key=key, body_hash=body_hash)
    return ordered_anew(job)


def _designs_told(designs: Sequence[Design]) -> Response:
    told = [
        DesignAnswer(
            name=design.name,
            title=translate(design.title),
            purpose=translate(design.purpose),
            smallest_mm=design.smallest,
            stocks=[stock.code for stock in stickers.stocks_for(design)],
        ).model_dump()
        for design in designs
    ]
    return jsonify({"designs": told})
