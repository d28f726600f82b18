"""Blank stickers on the pages of residents and of a municipality: ordered, printed again, cancelled, linked."""

from dataclasses import dataclass
from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import HiddenField, IntegerField, RadioField, SelectMultipleField
from wtforms.validators import InputRequired, NumberRange

from labels import markcode
from labels.errors import MarkCodeError
from registry.errors import NotFound, RegistryError
from registry.request_scope import actor, db
from registry.services import blank_stickers, label_jobs, sheet_packages, stickers
from registry.services.actor import Actor
from registry.services.blank_stickers import BlankWish
from registry.web.label_pages import job_page, job_pdf
from registry.web.refusals import show_in_form
from registry.web.sheet_forms import SheetForm, places_in, sheet_in_use, stock_choices
from registry.web.sticker_reasons import CancelForm
from registry.web.words import current_language, lazy, translate

__all__ = ["BlankPages", "LinkForm"]

_COUNT = lazy("Write a number from 1 to 500.")


class BlankSheetForm(SheetForm):
    """How many new numbers and how they are printed; ``again`` names an order to be printed once more instead."""

    copies = None  # A number is for one thing.
    count = IntegerField(
        lazy("How many"),
        [InputRequired(lazy("Write how many.")), NumberRange(1, blank_stickers.MOST_AT_ONCE, _COUNT)],
        invalid_value_message=_COUNT,
        description=lazy("Up to 500. Each gets a number of its own, which waits until you put it on a thing."),
    )
    again = HiddenField()


class CancelNumbersForm(CancelForm):
    """Whole orders or single numbers that count no more, and why; whose they are is for the service to say."""

    orders = SelectMultipleField(validate_choice=False)
    numbers = SelectMultipleField(validate_choice=False)


class LinkForm(FlaskForm):  # type: ignore[misc]
    """The thing that the sticker is on; whose it is is for the service to say."""

    item_id = RadioField(
        lazy("Which thing is it on?"),
        [InputRequired(lazy("Choose a thing."))],
        coerce=int,
        validate_choice=False,
        invalid_value_message=lazy("Choose one of those in the list."),
    )


@dataclass(frozen=True, slots=True)
class BlankPages:
    """The pages of one audience: what their endpoints begin with, and how its browser's sheet is remembered."""

    prefix: str
    kept_as: str

    def begin(self, owner: Actor | None) -> str:
        """The form for an order and the numbers on no thing; ``?again=`` prints an order's once more."""
        stocks, again = stickers.stocks_for(blank_stickers.DESIGN), request.args.get("again", "")
        package = None
        if owner is not None:
            package = sheet_packages.named(db(), owner.own_owner("see packages"), request.args.get("package", ""))
        form = _sheet_form(formdata=None, again=again, **sheet_in_use(self.kept_as, stocks, package))
        return self._page(owner, form, CancelNumbersForm(formdata=None))

    def order(self, owner: Actor, job_endpoint: str) -> BaseResponse:
        """Order the stickers and go to the job's page, or the form with what is wrong."""
        form, status = _sheet_form(), 422
        if form.again.data:
            form.count.validators = ()
        if form.validate():
            wish = BlankWish(
                form.count.data or 0, form.stock.data, form.start.data, places_in(form.skip.data or ""),
                current_language(), form.package.data or "",
                blank_stickers.numbers_of(db(), owner, [form.again.data] if form.again.data else ()),
            )  # fmt: skip
            try:
                job = blank_stickers.order_labels(db(), owner, wish)
            except RegistryError as refusal:
                status = show_in_form(form, refusal)
            else:
                return redirect(url_for(job_endpoint, job_uid=job.uid), 303)
        return make_response(self._page(owner, form, CancelNumbersForm(formdata=None)), status)

    def cancel(self, owner: Actor) -> BaseResponse:
        """Cancel the ticked orders and numbers, or say what is wrong."""
        form, status = CancelNumbersForm(), 422
        if form.validate():
            whole = blank_stickers.numbers_of(db(), owner, [key for key in form.orders.data if key])
            numbers = {*form.numbers.data, *whole}
            try:
                blank_stickers.cancel(db(), owner, numbers, stickers.CancelReason(form.reason.data))
            except RegistryError as refusal:
                status = show_in_form(form, refusal)
            else:
                flash(translate("The numbers count no more."), "success")
                return redirect(url_for(f"{self.prefix}_blank"), 303)
        stocks = stickers.stocks_for(blank_stickers.DESIGN)
        sheet = _sheet_form(formdata=None, **sheet_in_use(self.kept_as, stocks, None))
        return make_response(self._page(owner, sheet, form), status)

    def job(self, job_uid: str) -> str:
        """How far an own job is, and the link to its PDF when it is made."""
        job = label_jobs.of(db(), actor(), job_uid)
        back = (translate("Blank stickers"), url_for(f"{self.prefix}_blank"))
        return job_page(job, url_for(f"{self.prefix}_job_pdf", job_uid=job_uid), back)

    def job_pdf(self, job_uid: str) -> BaseResponse:
        """The PDF of an own job."""
        return job_pdf(job_uid, self.kept_as, url_for(f"{self.prefix}_job", job_uid=job_uid))

    def link(self, owner: Actor | None, number: str, form: LinkForm, **shown: Any) -> BaseResponse:
        """The question which thing an own blank sticker is on, and what was answered; ``shown`` goes to the page.

        The form's choices are those the page offers. Raises NotFound for a number that is no own blank.
        """
        try:
            number = markcode.parse(number)
        except MarkCodeError:
            raise NotFound(what="sticker", which=number[:20]) from None
        if owner is None or not blank_stickers.is_own(db(), owner, number):
            raise NotFound(what="sticker", which=markcode.grouped(number))
        status = 200
        if form.validate_on_submit():
            try:
                blank_stickers.link(db(), owner, number, form.item_id.data)
            except RegistryError as refusal:
                status = show_in_form(form, refusal)
            else:
                flash(translate("Sticker %(number)s is on its thing now.", number=markcode.grouped(number)), "success")
                return redirect(shown["item_url"](form.item_id.data), 303)
        elif form.is_submitted():
            status = 422
        back = (translate("Blank stickers"), url_for(f"{self.prefix}_blank"))
        page = render_template("shared/blank_link.html", form=form, number=number, back=back, **shown)
        return make_response(page, status)

    def _page(self, owner: Actor | None, form: BlankSheetForm, cancel_form: CancelNumbersForm) -> str:
        stocks = stickers.stocks_for(blank_stickers.DESIGN)
        orders = [] if owner is None else blank_stickers.held(db(), owner)
        packages = [] if owner is None else sheet_packages.every(db(), owner.own_owner("see packages"))
        again = next((order for order in orders if order.key == form.again.data), None)
        return render_template(
            "shared/blank_stickers.html",
            form=form,
            cancel_form=cancel_form,
            orders=orders,
            again=again,
            stocks=stocks,
            prefix=self.prefix,
            packages=[
                (package, url_for(f"{self.prefix}_blank", package=package.name, again=form.again.data or None))
                for package in packages
                if any(package.stock == stock.code for stock in stocks)
            ],
        )


def _sheet_form(**values: Any) -> BlankSheetForm:
    form = BlankSheetForm(**values)
    form.stock.choices = stock_choices(stickers.stocks_for(blank_stickers.DESIGN))
    return form
