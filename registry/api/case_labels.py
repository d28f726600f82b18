"""Labels of what is held in a case: ``POST /api/v1/cases/<number>/labels``, for a program of an officer."""

import hashlib

from labels.language import Language
from registry.access import Permission, needs
from registry.api.blueprint import VERSION, blueprint
from registry.api.idempotency import sent_with_key
from registry.api.label_jobs import OrderAnswer, ordered_again, ordered_anew
from registry.api.label_shapes import LARGEST_LABELS_BODY, CaseLabelsBody
from registry.api.strict_json import parse
from registry.request_scope import actor, db
from registry.services import cases, evidence_labels
from registry.services.evidence_labels import EvidenceWish


@blueprint.post(f"/{VERSION}/cases/<case_number>/labels")
@needs(Permission.CASE_LABEL_PROGRAM, largest_body=LARGEST_LABELS_BODY)
def order_case_labels(case_number: str) -> OrderAnswer:
    """Order labels of seized things or of their samples; the same key, case and body give the same job again."""
    key, content = sent_with_key()
    # One key and body for two cases are two orders, and the second is refused.
    body_hash = hashlib.sha256(case_number.encode() + b"\n" + content).digest()
    body = parse(content, CaseLabelsBody)
    if again := ordered_again(key, body_hash):
        return again
    case_id = cases.find(db(), actor(), case_number)
    wish = EvidenceWish(
        evidence_labels.item_ids_of(db(), actor(), case_id, body.items), body.design, body.stock, body.start,
        frozenset(body.skip), body.copies, Language(body.language),
    )  # fmt: skip
    job = evidence_labels.order_labels(db(), actor(), case_id, wish, key=key, body_hash=body_hash)
    return ordered_anew(job)
