"""The pages of agreements."""

from __future__ import annotations

from datetime import datetime

from babel.dates import format_datetime
from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from webapp.core import menu
from webapp.core.db import db
from webapp.core.htmx import is_htmx, redirect, toast
from webapp.core.locales import page_language, page_time_zone, zone_or_utc
from webapp.core.slots import slot
from webapp.desk.agreements import card, choices, queries, services, trials
from webapp.desk.agreements.forms import SPARE_ROWS, AgreementForm, CustomerForm, TrialForm, agreement_form
from webapp.desk.agreements.models import Agreement
from webapp.desk.records.models import Record
from webapp.people.accounts.forms.fields import refuse, text_of
from webapp.people.accounts.rights import current_account, is_technologist, technologist_only
from webapp.people.accounts.time_zones import zone_label
from webapp.people.calendars.queries import list_calendars
from webapp.people.calendars.users import Use, finds_uses

bp = Blueprint("agreements", __name__)

menu.add(
    "processes",
    _l("Agreements and calendars"),
    "agreements.index",
    icon="clock",
    order=20,
    who=is_technologist,
)


def short_moment(moment: datetime, zone_name: str | None = None) -> str:
    """Return date, hours and minutes in the reader's zone, or in another one."""
    zone = zone_or_utc(zone_name) if zone_name else page_time_zone()
    return format_datetime(moment.astimezone(zone), "d MMMM y, HH:mm", tzinfo=zone, locale=page_language())


bp.add_app_template_filter(short_moment)
bp.add_app_template_filter(zone_label)


@slot("record.first", order=10)
def _deadlines(*, record: Record, is_beside: bool) -> Markup:
    found = card.deadlines_of(record, page_language())
    if not found and not is_beside:
        return Markup()
    return Markup(  # noqa: S704 - our own template
        render_template(
            "desk/agreements/_deadlines.html", deadlines=found, is_beside=is_beside, zone=page_time_zone()
        )
    )


@slot("calendars.tabs")
def _tabs(*, current: str) -> Markup:
    return Markup(render_template("desk/agreements/_tabs.html", current=current))  # noqa: S704 - our own template


@slot("calendars.progress")
def _progress() -> Markup:
    recount = queries.get_latest_recount()
    return Markup(render_template("desk/agreements/_progress.html", recount=recount))  # noqa: S704 - our own template


@finds_uses
def _uses(calendar_id: int) -> list[Use]:
    found = queries.list_agreements_by_calendar(calendar_id)
    return [Use(each.name, url_for("agreements.show", agreement_id=each.id)) for each in found]


@bp.get("/settings/agreements")
@technologist_only
def index() -> ResponseReturnValue:
    """List the agreements."""
    return render_template(
        "desk/agreements/index.html",
        agreements=queries.list_agreements(),
        has_calendars=bool(list_calendars()),
        recount=queries.get_latest_recount(),
    )


@bp.get("/settings/agreements/progress")
@technologist_only
def progress() -> ResponseReturnValue:
    """Show how far the counting anew of deadlines is."""
    if not is_htmx():
        return redirect(url_for(".index"))
    return render_template("desk/agreements/_progress.html", recount=queries.get_latest_recount())


@bp.route("/settings/agreements/new", methods=["GET", "POST"])
@technologist_only
def new() -> ResponseReturnValue:
    """Make an agreement."""
    if not list_calendars():
        toast(_("An agreement needs a calendar, so make one first."), "info")
        return redirect(url_for("calendars.new"))
    form = agreement_form(_rows_sent() or SPARE_ROWS)
    form.offer(choices.offer(page_language()))
    if request.method == "GET":
        return _form_page(form)
    if form.validate():
        try:
            agreement = services.create_agreement(form.wanted(), actor=current_account())
        except (services.NameTaken, services.RuleRepeated, services.TermNeverEnds) as error:
            form.complain(error)
        else:
            db.session.commit()
            toast(_("The agreement is there."))
            return redirect(url_for(".show", agreement_id=agreement.id))
    return _form_page(form), 422


