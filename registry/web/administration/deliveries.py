"""Suppliers and their deliveries: how many kits came, how many are activated. Never whose they are."""

from flask import abort, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from registry.access import Permission, needs
from registry.request_scope import actor, db
from registry.services import audit, kit_deliveries, suppliers
from registry.services.actor import Role
from registry.services.suppliers import BatchLine
from registry.web.administration import blueprint
from registry.web.words import translate


@blueprint.get("/deliveries")
@needs(Permission.DELIVERIES, writes=True)
def deliveries() -> str:
    """Suppliers and batches: all for an administrator, its own for a supplier; logged."""
    audit.record(db(), actor(), audit.Action.DELIVERIES_LISTED, "deliveries:list")
    batches = suppliers.batches(db(), actor())
    warnings = kit_deliveries.warnings_of_batches(db())
    return render_template(
        "administration/deliveries.html",
        suppliers=suppliers.every(db(), actor()),
        batches=batches,
        warnings=[
            warning.explain(translate)
            for batch in batches
            if batch.revoked_at is None
            for warning in warnings.get((batch.supplier_id, batch.number), ())
        ],
        may_revoke=Role.ADMINISTRATOR in actor().role_names,
    )


@blueprint.get("/deliveries/<int:batch_id>/revoke")
@needs(Permission.ADMINISTRATION)
def delivery_question(batch_id: int) -> str:
    """The question before a delivery is stopped."""
    return render_template("administration/revoke_batch.html", batch=batch_or_404(batch_id))


@blueprint.post("/deliveries/<int:batch_id>/revoke")
@needs(Permission.ADMINISTRATION)
def revoke_delivery(batch_id: int) -> BaseResponse:
    """Stop the delivery."""
    batch = batch_or_404(batch_id)
    suppliers.revoke_batch(db(), actor(), batch.supplier, batch.number)
    flash(translate("Delivery %(number)s is stopped.", number=batch.number), "success")
    return redirect(url_for("administration.deliveries"), 303)


def batch_or_404(batch_id: int) -> BatchLine:
    """The delivery, if the reader may see it."""
    found = next((line for line in suppliers.batches(db(), actor()) if line.id == batch_id), None)
    if found is None:
        abort(404)
    return found
