"""Labels as a resource: ``POST /api/v1/labels`` orders them, ``GET`` tells how far they are and fetches the PDF.

Designs and stocks are lists that anybody may read, so that a program can offer a choice.
"""

import hashlib
import io

from flask import Response, jsonify, request, send_file, url_for
from werkzeug.exceptions import UnsupportedMediaType

from labels.language import Language
from registry.access import Permission, needs
from registry.api.blueprint import VERSION, blueprint
from registry.api.label_shapes import LARGEST_LABELS_BODY, DesignAnswer, LabelsAnswer, LabelsBody, StockAnswer
from registry.api.problems import InvalidBody
from registry.api.readings import KEY
from registry.api.strict_json import parse
from registry.errors import Conflict
from registry.request_scope import actor, db
from registry.services import asset_labels, label_jobs, stickers
from registry.services.asset_labels import LabelWish
from registry.services.equipment import Wish
from registry.services.label_jobs import Job
from registry.web.words import translate


@blueprint.get(f"/{VERSION}/label-designs")
@needs(Permission.ANYONE)
def label_designs() -> Response:
    """What equipment can be labelled with."""
    told = [
        DesignAnswer(
            name=design.name,
            title=translate(design.title),
            purpose=translate(design.purpose),
            smallest_mm=design.smallest,
            stocks=[stock.code for stock in stickers.stocks_for(design)],
        ).model_dump()
        for design in asset_labels.designs()
    ]
    return jsonify({"designs": told})


@blueprint.get(f"/{VERSION}/label-stocks")
@needs(Permission.ANYONE)
def label_stocks() -> Response:
    """The sheets that some design fits on."""
    stocks = {stock.code: stock for design in asset_labels.designs() for stock in stickers.stocks_for(design)}
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
def order_labels() -> tuple[Response, int, dict[str, str]]:
    """Order labels of things by inventory number; the same key and body again give the same job again."""
    content = request.get_data()
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    key, body_hash = _key(), hashlib.sha256(content).digest()
    body = parse(content, LabelsBody)
    job = label_jobs.ordered_with(db(), actor(), key, body_hash)
    if job is not None:
        return _told(job), 200, {"Location": _address(job)}
    things = tuple(asset_labels.item_ids_of(db(), actor(), body.inventory_numbers))
    sheet = LabelWish(
        body.stock, body.start, frozenset(body.skip), Language(body.language), body.design, body.copies, body.package
    )
    job = asset_labels.order_labels(db(), actor(), Wish(items=things), sheet, key=key, body_hash=body_hash)
    return _told(job), 202, {"Location": _address(job)}


@blueprint.get(f"/{VERSION}/labels/<job_uid>")
@needs(Permission.LABEL_PROGRAM)
def labels_ordered(job_uid: str) -> Response:
    """How far an own job is."""
    return _told(label_jobs.of(db(), actor(), job_uid))


@blueprint.get(f"/{VERSION}/labels/<job_uid>/pdf")
@needs(Permission.LABEL_PROGRAM)
def labels_made(job_uid: str) -> Response:
    """The PDF of an own job; 409 while it is being made, 410 when its time is over."""
    pdf = label_jobs.pdf_of(db(), actor(), job_uid)
    if pdf is None:
        raise Conflict(what="The PDF", reason="it is not made yet, or could not be")
    return send_file(io.BytesIO(pdf), mimetype="application/pdf")


def _key() -> str:
    key = request.headers.get("Idempotency-Key", "")
    if not KEY.fullmatch(key):
        raise InvalidBody(
            field="Idempotency-Key",
            value=ascii(key[:64]) if key else "nothing",
            allowed="1 to 64 printable ASCII characters, such as a UUID",
        )
    return key


def _address(job: Job) -> str:
    return url_for("api.labels_ordered", job_uid=job.uid)


def _told(job: Job) -> Response:
    answer = LabelsAnswer(
        id=job.uid,
        state="expired" if job.expired else job.state.value,
        made=job.made,
        total=job.total,
        pages=job.pages,
        next_start=job.next_start,
        replaced_characters=job.replaced_characters,
        fault=job.fault,
        expires_at=job.expires_at.isoformat(timespec="seconds"),
        pdf=url_for("api.labels_made", job_uid=job.uid),
    )
    return jsonify(answer.model_dump())
