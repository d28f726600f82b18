"""The audit log: read with filters, and verified from the first event to the last."""

import json

from flask import render_template, request, url_for

from registry.access import Permission, needs
from registry.request_scope import actor, db
from registry.services import audit
from registry.services.audit import Action, Event, Verification
from registry.web.administration import blueprint

_PAGE = 50
_KEPT = ("action", "subject", "who")


@blueprint.get("/administration/log")
@needs(Permission.ADMINISTRATION, writes=True)
def log() -> str:
    """The newest events that fit; that the log was read is logged first."""
    return _page(None)


@blueprint.post("/administration/log/verify")
@needs(Permission.ADMINISTRATION)
def log_verify() -> str:
    """Walk the whole chain and show what was found."""
    return _page(audit.verify(db()))


def _page(verification: Verification | None) -> str:
    asked = {name: request.args.get(name, "")[:80].strip() for name in _KEPT}
    before = request.args.get("before", type=int)
    audit.record(db(), actor(), Action.LOG_READ, asked["subject"] or "log:all")
    events = audit.newest(db(), limit=_PAGE + 1, before=before, **asked)
    shown = events[:_PAGE]
    older = None
    if len(events) > _PAGE:
        kept = {name: value for name, value in asked.items() if value}
        older = url_for("administration.log", before=shown[-1].sequence, **kept)  # type: ignore[arg-type]
    return render_template(
        "administration/log.html",
        events=[(event, _details(event)) for event in shown],
        asked=asked,
        action_choices=[(value, value) for value in sorted(Action)],
        older=older,
        newest_url=url_for("administration.log") if before else None,
        verification=verification,
    )


def _details(event: Event) -> str:
    return json.dumps(dict(event.details), ensure_ascii=False) if event.details else ""
