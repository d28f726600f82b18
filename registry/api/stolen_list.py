"""``POST /api/v1/stolen-list``: a station fetches the list that it answers by while it does not reach the registry."""

import base64
import binascii

from flask import Response, jsonify, request
from werkzeug.exceptions import UnsupportedMediaType

from registry.access import Permission, needs
from registry.api.blueprint import VERSION, blueprint
from registry.api.problems import InvalidBody
from registry.api.station_shapes import PreparingAnswer, StolenListBody
from registry.api.strict_json import parse
from registry.request_scope import actor, db
from registry.services import stations, stolen_list, throttle
from registry.services.stolen_list import Preparing
from registry.services.throttle import Limit

_LARGEST_QUESTION = 256


@blueprint.post(f"/{VERSION}/stolen-list")
@needs(Permission.STATION, largest_body=_LARGEST_QUESTION)
def give() -> tuple[Response, int]:
    """The list as bytes: length of the header (4 bytes, big-endian), header, signature (64 bytes), entries.

    Signed by the station as messages are: a token alone does not fetch a list.
    """
    station = actor()
    content = request.get_data()
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    stations.check_signature(db(), station.station_id or 0, content, _signature())
    asked = parse(content, StolenListBody)
    throttle.check(db(), Limit.STATION_LIST, station.label)
    given = stolen_list.give(db(), station, asked.nonce)
    if isinstance(given, Preparing):
        return jsonify(PreparingAnswer(prepared=given.prepared, marks=given.marks).model_dump()), 202
    throttle.count(db(), Limit.STATION_LIST, station.label)
    stations.seen(db(), station.station_id or 0)
    body = len(given.header).to_bytes(4, "big") + given.header + given.signature + given.entries
    return Response(body, mimetype="application/octet-stream"), 200


def _signature() -> bytes:
    try:
        return base64.b64decode(request.headers.get("Station-Signature", ""), validate=True)
    except binascii.Error:
        raise InvalidBody(
            field="Station-Signature", value="this header", allowed="base64 of an Ed25519 signature"
        ) from None
