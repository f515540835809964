"""Accounts as technologists make, change and close them."""

from __future__ import annotations

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from webapp.core.db import db, reading
from webapp.core.htmx import redirect, toast
from webapp.people.accounts import queries, services
from webapp.people.accounts.forms import AccountForm, NewAccountForm, SetPasswordForm
from webapp.people.accounts.forms.fields import ROLE_NAMES, refuse, text_of, words_of
from webapp.people.accounts.forms.places import line_of
from webapp.people.accounts.models import Account, Role
from webapp.people.accounts.passwords import PasswordRefused
from webapp.people.accounts.rights import current_account, signed_in, technologist_only
from webapp.people.accounts.views.blueprint import bp

STATES = {"active": True, "inactive": False, "all": None}


@bp.get("/accounts")
@technologist_only
def index() -> ResponseReturnValue:
    """List accounts by name, role and state."""
    text, role, state = (request.args.get(name, "") for name in ("q", "role", "state"))
    page = queries.list_accounts(
        text=text[:200],
        role=Role(role) if role in ROLE_NAMES else None,
        is_active=STATES.get(state, True),
        cursor=request.args.get("cursor"),
    )
    return render_template(
        "people/accounts/index.html", page=page, text=text, role=role, state=state, roles=ROLE_NAMES
    )


@bp.route("/accounts/new", methods=["GET", "POST"])
@technologist_only
def new() -> ResponseReturnValue:
    """Make an account."""
    form = NewAccountForm(
        data={"language": current_account().language, "time_zone": current_account().time_zone}
    )
    if request.method == "GET":
        return render_template("people/accounts/new.html", form=form)
    account = _create(form) if form.validate() else None
    if account is None:
        return render_template("people/accounts/new.html", form=form), 422
    token = None if form.chosen_password else services.invite(account, actor=current_account())
    db.session.commit()
    if token is not None:
        return _show_link(account, token, is_invitation=True)
    toast(_("The account is made."))
    return redirect(url_for("accounts.edit", account_id=account.id))


@bp.get("/accounts/managers")
@technologist_only
def managers() -> ResponseReturnValue:
    """Offer who can be somebody's manager while a part of the name is typed."""
    found = queries.find_accounts(request.args.get("manager", "")[:100])
    return render_template("people/accounts/_manager_options.html", lines=[line_of(each) for each in found])


@bp.route("/accounts/<int:account_id>", methods=["GET", "POST"])
@technologist_only
def edit(account_id: int) -> ResponseReturnValue:
    """Show and change an account of somebody else."""
    if account_id == current_account().id:
        return _to_profile()
    account = _get_or_404(account_id)
    form = AccountForm(obj=account)
    form.time_zone.keep_present(account.time_zone)
    if request.method == "GET":
        return _account_page(account, form=form)
    if form.validate() and _save(account, form):
        db.session.commit()
        toast(_("The account is saved."))
        return redirect(url_for("accounts.edit", account_id=account.id))
    return _account_page(account, form=form, status=422)


@bp.post("/accounts/<int:account_id>/password")
@technologist_only
def set_password(account_id: int) -> ResponseReturnValue:
    """Set somebody else's password and end their sessions."""
    if account_id == current_account().id:
        return _to_profile()
    form = SetPasswordForm()
    if form.validate():
        try:
            services.set_password(account_id, text_of(form.password), actor=current_account())
        except LookupError:
            abort(404)
        except PasswordRefused as error:
            refuse(form.password, words_of(error))
        else:
            db.session.commit()
            toast(_("The password is set, and all sessions of the account have ended."))
            return redirect(url_for("accounts.edit", account_id=account_id))
    return _account_page(_get_or_404(account_id), password_form=form, status=422)


@bp.post("/accounts/<int:account_id>/password-link")
@technologist_only
def send_password_link(account_id: int) -> ResponseReturnValue:
    """Send somebody else a link to set a password, and show it once."""
    if account_id == current_account().id:
        return _to_profile()
    account = _get_or_404(account_id)
    if not account.is_active:
        abort(409)
    is_invitation = account.password_hash is None
    make_link = services.invite if is_invitation else services.send_password_link
    token = make_link(account, actor=current_account())
    db.session.commit()
    return _show_link(account, token, is_invitation=is_invitation)


