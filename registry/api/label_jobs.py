"""Jobs that print labels: how far one is, and its PDF; for whoever ordered it, of whatever the labels are."""

import io

from flask import Response, jsonify, send_file, url_for

from registry.access import Permission, needs
from registry.api.blueprint import VERSION, blueprint
from registry.api.label_shapes import LabelsAnswer
from registry.errors import Conflict
from registry.request_scope import actor, db
from registry.services import label_jobs
from registry.services.label_jobs import Job

__all__ = ["OrderAnswer", "ordered_again", "ordered_anew"]

OrderAnswer = tuple[Response, int, dict[str, str]]
"""The job, the status, and where to ask how far it is."""


@blueprint.get(f"/{VERSION}/labels/<job_uid>")
@needs(Permission.LABEL_JOB)
def labels_ordered(job_uid: str) -> Response:
    """How far an own job is."""
    return _told(label_jobs.of(db(), actor(), job_uid))


@blueprint.get(f"/{VERSION}/labels/<job_uid>/pdf")
@needs(Permission.LABEL_JOB)
def labels_made(job_uid: str) -> Response:
    """The PDF of an own job; 409 while it is being made, 410 when its time is over."""
    pdf = label_jobs.pdf_of(db(), actor(), job_uid)
    if pdf is None:
        raise Conflict(what="The PDF", reason="it is not made yet, or could not be")
    return send_file(io.BytesIO(pdf), mimetype="application/pdf")


def ordered_again(key: str, body_hash: bytes) -> OrderAnswer | None:
    """The answer to an order that has come before with this key; None for a new one.

    Raises IdempotencyConflict if it was another order.
    """
    job = label_jobs.ordered_with(db(), actor(), key, body_hash)
    return None if job is None else _answer(job, 200)


def ordered_anew(job: Job) -> OrderAnswer:
    """The answer to an order that has just been taken."""
    return _answer(job, 202)


def _answer(job: Job, status: int) -> OrderAnswer:
    return _told(job), status, {"Location": url_for("api.labels_ordered", job_uid=job.uid)}


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
        blank_order=job.blank_order,
    )
    return jsonify(answer.model_dump())
