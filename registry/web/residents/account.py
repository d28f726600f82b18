"""A person's own account: contact data, language, password, sessions."""

from flask import current_app, flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import EmailField, PasswordField, RadioField, StringField, TelField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from registry.access import Permission, allows, needs
from registry.errors import RegistryError
from registry.language import Language
from registry.request_scope import actor, cookie_name, db, scope
from registry.services import accounts, letters, owners, registration, sessions
from registry.services.owners import Contact, OwnerKind
from registry.web.refusals import show_in_form
from registry.web.residents import blueprint
from registry.web.words import LANGUAGE_COOKIE, lazy, translate

_YEAR_SECONDS = 31_536_000


class ContactForm(FlaskForm):  # type: ignore[misc]
    """How the police reach the owner when a thing is found."""

    kind = RadioField(
        lazy("Whose things are registered here?"),
        choices=[
            SelectChoice(OwnerKind.PERSON.value, lazy("My own")),
            SelectChoice(OwnerKind.HOUSEHOLD.value, lazy("Those of my whole household")),
        ],
        validators=[InputRequired(lazy("Choose one of the two."))],
        invalid_choice_message=lazy("Choose one of the two."),
    )
    name = StringField(
        lazy("Name"),
        [DataRequired(lazy("Write your name.")), Length(max=120, message=lazy("At most 120 characters."))],
        render_kw={"autocomplete": "name"},
    )
    phone = TelField(
        lazy("Telephone"),
        [Length(max=40, message=lazy("At most 40 characters."))],
        render_kw={"autocomplete": "tel"},
    )
    email = EmailField(
        lazy("E-mail address"),
        [Length(max=200, message=lazy("At most 200 characters."))],
        description=lazy("Where the police write to you. You sign in with the address you registered with."),
        render_kw={"autocomplete": "email"},
    )
    address = TextAreaField(
        lazy("Address"),
        [Length(max=300, message=lazy("At most 300 characters."))],
        render_kw={"rows": 3, "autocomplete": "street-address"},
    )

    def validate_email(self, field: EmailField) -> None:
        """Refuse what no mail can be sent to; none at all is allowed."""
        field.data = (field.data or "").strip()
        if field.data and not registration.valid_email(field.data):
            raise ValidationError(
                translate("This is not an e-mail address. Write it with an @, such as anna@exempel.se.")
            )

    def validate_phone(self, field: TelField) -> None:
        """Refuse letters in a number."""
        if field.data and not all(sign.isdigit() or sign in "+-() " for sign in field.data):
            raise ValidationError(translate("Write the number with digits, such as 070-123 45 67."))


class PasswordForm(FlaskForm):  # type: ignore[misc]
    """The current password and a new one."""

    current = PasswordField(
        lazy("Current password"),
        [DataRequired(lazy("Write the password you have now.")), Length(max=128)],
        render_kw={"autocomplete": "current-password"},
    )
    password = PasswordField(
        lazy("New password"),
        [
            DataRequired(lazy("Choose a password.")),
            Length(12, 128, lazy("The password must have 12 to 128 characters. A short sentence is easy to remember.")),
        ],
        description=lazy("At least 12 characters. A short sentence works well."),
        render_kw={"autocomplete": "new-password"},
    )


class LanguageForm(FlaskForm):  # type: ignore[misc]
    """The language of pages and letters."""

    language = RadioField(
        lazy("Language of pages and letters"),
        choices=[SelectChoice(Language.SWEDISH.value, "Svenska"), SelectChoice(Language.ENGLISH.value, "English")],
        validators=[InputRequired(lazy("Choose one of the two."))],
        invalid_choice_message=lazy("Choose one of the two."),
    )


@blueprint.get("/account")
@needs(Permission.SIGNED_IN)
def account() -> str:
    """The account's page."""
    return _page()


@blueprint.get("/account/contact")
@needs(Permission.OWN_THINGS)
def contact() -> str:
    """The form for contact data, filled with what is known."""
    owner_id = actor().own_owner("change contact data")
    held = owners.open_contact(db(), owner_id)
    form = ContactForm(formdata=None, obj=held, kind=owners.kind_of(db(), owner_id).value)
    return render_template("residents/contact.html", form=form)


@blueprint.post("/account/contact")
@needs(Permission.OWN_THINGS)
def change_contact() -> tuple[str, int] | BaseResponse:
    """Keep the new contact data."""
    form = ContactForm()
    if not form.validate():
        return render_template("residents/contact.html", form=form), 422
    new = Contact(
        name=" ".join(form.name.data.split()),
        phone=(form.phone.data or "").strip(),
        email=form.email.data or "",
        address=(form.address.data or "").strip().replace("\r\n", "\n"),
    )
    owners.change_contact(db(), actor(), new, kind=OwnerKind(form.kind.data))
    flash(translate("Your contact data is saved."), "success")
    return redirect(url_for("residents.account"), 303)


@blueprint.get("/account/password")
@needs(Permission.SIGNED_IN)
def password() -> str:
    """The form."""
    return render_template("residents/password.html", form=PasswordForm())


@blueprint.post("/account/password")
@needs(Permission.SIGNED_IN)
def change_password() -> tuple[str, int] | BaseResponse:
    """Set a new password and sign all other devices out."""
    form, status = PasswordForm(), 422
    if form.validate():
        try:
            accounts.change_password(db(), actor(), form.current.data, form.password.data)
        except RegistryError as refusal:
            status = show_in_form(form, refusal)
        else:
            sessions.end_all(db(), actor(), but=scope().sign_in_session_id)
            letters.password_changed(db(), actor())
            flash(translate("Your password is changed, and all other devices are signed out."), "success")
            return redirect(url_for("residents.account"), 303)
    return render_template("residents/password.html", form=form), status


@blueprint.post("/account/language")
@needs(Permission.SIGNED_IN)
def change_language() -> tuple[str, int] | BaseResponse:
    """Remember the language for letters, and for pages in this browser."""
    form = LanguageForm()
    if not form.validate():
        return _page(form), 422
    accounts.change_language(db(), actor(), form.language.data)
    response = redirect(url_for("residents.account"), 303)
    response.set_cookie(
        LANGUAGE_COOKIE,
        form.language.data,
        max_age=_YEAR_SECONDS,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
    return response


@blueprint.post("/account/sign-out-everywhere")
@needs(Permission.SIGNED_IN)
def sign_out_everywhere() -> BaseResponse:
    """End all sessions of the account, this one too."""
    sessions.end_all(db(), actor())
    flash(translate("You are signed out everywhere."), "success")
    response = redirect(url_for("public.sign_in"), 303)
    response.delete_cookie(cookie_name(), secure=current_app.config["SESSION_COOKIE_SECURE"], httponly=True)
    return response


def _page(form: LanguageForm | None = None) -> str:
    profile = accounts.profile(db(), actor().own_account("see the account"))
    owner_id = actor().owner_id
    return render_template(
        "residents/account.html",
        profile=profile,
        contact=owners.open_contact(db(), owner_id) if owner_id is not None else None,
        kind=owners.kind_of(db(), owner_id) if owner_id is not None else None,
        has_programs=allows(actor(), Permission.ACCESS_TOKENS),
        language_form=form or LanguageForm(formdata=None, language=profile.language),
    )
