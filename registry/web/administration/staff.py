"""Accounts of staff: created with a first password that is shown once, given roles, stopped."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import EmailField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from registry.access import Permission, needs
from registry.errors import NotFound, RegistryError
from registry.request_scope import actor, db
from registry.services import staff as staff_services
from registry.services.actor import Role
from registry.services.staff import StaffLine
from registry.web.administration import blueprint
from registry.web.refusals import show_in_form
from registry.web.words import lazy, translate

_LIST = {
    "invalid_choice_message": lazy("Choose one of those in the list."),
    "invalid_value_message": lazy("Choose one of those in the list."),
}


class RoleForm(FlaskForm):  # type: ignore[misc]
    """A role and where it holds."""

    role = SelectField(lazy("Role"), [InputRequired(lazy("Choose a role."))], **_LIST)
    organisation = SelectField(
        lazy("Organisation"), coerce=int, description=lazy("None for an administrator."), **_LIST
    )


class StaffForm(RoleForm):
    """A new account with its first role."""

    name = StringField(
        lazy("Name"),
        [DataRequired(lazy("Write the person's name.")), Length(max=100, message=lazy("At most 100 characters."))],
        render_kw={"autocomplete": "off"},
    )
    email = EmailField(
        lazy("E-mail address"),
        [DataRequired(lazy("Write an e-mail address.")), Length(max=200, message=lazy("At most 200 characters."))],
        render_kw={"autocomplete": "off"},
    )


@blueprint.get("/administration/staff")
@needs(Permission.ADMINISTRATION, writes=True)
def staff() -> str:
    """The accounts and the form to create one; that they were listed is logged."""
    return _page(_filled(StaffForm(formdata=None)))


@blueprint.post("/administration/staff")
@needs(Permission.ADMINISTRATION)
def staff_create() -> tuple[str, int]:
    """Create an account and show its first password, this once."""
    form, status = _filled(StaffForm()), 422
    if form.validate():
        role, organisation = Role(form.role.data), form.organisation.data or None
        try:
            password = staff_services.create(db(), actor(), form.email.data, form.name.data, role, organisation)
        except RegistryError as refusal:
            status = show_in_form(form, refusal)
        else:
            return _page(_filled(StaffForm(formdata=None)), password=password, created=form.email.data), 201
    return _page(form), status


@blueprint.get("/administration/staff/<int:account_id>")
@needs(Permission.ADMINISTRATION, writes=True)
def staff_account(account_id: int) -> str:
    """One account: its roles, one more role, and the way to stop it."""
    return _account_page(account_id, _filled(RoleForm(formdata=None)))


@blueprint.post("/administration/staff/<int:account_id>/roles")
@needs(Permission.ADMINISTRATION)
def staff_grant(account_id: int) -> tuple[str, int] | BaseResponse:
    """Give the account one more role."""
    form, status = _filled(RoleForm()), 422
    if form.validate():
        try:
            organisation = form.organisation.data or None
            staff_services.grant(db(), actor(), account_id, Role(form.role.data), organisation)
        except NotFound:
            raise
        except RegistryError as refusal:
            status = show_in_form(form, refusal)
        else:
            flash(translate("The role is given."), "success")
            return redirect(url_for("administration.staff_account", account_id=account_id), 303)
    return _account_page(account_id, form), status


@blueprint.post("/administration/staff/<int:account_id>/disable")
@needs(Permission.ADMINISTRATION)
def staff_disable(account_id: int) -> BaseResponse:
    """Stop the account: its sessions end with their next click."""
    staff_services.disable(db(), actor(), account_id)
    flash(translate("The account is stopped."), "success")
    return redirect(url_for("administration.staff"), 303)


def role_names() -> dict[Role, str]:
    """The roles of staff in the reader's language."""
    return {
        Role.OFFICER: translate("Police officer"),
        Role.ASSET_MANAGER: translate("Asset manager"),
        Role.COORDINATOR: translate("Crime-prevention coordinator"),
        Role.SUPPLIER: translate("Supplier"),
        Role.ADMINISTRATOR: translate("Administrator"),
    }


def _page(form: StaffForm, **shown: Any) -> str:
    lines = staff_services.every(db(), actor())
    return render_template("administration/staff.html", form=form, staff=lines, roles=role_names(), **shown)


def _account_page(account_id: int, form: RoleForm) -> str:
    line = _line(account_id)
    own = account_id == actor().account_id
    return render_template("administration/staff_account.html", form=form, line=line, roles=role_names(), own=own)


def _line(account_id: int) -> StaffLine:
    found = next((line for line in staff_services.every(db(), actor()) if line.account_id == account_id), None)
    if found is None:
        raise NotFound(what="account", which=account_id)
    return found


def _filled(form: Any) -> Any:
    form.role.choices = [SelectChoice(role.value, name) for role, name in role_names().items()]
    organisations = [SelectChoice(*one) for one in staff_services.organisations(db())]
    form.organisation.choices = [SelectChoice(0, translate("None")), *organisations]
    return form
