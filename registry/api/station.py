"""``GET /api/v1/station``: a station asks whether the registry knows it."""

from flask import Response, jsonify

from registry.access import Permission, needs
from registry.api.blueprint import VERSION, blueprint
from registry.api.shapes import StationAnswer
from registry.request_scope import actor, db
from registry.services import stations


@blueprint.get(f"/{VERSION}/station")
@needs(Permission.STATION, writes=True)
def this_station() -> Response:
    """The station's name and authority, so that whoever sets it up sees that token and address are right."""
    station_id = actor().station_id or 0
    stations.seen(db(), station_id)
    name, organisation = stations.name_and_organisation(db(), station_id)
    return jsonify(StationAnswer(name=name, organisation=organisation).model_dump())
