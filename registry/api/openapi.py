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
from registry.api.label_shapes import (
    BlankOrdersAnswer,
    BlankStickersBody,
    CancelledAnswer,
    CancelNumbersBody,
    CaseLabelsBody,
    DesignsAnswer,
    LabelsAnswer,
    LabelsBody,
    StocksAnswer,
)
from registry.api.shapes import LARGEST_BODY, Problem, ReadingAnswer, ReadingBody
from registry.api.station_shapes import (
    AttachmentAnswer,
    AttachmentBody,
    EnrolmentAnswer,
    EnrolmentBody,
    EnvelopeBody,
    FindingAnswer,
    FindingBody,
    MessageAnswer,
    MessageBody,
    PreparingAnswer,
    SeizedItemsAnswer,
    StationAnswer,
    StolenListBody,
)

_REFUSALS = {
    "401": "The token is unknown, expired or was revoked",
    "403": "The account behind the token does not manage equipment",
    "404": "There is no such case, thing or job for the one who asks",
    "409": "The key was used before with another body, or the PDF is not made",
    "410": "The time of this PDF is over",
    "413": f"The body is larger than {LARGEST_BODY} bytes",
    "415": "The content is not JSON",
    "422": "The key or a field of the body is not allowed",
    "429": "Too many readings; Retry-After says how many seconds to wait",
    "503": "The register does not answer; Retry-After says how many seconds to wait",
}


_OF_DELIVERIES = ("401", "404", "409", "413", "415", "422", "429", "503")
_SHAPES: tuple[type[BaseModel], ...] = (
    ReadingBody, ReadingAnswer, StationAnswer, EnvelopeBody, MessageBody, MessageAnswer, AttachmentBody,
    AttachmentAnswer, FindingBody, FindingAnswer, SeizedItemsAnswer, EnrolmentBody, EnrolmentAnswer, Problem,
    StolenListBody, PreparingAnswer,
    LabelsBody, CaseLabelsBody, LabelsAnswer, DesignsAnswer, StocksAnswer,
    BlankStickersBody, CancelNumbersBody, BlankOrdersAnswer, CancelledAnswer,
)  # fmt: skip
_PROGRAM: list[dict[str, list[str]]] = [{"program": []}]
_KEY_PARAMETER = [
    {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": "Names this request at its sender; the same key and body again give the same answer",
        "schema": {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[!-~]+$"},
    }
]
_SIGNATURE_PARAMETER = [
    {
        "name": "Station-Signature",
        "in": "header",
        "required": False,
        "description": "Base64 of the Ed25519 signature of the body; needed from a station enrolled with a key",
        "schema": {"type": "string", "format": "byte"},
    }
]
_CASE_PARAMETER = [{"name": "case_number", "in": "path", "required": True, "schema": {"type": "string"}}]
_JOB_PARAMETER = [{"name": "job_uid", "in": "path", "required": True, "schema": {"type": "string"}}]


@blueprint.get("/openapi.json")
@needs(Permission.ANYONE)
def document() -> Response:
    """The whole API as one document."""
    return jsonify(_document())


@cache
def _document() -> dict[str, Any]:
    _, definitions = models_json_schema(
        [(shape, "validation") for shape in _SHAPES],
        ref_template="#/components/schemas/{model}",
    )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "MarkDNA registry",
            "version": version("markdna"),
            "description": "For stations and label programs. Errors in the language of Accept-Language (sv, en).",
            "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        },
        "security": [{"station": []}],
        "paths": {
            f"/api/{VERSION}/readings": {"post": _deliver()},
            f"/api/{VERSION}/messages": {"post": _take()},
            f"/api/{VERSION}/stolen-list": {"post": _stolen_list()},
            f"/api/{VERSION}/enrolment": {"post": _enrol()},
            f"/api/{VERSION}/cases/{{case_number}}/seized-items": {"get": _seized_items()},
            f"/api/{VERSION}/station": {
                "get": {
                    "operationId": "thisStation",
                    "summary": "Ask whether the registry knows this station",
                    "responses": {"200": _answer("The station and its authority", StationAnswer), **_refusals("401")},
                }
            },
            **_labels(),
        },
        "components": {
            "schemas": definitions["$defs"],
            "securitySchemes": {
                "station": {"type": "http", "scheme": "bearer", "description": "The token of an enrolled station"},
                "program": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An access token of an asset manager or officer (markdna accounts token)",
                },
            },
        },
    }


def _deliver() -> dict[str, Any]:
    return {
        "operationId": "deliverReading",
        "summary": "Bring a reading to an open case and be told what the register makes of it",
        "parameters": _KEY_PARAMETER,
        "requestBody": {"required": True, "content": {"application/json": {"schema": _reference(ReadingBody)}}},
        "responses": {
            "201": _answer("Stored and searched", ReadingAnswer),
            "200": _answer("It had been received before; exactly the first answer, marked duplicate", ReadingAnswer),
            **_refusals(*_OF_DELIVERIES),
        },
    }


def _take() -> dict[str, Any]:
    return {
        "operationId": "takeMessage",
        "summary": "Bring a message (MessageBody) that the station has sealed to message_key for its place in a chain",
        "parameters": _SIGNATURE_PARAMETER,
        "requestBody": {"required": True, "content": {"application/json": {"schema": _reference(EnvelopeBody)}}},
        "responses": {
            "201": _answer("Opened, stored and searched", MessageAnswer),
            "200": _answer("It had been received before; the first answer, marked duplicate", MessageAnswer),
            **_refusals(*_OF_DELIVERIES),
            **_refusals_of({"403": "The body is not signed with the station's key"}),
        },
    }