@bp.post("/accounts/<int:account_id>/deactivate")
@technologist_only
def deactivate(account_id: int) -> ResponseReturnValue:
    """Close an account and end its sessions."""
    account = _get_or_404(account_id)
    try:
        ended = services.deactivate(account, actor=current_account())
    except services.OwnAccount:
        toast(_("You cannot deactivate your own account: ask another technologist."), "danger")
    except services.LastTechnologist:
        toast(_last_technologist(), "danger")
    else:
        db.session.commit()
        toast(_deactivated(ended))
    return redirect(url_for("accounts.edit", account_id=account_id))


@bp.post("/accounts/<int:account_id>/activate")
@technologist_only
def activate(account_id: int) -> ResponseReturnValue:
    """Open a closed account again."""
    services.activate(_get_or_404(account_id), actor=current_account())
    db.session.commit()
    toast(_("The account is active again."))
    return redirect(url_for("accounts.edit", account_id=account_id))


@bp.post("/accounts/<int:account_id>/end-sessions")
@technologist_only
def end_sessions(account_id: int) -> ResponseReturnValue:
    """Sign somebody out everywhere."""
    ended = services.end_all_sessions(_get_or_404(account_id))
    db.session.commit()
    toast(ngettext("%(num)d session has ended.", "%(num)d sessions have ended.", ended))
    return redirect(url_for("accounts.edit", account_id=account_id))


@bp.get("/go/account/<int:account_id>")
@signed_in
def go(account_id: int) -> ResponseReturnValue:
    """Lead from a message to the account that it is about."""
    if account_id == current_account().id:
        return _to_profile()
    if not current_account().is_technologist:
        abort(404)
    return redirect(url_for("accounts.edit", account_id=_get_or_404(account_id).id))


def _to_profile() -> ResponseReturnValue:
    """Lead to one's own account: its page asks for the present password, which an open browser lacks."""
    return redirect(url_for("accounts.profile"))


def _get_or_404(account_id: int) -> Account:
    account = queries.get_account(account_id)
    if account is None:
        abort(404)
    return account


def _create(form: NewAccountForm) -> Account | None:
    """Make the account, or write into the form why it cannot be made."""
    try:
        return services.create_account(
            text_of(form.email),
            text_of(form.name),
            form.chosen_role,
            form.language.data,
            form.time_zone.data,
            form.chosen_password,
            actor=current_account(),
            place=form.place,
        )
    except services.AddressTaken:
        refuse(form.email, _("Another account has this address."))
    except PasswordRefused as error:
        refuse(form.password, words_of(error))
    return None


def _save(account: Account, form: AccountForm) -> bool:
    """Change the account; returns whether it could be, with the error in the form."""
    try:
        services.change_account(
            account,
            actor=current_account(),
            email=text_of(form.email),
            name=text_of(form.name),
            role=form.chosen_role,
            language=form.language.data,
            time_zone=form.time_zone.data,
            place=form.place,
        )
    except services.AddressTaken:
        refuse(form.email, _("Another account has this address."))
    except services.LastTechnologist:
        refuse(form.role, _last_technologist())
    except services.ManagerCircle as error:
        form.refuse_circle(error)
    return not form.errors


def _account_page(
    account: Account,
    *,
    form: AccountForm | None = None,
    password_form: SetPasswordForm | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    page = render_template(
        "people/accounts/edit.html",
        account=account,
        form=form or AccountForm(formdata=None, obj=account),
        password_form=password_form or SetPasswordForm(formdata=None),
        roles=ROLE_NAMES,
        session_count=queries.count_sessions(account.id),
        led_teams=queries.list_led_teams(account.id),
    )
    return page, status


def _show_link(account: Account, token: str, *, is_invitation: bool) -> ResponseReturnValue:
    """Show the link once: it is kept nowhere in readable form."""
    with reading():
        account_id = account.id
        lives = services.INVITATION_LIVES if is_invitation else services.LINK_LIVES
        shown = queries.get_account(account_id)
        return render_template("people/accounts/link_made.html", account=shown, token=token, lives=lives)


def _last_technologist() -> str:
    return str(_("This is the last active technologist. Give somebody else this role first."))


def _deactivated(ended: int) -> str:
    if not ended:
        return str(_("The account is deactivated."))
    return str(
        ngettext(
            "The account is deactivated. %(num)d session has ended.",
            "The account is deactivated. %(num)d sessions have ended.",
            ended,
        )
    )
