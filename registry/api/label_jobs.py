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

__all__ = ["job_address", "job_told"]


@blueprint.get(f"/{VERSION}/labels/<job_uid>")
@needs(Permission.LABEL_JOB)
def labels_ordered(job_uid: str) -> Response:
    """How far an own job is."""
    return job_told(label_jobs.of(db(), actor(), job_uid))


@blueprint.get(f"/{VERSION}/labels/<job_uid>/pdf")
@needs(Permission.LABEL_JOB)
def labels_made(job_uid: str) -> Response:
    """The PDF of an own job; 409 while it is being made, 410 when its time is over."""
    pdf = label_jobs.pdf_of(db(), actor(), job_uid)
    if pdf is None:
        raise Conflict(what="The PDF", reason="it is not made yet, or could not be")
    return send_file(io.BytesIO(pdf), mimetype="application/pdf")


def job_address(job: Job) -> str:
    """Where to ask how far a job is."""
    return url_for("api.labels_ordered", job_uid=job.uid)


def job_told(job: Job) -> Response:
    """A job as its orderer's program reads it."""
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
