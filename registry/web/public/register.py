"""Creating an account and confirming its e-mail address. No answer here tells whether an address has an account."""

from flask import redirect, render_template, session, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import EmailField, HiddenField, PasswordField, RadioField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from registry.access import Permission, needs
from registry.errors import InvalidInput, NotFound, PasswordRefused, TooManyAttempts
from registry.request_scope import actor, db, remote_address
from registry.services import registration
from registry.services.owners import OwnerKind
from registry.services.registration import NewResident
from registry.web.public import blueprint
from registry.web.public.sign_in import signed_in
from registry.web.refusals import show_in_form
from registry.web.words import current_language, lazy, translate

_PROOF = "registration"


class EmailForm(FlaskForm):  # type: ignore[misc]
    """An e-mail address alone."""

    email = EmailField(
        lazy("E-mail address"),
        [DataRequired(lazy("Write your e-mail address.")), Length(max=200, message=lazy("At most 200 characters."))],
        render_kw={"autocomplete": "email", "inputmode": "email"},
    )

    def validate_email(self, field: EmailField) -> None:
        """Refuse what no mail can be sent to."""
        field.data = (field.data or "").strip()
        if not registration.valid_email(field.data):
            raise ValidationError(
                translate("This is not an e-mail address. Write it with an @, such as anna@exempel.se.")
            )


class RegisterForm(EmailForm):
    """What a resident gives for an account."""

    name = StringField(
        lazy("Your name"),
        [DataRequired(lazy("Write your name.")), Length(max=120, message=lazy("At most 120 characters."))],
        render_kw={"autocomplete": "name"},
    )
    password = PasswordField(
        lazy("Choose a password"),
        [
            DataRequired(lazy("Choose a password.")),
            Length(12, 128, lazy("The password must have 12 to 128 characters. A short sentence is easy to remember.")),
        ],
        description=lazy("At least 12 characters. A short sentence works well."),
        render_kw={"autocomplete": "new-password"},
    )
    kind = RadioField(
        lazy("Whose things will you register?"),
        choices=[
            SelectChoice(OwnerKind.PERSON.value, lazy("My own")),
            SelectChoice(OwnerKind.HOUSEHOLD.value, lazy("Those of my whole household")),
        ],
        default=OwnerKind.PERSON.value,
        validators=[DataRequired(lazy("Choose one of the two."))],
        invalid_choice_message=lazy("Choose one of the two."),
    )


class ConfirmForm(FlaskForm):  # type: ignore[misc]
    """The token of the mailed link, and the password where this is not the browser that registered."""

    token = HiddenField()
    password = PasswordField(
        lazy("The password you chose"),
        [Length(max=128)],
        render_kw={"autocomplete": "current-password"},
    )


@blueprint.get("/create-account")
@needs(Permission.ANYONE)
def create_account() -> str:
    """The form."""
    return render_template("public/create_account.html", form=RegisterForm())


@blueprint.post("/create-account")
@needs(Permission.ANYONE)
def register() -> tuple[str, int] | BaseResponse:
    """Create the account, or write to the holder of the one there is; the answer is the same."""
    form, status = RegisterForm(), 422
    if form.validate():
        kind, language = OwnerKind(form.kind.data), current_language().value
        new = NewResident(form.email.data, form.name.data, form.password.data, kind, language)
        try:
            session[_PROOF] = registration.register(db(), actor(), new, remote_address())
        except (InvalidInput, TooManyAttempts) as refusal:
            status = show_in_form(form, refusal)
        else:
            return redirect(url_for("public.mail_sent"), 303)
    return render_template("public/create_account.html", form=form), status


@blueprint.get("/create-account/mail-sent")
@needs(Permission.ANYONE)
def mail_sent() -> str:
    """What to do now: open the link in the mail."""
    return render_template("public/mail_sent.html")


@blueprint.get("/confirm/<token>")
@needs(Permission.ANYONE)
def confirmation(token: str) -> str:
    """The page a mailed link opens: nothing happens before its button is pressed, so a mail scanner spends nothing."""
    return _confirmation(ConfirmForm(formdata=None, token=token))


@blueprint.post("/confirm")
@needs(Permission.ANYONE)
def confirm() -> tuple[str, int] | BaseResponse:
    """Confirm the address and sign in."""
    form = ConfirmForm()
    if not form.validate():
        return _confirmation(form), 422
    try:
        token = registration.confirm(
            db(), actor(), form.token.data or "", proof=session.get(_PROOF, ""), password=form.password.data or ""
        )
    except NotFound:
        return render_template("public/link_spent.html", form=EmailForm(formdata=None)), 404
    except (PasswordRefused, TooManyAttempts) as refusal:
        status = show_in_form(form, refusal)
        return _confirmation(form), status
    session.pop(_PROOF, None)
    return signed_in(token, url_for("public.start"))


@blueprint.get("/confirm-again")
@needs(Permission.ANYONE)
def new_link() -> str:
    """The form that asks for a new link."""
    return render_template("public/new_link.html", form=EmailForm())


@blueprint.post("/confirm-again")
@needs(Permission.ANYONE)
def send_new_link() -> tuple[str, int] | BaseResponse:
    """Send a new link if the address waits for one; the answer is the same."""
    form, status = EmailForm(), 422
    if form.validate():
        try:
            registration.resend(db(), form.email.data)
        except TooManyAttempts as refusal:
            status = show_in_form(form, refusal)
        else:
            return redirect(url_for("public.mail_sent"), 303)
    return render_template("public/new_link.html", form=form), status


def _confirmation(form: ConfirmForm) -> str:
    token = form.token.data or ""
    known = session.get(_PROOF, "") == registration.proof_of(db(), token)
    form.password.flags.required = not known
    # The address of this page holds the token: no link on it may carry that on.
    return render_template("public/confirm.html", form=form, needs_password=not known, language_links=())
