"""``POST /api/v1/readings``: a station brings a reading and is told what the register makes of it."""

import hashlib
from typing import Any

from flask import Response, jsonify

from registry.access import Permission, needs
from registry.api.blueprint import VERSION, blueprint
from registry.api.idempotency import sent_with_key
from registry.api.shapes import LARGEST_BODY, DnaObservation, DotObservation, Observation, ReadingBody, UvObservation
from registry.api.strict_json import parse
from registry.request_scope import actor, db
from registry.services import identifications, readings, stations, throttle
from registry.services.readings import ObservationKind, Observed, Submission
from registry.services.text import one_line
from registry.services.throttle import Limit


@blueprint.post(f"/{VERSION}/readings")
@needs(Permission.STATION, largest_body=LARGEST_BODY)
def deliver() -> tuple[Response, int]:
    """Store a reading and search the register for it; the same key and body again give the same answer again."""
    station = actor()
    throttle.check(db(), Limit.STATION_READINGS, station.label)
    key, content = sent_with_key()
    submission = submission_of(parse(content, ReadingBody), key, hashlib.sha256(content).digest())
    throttle.count(db(), Limit.STATION_READINGS, station.label)
    stations.seen(db(), station.station_id or 0)
    received = readings.receive(db(), station, submission)
    if received.duplicate:
        return _answer(identifications.told(db(), received.reading_id), duplicate=True), 200
    return _answer(identifications.identify(db(), station, received.reading_id), duplicate=False), 201


def submission_of(body: ReadingBody, key: str, body_hash: bytes) -> Submission:
    """A reading as the services take it; ``key`` and ``body_hash`` make its repetition harmless."""
    return Submission(
        case_number=body.case_number,
        idempotency_key=key,
        body_hash=body_hash,
        reading_number=body.reading_id,
        reader=body.reader.model_dump() if body.reader else None,
        raw=body.raw,
        read_at=body.read_at,
        observations=[_observed(one) for one in body.observations],
        purpose=one_line("purpose", body.purpose, 5, 500) if body.purpose else "",
    )


def _observed(one: Observation) -> Observed:
    kind = ObservationKind(one.kind)
    if isinstance(one, UvObservation):
        return Observed(kind, glow=one.glow, peak_nm=one.peak_nm, intensity=one.intensity)
    if isinstance(one, DotObservation):
        return Observed(kind, one.text, one.quality)
    if isinstance(one, DnaObservation):
        return Observed(kind, one.bases.upper(), one.quality)
    return Observed(kind, one.text, symbology=one.symbology)


def _answer(told: dict[str, Any], *, duplicate: bool) -> Response:
    return jsonify({**told, "duplicate": duplicate})
