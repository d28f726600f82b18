"""What a station has sealed on its disk is opened, done once and answered: readings, and which item they belong to."""

import base64
import binascii
import json
from typing import Any

from flask import Response, jsonify, request
from werkzeug.exceptions import UnsupportedMediaType

from registry.access import Permission, needs
from registry.api.blueprint import VERSION, blueprint
from registry.api.problems import InvalidBody
from registry.api.readings import submission_of
from registry.api.shapes import ReadingBody
from registry.api.station_shapes import (
    LARGEST_ENVELOPE,
    AttachmentAnswer,
    AttachmentBody,
    EnvelopeBody,
    FindingAnswer,
    FindingBody,
    MessageBody,
    SeizedItemAnswer,
    SeizedItemsAnswer,
)
from registry.api.strict_json import parse
from registry.request_scope import actor, db
from registry.services import identifications, messages, readings, station_attachments, stations, throttle, uv_notes
from registry.services.actor import Actor
from registry.services.messages import Envelope
from registry.services.station_attachments import Wish
from registry.services.throttle import Limit
from registry.services.uv_notes import Finding, UvColour

_SIGNATURE = "Station-Signature"


@blueprint.post(f"/{VERSION}/messages")
@needs(Permission.STATION, largest_body=LARGEST_ENVELOPE)
def take() -> tuple[Response, int]:
    """Open a message and do what it says; the same message again gives the same answer again."""
    station = actor()
    station_id = station.station_id or 0
    throttle.check(db(), Limit.STATION_READINGS, station.label)
    content = request.get_data()
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    stations.check_signature(db(), station_id, content, _signature())
    sent = parse(content, EnvelopeBody)
    throttle.count(db(), Limit.STATION_READINGS, station.label)
    stations.seen(db(), station_id)
    envelope = Envelope(sent.segment, sent.sequence, sent.previous, sent.sealed)
    message = parse(messages.opened(db(), envelope), MessageBody)
    content = json.dumps(message.body).encode()
    if message.kind == "attachment":
        return _attach(station, envelope, parse(content, AttachmentBody))
    if message.kind == "finding":
        return _note(station, envelope, parse(content, FindingBody))
    return _receive(station, envelope, parse(content, ReadingBody))


def _receive(station: Actor, envelope: Envelope, body: ReadingBody) -> tuple[Response, int]:
    received = readings.receive(db(), station, submission_of(body, envelope.key, envelope.body_hash), forgetful=True)
    if received.repeated or not received.duplicate:
        messages.count(db(), station.station_id or 0, envelope, repeated=received.repeated)
    if received.duplicate:
        return _answer(identifications.told(db(), received.reading_id), body, duplicate=True), 200
    return _answer(identifications.identify(db(), station, received.reading_id), body, duplicate=False), 201


def _attach(station: Actor, envelope: Envelope, body: AttachmentBody) -> tuple[Response, int]:
    wish = Wish(body.case_number, body.reading_key, body.reading_id, body.seized_item)
    attachment_id, duplicate = station_attachments.attach(db(), station, envelope.key, wish)
    if not duplicate:
        messages.count(db(), station.station_id or 0, envelope)
    answer = AttachmentAnswer(
        id=attachment_id,
        duplicate=duplicate,
        verdict="attached",
        reading_id=body.reading_id,
        seized_item=body.seized_item,
    )
    return jsonify(answer.model_dump()), 200 if duplicate else 201


def _note(station: Actor, envelope: Envelope, body: FindingBody) -> tuple[Response, int]:
    finding = Finding(
        UvColour(body.colour), body.spot, body.noted_at, body.seal_number, body.photo, withdrawn=body.withdrawn
    )
    note_id, duplicate = uv_notes.note_at_station(
        db(),
        station,
        envelope.key,
        envelope.body_hash,
        body.case_number,
        body.seized_item,
        finding,
        corrects_key=body.corrects,
    )
    if not duplicate:
        messages.count(db(), station.station_id or 0, envelope)
    answer = FindingAnswer(
        id=note_id,
        duplicate=duplicate,
        verdict="attached",
        reading_id=body.finding_id,
        seized_item=body.seized_item,
    )
    return jsonify(answer.model_dump()), 200 if duplicate else 201


@blueprint.get(f"/{VERSION}/cases/<case_number>/seized-items")
@needs(Permission.STATION, writes=True)
def seized_items(case_number: str) -> Response:
    """The seized items of an open case, so that a station can say which one a reading belongs to."""
    found = station_attachments.items(db(), actor(), case_number)
    items = [
        SeizedItemAnswer(label=item.label, description=item.description, handed_over=item.handed_over) for item in found
    ]
    return jsonify(SeizedItemsAnswer(items=items).model_dump())


def _signature() -> bytes:
    try:
        return base64.b64decode(request.headers.get(_SIGNATURE, ""), validate=True)
    except binascii.Error:
        raise InvalidBody(field=_SIGNATURE, value="this header", allowed="base64 of an Ed25519 signature") from None


def _answer(told: dict[str, Any], body: ReadingBody, *, duplicate: bool) -> Response:
    return jsonify({**told, "duplicate": duplicate, "reading_id": body.reading_id})
