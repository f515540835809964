"""The form that asks for an approval, and the people whom it offers."""

from __future__ import annotations

from flask import Response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from webapp.core.db import db
from webapp.core.htmx import is_htmx, redirect, toast
from webapp.desk.approvals import queries, services
from webapp.desk.approvals.forms.approval_form import ApprovalForm
from webapp.desk.approvals.forms.people_field import offers
from webapp.desk.approvals.forms.stage_form import is_rearranging
from webapp.desk.approvals.plans import BadPlan
from webapp.desk.approvals.views.blueprint import bp
from webapp.desk.records.views.blueprint import load_template, page_reader
from webapp.desk.records.views.edit import named_parent
from webapp.people.accounts.rights import current_account, staff_only

Page = str | tuple[str, int] | Answer | Response


# Stands before the form of any record: an address without a variable part is matched first.
@bp.route("/records/approval/new", methods=["GET", "POST"])
@staff_only
def new() -> Page:
    """Ask for an approval; a button that adds or takes away a stage only shows the form anew."""
    template, account = load_template(queries.TEMPLATE), current_account()
    if request.method == "GET":
        form = ApprovalForm(template, account, page_reader(), given=named_parent(template, account))
        return render_template("desk/approvals/new.html", form=form, template=template)
    form = ApprovalForm(template, account, page_reader(), typed=request.form)
    if is_rearranging(request.form):
        piece = "desk/approvals/_stage_rows.html" if is_htmx() else "desk/approvals/new.html"
        return render_template(piece, form=form, template=template)
    if not form.validate():
        return render_template("desk/approvals/new.html", form=form, template=template), 422
    try:
        approval = services.request_approval(form.values, form.plans, author=account, nonce=form.nonce)
    except BadPlan as error:  # since the form was looked at, an approver was deactivated
        db.session.rollback()
        form.form_errors.append(_(error.message, **error.facts))
        return render_template("desk/approvals/new.html", form=form, template=template), 422
    db.session.commit()
    toast(_("#%(number)s is registered.", number=approval.id))
    return redirect(url_for("records.show", record_id=approval.id))


@bp.get("/approvals/people")
@staff_only
def people() -> str:
    """Offer people while somebody types the beginning of a name into the one field that is sent."""
    typed = next(iter(request.args.values()), "")
    return render_template("desk/records/_options.html", options=offers(typed, current_account()))
