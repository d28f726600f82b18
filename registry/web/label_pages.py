"""What pages that print labels share: how far a job is, and the PDF as a download."""

import io

from flask import Response, make_response, redirect, render_template, send_file
from werkzeug.wrappers import Response as BaseResponse

from registry.request_scope import actor, db
from registry.services import label_jobs
from registry.services.label_jobs import Job, LabelJobState
from registry.web.sheet_forms import keep_sheet
from registry.web.words import translate

__all__ = ["job_page", "job_pdf", "labels_sent"]


def job_page(job: Job, pdf_url: str, back: tuple[str, str]) -> str:
    """How far a job is, and the link to its PDF when it is made; it asks again by itself while it is not.

    ``back`` is the text and address of the page the job was ordered from.
    """
    waits = not job.expired and job.state in {LabelJobState.WAITING, LabelJobState.WORKING}
    return render_template(
        "shared/label_job.html", job=job, states=LabelJobState, waits=waits, pdf_url=pdf_url, back=back
    )


def job_pdf(job_uid: str, kept_as: str, page_url: str) -> BaseResponse:
    """The PDF of an own job, as long as its link lives; back to its page while it is being made.

    Where its last sheet can go on is known only now, and is remembered in the browser as ``kept_as``.
    """
    job, pdf = label_jobs.of(db(), actor(), job_uid), label_jobs.pdf_of(db(), actor(), job_uid)
    if pdf is None:
        return redirect(page_url, 303)
    keep_sheet(kept_as, job.stock, job.next_start)
    return labels_sent(pdf)


def labels_sent(pdf: bytes) -> Response:
    """The sheets as a file to save or print."""
    name = translate("labels") + ".pdf"
    sent = send_file(io.BytesIO(pdf), mimetype="application/pdf", as_attachment=True, download_name=name)
    return make_response(sent)
