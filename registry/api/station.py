"""A station asks whether the registry knows it, and a machine becomes a station."""

import base64

from flask import Response, jsonify, request
from werkzeug.exceptions import UnsupportedMediaType

from registry.access import Permission, needs
from registry.api.blueprint import VERSION, blueprint
from registry.api.station_shapes import EnrolmentAnswer, EnrolmentBody, StationAnswer
from registry.api.strict_json import parse
from registry.request_scope import actor, db, remote_address
from registry.services import messages, stations, stolen_list, throttle
from registry.services.throttle import Limit

_LARGEST_ENROLMENT = 4096


@blueprint.get(f"/{VERSION}/station")
@needs(Permission.STATION, writes=True)
def this_station() -> Response:
    """The station's name and authority, so that whoever sets it up sees that token and address are right."""
    station_id = actor().station_id or 0
    stations.seen(db(), station_id)
    name, organisation = stations.name_and_organisation(db(), station_id)
    return jsonify(StationAnswer(name=name, organisation=organisation, **_keys()).model_dump())


@blueprint.post(f"/{VERSION}/enrolment")
@needs(Permission.ANYONE, largest_body=_LARGEST_ENROLMENT)
def enrol() -> tuple[Response, int]:
    """Make the machine that sends a right code a station, and tell it its token, this once."""
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    throttle.check(db(), Limit.STATION_ENROLMENT, remote_address())
    body = parse(request.get_data(), EnrolmentBody)
    throttle.count(db(), Limit.STATION_ENROLMENT, remote_address())
    enrolled = stations.enrol_with_code(db(), body.code, body.public_key)
    answer = EnrolmentAnswer(name=enrolled.name, organisation=enrolled.organisation, token=enrolled.token, **_keys())
    return jsonify(answer.model_dump()), 201


def _keys() -> dict[str, str]:
    keys = {"message_key": messages.message_key(db()), "list_key": stolen_list.list_key(db())}
    return {name: base64.b64encode(key).decode("ascii") for name, key in keys.items()}
