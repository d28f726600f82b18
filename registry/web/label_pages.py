"""What pages that print labels share: how far a job is, and the PDF as a download."""

import io

from flask import Response, make_response, render_template, send_file

from registry.services.label_jobs import Job, LabelJobState
from registry.web.words import translate

__all__ = ["job_page", "labels_sent"]


def job_page(job: Job, pdf_url: str, back: tuple[str, str]) -> str:
    """How far a job is, and the link to its PDF when it is made; it asks again by itself while it is not.

    ``back`` is the text and address of the page the job was ordered from.
    """
    waits = not job.expired and job.state in {LabelJobState.WAITING, LabelJobState.WORKING}
    return render_template(
        "shared/label_job.html", job=job, states=LabelJobState, waits=waits, pdf_url=pdf_url, back=back
    )


def labels_sent(pdf: bytes) -> Response:
    """The sheets as a file to save or print."""
    name = translate("labels") + ".pdf"
    sent = send_file(io.BytesIO(pdf), mimetype="application/pdf", as_attachment=True, download_name=name)
    return make_response(sent)