def _stolen_list() -> dict[str, Any]:
    return {
        "operationId": "stolenList",
        "summary": "Fetch the list of stolen marks, for work without connection; that it was fetched is logged",
        "parameters": _SIGNATURE_PARAMETER,
        "requestBody": {"required": True, "content": {"application/json": {"schema": _reference(StolenListBody)}}},
        "responses": {
            "200": {
                "description": "Length of the header (4 bytes), header (JSON), signature (Ed25519, 64 bytes), entries",
                "content": {"application/octet-stream": {}},
            },
            "202": _answer("Marks are being hashed; ask again", PreparingAnswer),
            **_refusals("401", "413", "415", "422", "429", "503"),
            **_refusals_of({"403": "The body is not signed with the station's key"}),
            **_refusals_of({"404": "This registry gives no such list"}),
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
        "parameters": _CASE_PARAMETER,
        "responses": {
            "200": _answer("The items in their order", SeizedItemsAnswer),
            **_refusals("401", "404", "422", "503"),
        },
    }


def _labels() -> dict[str, Any]:
    order: dict[str, Any] = {
        "operationId": "orderLabels",
        "summary": "Order labels of things; they are made as a job",
        "security": _PROGRAM,
        "parameters": _KEY_PARAMETER,
        "requestBody": {"required": True, "content": {"application/json": {"schema": _reference(LabelsBody)}}},
        "responses": {
            "202": _answer("Ordered; Location says where to ask", LabelsAnswer),
            "200": _answer("It had been ordered before", LabelsAnswer),
            **_refusals("401", "403", "404", "409", "413", "415", "422", "503"),
        },
    }
    order_of_case = {
        "operationId": "orderCaseLabels",
        "summary": "Order labels of the seized things of a case or of their samples; logged with the case's number",
        "security": _PROGRAM,
        "parameters": [*_KEY_PARAMETER, *_CASE_PARAMETER],
        "requestBody": {"required": True, "content": {"application/json": {"schema": _reference(CaseLabelsBody)}}},
        "responses": {
            **order["responses"],
            **_refusals_of({"403": "The account behind the token is not an officer's"}),
        },
    }
    ask = {
        "operationId": "labelsOrdered",
        "summary": "How far a job is",
        "security": _PROGRAM,
        "parameters": _JOB_PARAMETER,
        "responses": {"200": _answer("The job", LabelsAnswer), **_refusals("401", "403", "404", "503")},
    }
    fetch = {
        "operationId": "labelsMade",
        "summary": "Fetch the PDF of a job",
        "security": _PROGRAM,
        "parameters": _JOB_PARAMETER,
        "responses": {
            "200": {"description": "The PDF", "content": {"application/pdf": {}}},
            **_refusals("401", "403", "404", "409", "410", "503"),
        },
    }
    lists: dict[str, tuple[str, str, type[BaseModel]]] = {
        "label-designs": ("labelDesigns", "What equipment can be labelled with", DesignsAnswer),
        "case-label-designs": ("caseLabelDesigns", "What can be labelled in a case", DesignsAnswer),
        "label-stocks": ("labelStocks", "The sheets of labels there are", StocksAnswer),
    }
    described: dict[str, Any] = {
        f"/api/{VERSION}/{name}": {
            "get": {
                "operationId": identity,
                "summary": words,
                "security": [],
                "responses": {"200": _answer(words, shape), **_refusals("503")},
            }
        }
        for name, (identity, words, shape) in lists.items()
    }
    job = f"/api/{VERSION}/labels/{{job_uid}}"
    return described | {
        f"/api/{VERSION}/labels": {"post": order},
        f"/api/{VERSION}/cases/{{case_number}}/labels": {"post": order_of_case},
        **_blank_stickers(order),
        job: {"get": ask},
        f"{job}/pdf": {"get": fetch},
    }


def _blank_stickers(order_of_things: Mapping[str, Any]) -> dict[str, Any]:
    """The order is answered as one of labels of things is."""
    order = {
        **order_of_things,
        "operationId": "orderBlankStickers",
        "summary": "Order stickers with new numbers that are on no thing yet; they are made as a job",
        "requestBody": {"required": True, "content": {"application/json": {"schema": _reference(BlankStickersBody)}}},
    }
    waiting = {
        "operationId": "waitingBlankStickers",
        "summary": "The municipality's numbers that are on no thing yet, by order",
        "security": _PROGRAM,
        "responses": {
            "200": _answer("The orders, the newest first", BlankOrdersAnswer),
            **_refusals("401", "403", "503"),
        },
    }
    cancel = {
        "operationId": "cancelBlankStickers",
        "summary": "Cancel numbers that are on no thing, such as those of a lost sheet; all or none",
        "security": _PROGRAM,
        "requestBody": {"required": True, "content": {"application/json": {"schema": _reference(CancelNumbersBody)}}},
        "responses": {
            "200": _answer("The numbers count no more", CancelledAnswer),
            **_refusals("401", "403", "404", "413", "415", "422", "503"),
            **_refusals_of({"409": "A number was cancelled before, is on a thing, or is not the municipality's"}),
        },
    }
    address = f"/api/{VERSION}/blank-stickers"
    return {address: {"post": order, "get": waiting}, f"{address}/cancel": {"post": cancel}}


def _reference(shape: type[BaseModel]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{shape.__name__}"}


def _answer(description: str, shape: type[BaseModel]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": _reference(shape)}}}


def _refusals(*statuses: str) -> dict[str, Any]:
    return _refusals_of({status: _REFUSALS[status] for status in statuses})


def _refusals_of(said: Mapping[str, str]) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": _reference(Problem)}}
    return {status: {"description": words, "content": content} for status, words in said.items()}
