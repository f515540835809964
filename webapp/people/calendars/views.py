"""The pages of working calendars."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date
from flask_babel import gettext as _

from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.htmx import redirect, toast
from webapp.core.locales import page_language, zone_or_utc
from webapp.people.accounts.forms.fields import refuse, text_of
from webapp.people.accounts.rights import current_account, technologist_only
from webapp.people.calendars import hours_text, queries, services, users
from webapp.people.calendars.day_names import DAY_NAMES, WEEKDAYS
from webapp.people.calendars.forms import CalendarForm, ExceptionForm, shown
from webapp.people.calendars.models import WorkingCalendar
from webapp.people.calendars.preview import Preview
from webapp.people.calendars.services import Wanted
from webapp.people.company import settings as company

bp = Blueprint("calendars", __name__)
bp.add_app_template_filter(lambda day: format_date(day, "LLLL y"), "month_name")
bp.add_app_template_filter(lambda day: format_date(day, "EEE, d MMMM y"), "day_name")

#: What a new calendar begins with, by the word in the address.
PRESETS = {
    "8x5": (hours_text.read("9:00-13:00, 14:00-18:00"),) * 5 + ((), ()),
    "24x7": (hours_text.read("0:00-24:00"),) * 7,
}


@bp.get("/settings/calendars")
@technologist_only
def index() -> ResponseReturnValue:
    """List the calendars."""
    calendars = queries.list_calendars()
    uses = {calendar.id: users.uses_of(calendar.id) for calendar in calendars}
    return render_template("people/calendars/index.html", calendars=calendars, uses=uses)


@bp.route("/settings/calendars/new", methods=["GET", "POST"])
@technologist_only
def new() -> ResponseReturnValue:
    """Make a calendar."""
    form = CalendarForm()
    form.offer()
    if request.method == "GET":
        week = PRESETS.get(request.args.get("preset", ""), PRESETS["8x5"])
        form.show(Wanted("", company.get().time_zone, week))
        return _form_page(form)
    if form.validate():
        try:
            calendar = services.create_calendar(form.wanted, actor=current_account())
        except (services.NameTaken, services.NeverWorks) as error:
            _complain(form, error)
        else:
            db.session.commit()
            toast(_("The calendar is there."))
            return redirect(url_for(".show", calendar_id=calendar.id))
    return _form_page(form), 422


@bp.get("/settings/calendars/<int:calendar_id>")
@technologist_only
def show(calendar_id: int) -> ResponseReturnValue:
    """Show what the calendar says, the coming months, its exceptions and who uses it."""
    return _card(_get_or_404(calendar_id), ExceptionForm())


@bp.route("/settings/calendars/<int:calendar_id>/edit", methods=["GET", "POST"])
@technologist_only
def edit(calendar_id: int) -> ResponseReturnValue:
    """Change the calendar."""
    calendar = _get_or_404(calendar_id)
    form = CalendarForm()
    form.offer(calendar)
    form.time_zone.keep_present(calendar.time_zone)
    if request.method == "GET":
        form.show(shown(calendar))
        return _form_page(form, calendar)
    if form.validate():
        try:
            services.change_calendar(calendar, form.wanted, actor=current_account())
        except (services.NameTaken, services.NeverWorks) as error:
            db.session.rollback()
            _complain(form, error)
        else:
            db.session.commit()
            toast(_("The calendar is saved."))
            return redirect(url_for(".show", calendar_id=calendar_id))
    return _form_page(form, calendar), 422


@bp.post("/settings/calendars/<int:calendar_id>/exceptions")
@technologist_only
def add_exception(calendar_id: int) -> ResponseReturnValue:
    """Give one day hours of its own."""
    calendar, form = _get_or_404(calendar_id), ExceptionForm()
    if not form.validate() or form.day.data is None:
        return _card(calendar, form), 422
    try:
        services.add_exception(
            calendar, form.day.data, text_of(form.label), form.hours.hours, actor=current_account()
        )
    except services.DayTaken:
        refuse(form.day, _("This day has an exception already. Remove that one first."))
        return _card(calendar, form), 422
    db.session.commit()
    toast(_("The exception is there."))
    return redirect(url_for(".show", calendar_id=calendar_id, _anchor="exceptions"))


@bp.post("/settings/calendars/<int:calendar_id>/exceptions/<int:exception_id>/remove")
@technologist_only
def remove_exception(calendar_id: int, exception_id: int) -> ResponseReturnValue:
    """Let the day be like others again."""
    calendar = _get_or_404(calendar_id)
    exception = next((each for each in calendar.exceptions if each.id == exception_id), None)
    if exception is not None:
        services.remove_exception(calendar, exception, actor=current_account())
        db.session.commit()
    toast(_("The exception is removed."))
    return redirect(url_for(".show", calendar_id=calendar_id, _anchor="exceptions"))


@bp.post("/settings/calendars/<int:calendar_id>/delete")
@technologist_only
def delete(calendar_id: int) -> ResponseReturnValue:
    """Delete a calendar that nothing uses."""
    calendar = _get_or_404(calendar_id)
    try:
        services.delete_calendar(calendar, actor=current_account())
    except services.InUse:
        toast(_("The calendar is used, so it is not deleted."), "warning")
        return redirect(url_for(".show", calendar_id=calendar_id))
    db.session.commit()
    toast(_("The calendar is deleted."))
    return redirect(url_for(".index"))


def _get_or_404(calendar_id: int) -> WorkingCalendar:
    calendar = queries.get_calendar(calendar_id)
    if calendar is None:
        abort(404)
    return calendar


def _form_page(form: CalendarForm, calendar: WorkingCalendar | None = None) -> str:
    return render_template("people/calendars/edit.html", form=form, calendar=calendar, weekdays=WEEKDAYS)


def _card(calendar: WorkingCalendar, form: ExceptionForm) -> str:
    today = now().astimezone(zone_or_utc(calendar.time_zone)).date()
    return render_template(
        "people/calendars/show.html",
        calendar=calendar,
        form=form,
        today=today,
        week=[
            (str(DAY_NAMES[name]), hours_text.write(hours))
            for name, hours in zip(WEEKDAYS, calendar.week, strict=False)
        ],
        preview=Preview(calendar, today, page_language()),
        uses=users.uses_of(calendar.id),
        write_hours=hours_text.write,
    )


def _complain(form: CalendarForm, error: Exception) -> None:
    if isinstance(error, services.NameTaken):
        refuse(form.name, _("Another calendar has this name."))
    else:
        refuse(
            form.monday,
            _("By this calendar nobody ever works. Write the hours of at least one day of the week."),
        )