@bp.get("/settings/agreements/<int:agreement_id>")
@technologist_only
def show(agreement_id: int) -> ResponseReturnValue:
    """Show the agreement, its customers, and what it would promise."""
    return _card(_get_or_404(agreement_id), CustomerForm())


@bp.route("/settings/agreements/<int:agreement_id>/edit", methods=["GET", "POST"])
@technologist_only
def edit(agreement_id: int) -> ResponseReturnValue:
    """Change the agreement and its rules."""
    agreement = _get_or_404(agreement_id)
    form = agreement_form(_rows_sent() or len(agreement.rules) + SPARE_ROWS)
    form.offer(choices.offer(page_language(), agreement))
    if request.method == "GET":
        form.show(agreement)
        return _form_page(form, agreement)
    if form.validate():
        try:
            services.change_agreement(agreement, form.wanted(), actor=current_account())
        except (services.NameTaken, services.RuleRepeated, services.TermNeverEnds) as error:
            db.session.rollback()
            form.complain(error)
        else:
            db.session.commit()
            toast(_("The agreement is saved."))
            return redirect(url_for(".show", agreement_id=agreement_id))
    return _form_page(form, agreement), 422


@bp.post("/settings/agreements/<int:agreement_id>/customers")
@technologist_only
def add_customer(agreement_id: int) -> ResponseReturnValue:
    """Let the agreement apply to a customer."""
    agreement, form = _get_or_404(agreement_id), CustomerForm()
    if not form.validate():
        return _card(agreement, form), 422
    customer = choices.find_customer(text_of(form.customer), current_account())
    if customer is None:
        refuse(form.customer, _("There is nothing like this to choose. Take one that is offered."))
        return _card(agreement, form), 422
    services.add_customer(agreement, customer, actor=current_account())
    db.session.commit()
    toast(_("The agreement applies to the customer."))
    return redirect(url_for(".show", agreement_id=agreement_id, _anchor="customers"))


@bp.post("/settings/agreements/<int:agreement_id>/customers/<int:record_id>/remove")
@technologist_only
def remove_customer(agreement_id: int, record_id: int) -> ResponseReturnValue:
    """Let the customer have the default agreement again."""
    services.remove_customer(_get_or_404(agreement_id), record_id, actor=current_account())
    db.session.commit()
    toast(_("The customer has the default agreement again."))
    return redirect(url_for(".show", agreement_id=agreement_id, _anchor="customers"))


@bp.post("/settings/agreements/<int:agreement_id>/delete")
@technologist_only
def delete(agreement_id: int) -> ResponseReturnValue:
    """Delete the agreement."""
    try:
        services.delete_agreement(_get_or_404(agreement_id), actor=current_account())
    except services.DefaultNeeded:
        toast(_("Make another agreement the default one first."), "warning")
        return redirect(url_for(".show", agreement_id=agreement_id))
    db.session.commit()
    toast(_("The agreement is deleted; open records follow the default one."))
    return redirect(url_for(".index"))


def _get_or_404(agreement_id: int) -> Agreement:
    agreement = queries.get_agreement(agreement_id)
    if agreement is None:
        abort(404)
    return agreement


def _rows_sent() -> int:
    """Return for how many rules the browser sent fields."""
    return sum(1 for name in request.form if name.startswith("reaction_"))


def _form_page(form: AgreementForm, agreement: Agreement | None = None) -> str:
    return render_template("desk/agreements/edit.html", form=form, agreement=agreement)


def _card(agreement: Agreement, form: CustomerForm) -> str:
    offer = choices.offer(page_language(), agreement)
    trial_form = TrialForm(request.args)
    trial = trials.run(agreement, trial_form, offer, page_time_zone())
    return render_template(
        "desk/agreements/show.html",
        agreement=agreement,
        rules=choices.rules_in_words(agreement, offer),
        form=form,
        customers=choices.list_customers(current_account()),
        trial_form=trial_form,
        trial=trial,
        recount=queries.get_latest_recount(),
    )
