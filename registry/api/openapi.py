"""``GET /api/openapi.json``: the API described by the very shapes that check it (OpenAPI 3.1)."""

from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from typing import Any

from flask import Response, jsonify
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from registry.access import Permission, needs
from registry.api.blueprint import VERSION, blueprint
from registry.api.shapes import LARGEST_BODY, Problem, ReadingAnswer, ReadingBody
from registry.api.station_shapes import (
    AttachmentAnswer,
    AttachmentBody,
    EnrolmentAnswer,
    EnrolmentBody,
    EnvelopeBody,
    MessageAnswer,
    MessageBody,
    SeizedItemsAnswer,
    StationAnswer,
)

_REFUSALS = {
    "401": "The station is unknown or was revoked",
    "404": "There is no such open case for this station's authority",
    "409": "The key was used before with another body",
    "413": f"The body is larger than {LARGEST_BODY} bytes",
    "415": "The content is not JSON",
    "422": "The case number, the key or a field of the body is not allowed",
    "429": "Too many readings; Retry-After says how many seconds to wait",
    "503": "The register does not answer; Retry-After says how many seconds to wait",
}


@blueprint.get("/openapi.json")
@needs(Permission.ANYONE)
def document() -> Response:
    """The whole API as one document."""
    return jsonify(_document())


@cache
def _document() -> dict[str, Any]:
    _, definitions = models_json_schema(
        [
            (shape, "validation")
            for shape in (
                ReadingBody,
                ReadingAnswer,
                StationAnswer,
                EnvelopeBody,
                MessageBody,
                MessageAnswer,
                AttachmentBody,
                AttachmentAnswer,
                SeizedItemsAnswer,
                EnrolmentBody,
                EnrolmentAnswer,
                Problem,
            )
        ],
        ref_template="#/components/schemas/{model}",
    )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "MarkDNA registry",
            "version": version("markdna"),
            "description": "For reading stations. Errors are in the language of Accept-Language (sv, en).",
            "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        },
        "security": [{"station": []}],
        "paths": {
            f"/api/{VERSION}/readings": {"post": _deliver()},
            f"/api/{VERSION}/messages": {"post": _take()},
            f"/api/{VERSION}/enrolment": {"post": _enrol()},
            f"/api/{VERSION}/cases/{{case_number}}/seized-items": {"get": _seized_items()},
            f"/api/{VERSION}/station": {
                "get": {
                    "operationId": "thisStation",
                    "summary": "Ask whether the registry knows this station",
                    "responses": {"200": _answer("The station and its authority", StationAnswer), **_refusals("401")},
                }
            },
        },
        "components": {
            "schemas": definitions["$defs"],
            "securitySchemes": {
                "station": {"type": "http", "scheme": "bearer", "description": "The token of an enrolled station"}
            },
        },
    }


def _deliver() -> dict[str, Any]:
    return {
        "operationId": "deliverReading",
        "summary": "Bring a reading to an open case and be told what the register makes of it",
        "parameters": [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": True,
                "description": "Names this reading at this station; the same key and body again give the same answer",
                "schema": {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[!-~]+$"},
            }
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": _reference(ReadingBody)}}},
        "responses": {
            "201": _answer("Stored and searched", ReadingAnswer),
            "200": _answer("It had been received before; exactly the first answer, marked duplicate", ReadingAnswer),
            **_refusals(*_REFUSALS),
        },
    }


def _take() -> dict[str, Any]:
    return {
        "operationId": "takeMessage",
        "summary": "Bring a message (MessageBody) that the station has sealed to message_key for its place in a chain",
        "parameters": [
            {
                "name": "Station-Signature",
                "in": "header",
                "required": False,
                "description": "Base64 of the Ed25519 signature of the body; needed from a station enrolled with a key",
                "schema": {"type": "string", "format": "byte"},
            }
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": _reference(EnvelopeBody)}}},
        "responses": {
            "201": _answer("Opened, stored and searched", MessageAnswer),
            "200": _answer("It had been received before; the first answer, marked duplicate", MessageAnswer),
            **_refusals(*_REFUSALS),
            **_refusals_of({"403": "The body is not signed with the station's key"}),
        },
    }


def _enrol() -> dict[str, Any]:
    return {
        "operationId": "enrolStation",
        "summary": "Become a station with a code that an administrator gave; the token is told this once",
        "security": [],
        "requestBody": {"required": True, "content": {"application/json": {"schema": _reference(EnrolmentBody)}}},
        "responses": {
            "201": _answer("The machine is a station now", EnrolmentAnswer),
            **_refusals_of({"404": "The code is unknown, used or too old"}),
            **_refusals("413", "415", "422", "429", "503"),
        },
    }


def _seized_items() -> dict[str, Any]:
    return {
        "operationId": "seizedItems",
        "summary": "The seized items of an open case of the station's authority; that they were asked for is logged",
        "parameters": [{"name": "case_number", "in": "path", "required": True, "schema": {"type": "string"}}],
        "responses": {
            "200": _answer("The items in their order", SeizedItemsAnswer),
            **_refusals("401", "404", "422", "503"),
        },
    }


def _reference(shape: type[BaseModel]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{shape.__name__}"}


def _answer(description: str, shape: type[BaseModel]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": _reference(shape)}}}


def _refusals(*statuses: str) -> dict[str, Any]:
    return _refusals_of({status: _REFUSALS[status] for status in statuses})


def _refusals_of(said: Mapping[str, str]) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": _reference(Problem)}}
    return {status: {"description": words, "content": content} for status, words in said.items()}
