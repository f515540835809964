"""The filters that a person used last in each list: the links to the list lead back to them."""

from __future__ import annotations

from typing import Any

from flask import session, url_for

from webapp.desk.record_templates.models import RecordTemplate
from webapp.desk.records.views.blueprint import bp
from webapp.desk.records.wanted import Wanted
from webapp.people.accounts.models import Account
from webapp.people.accounts.rights import current_account

KEY = "lists"
#: More would not fit into a cookie beside the other lists.
LONGEST = 300


def remember(template: RecordTemplate, account: Account, wanted: Wanted) -> None:
    """Keep what the list's address asks for in this browser, for this person; a bare address forgets it."""
    asked = wanted.in_address()
    if sum(map(len, asked.values())) > LONGEST:
        return
    lists = _of(account)
    if lists.get(template.system_name, {}) != asked:
        session[KEY] = {str(account.id): lists | {template.system_name: asked}}


def values_of(template: RecordTemplate, account: Account) -> dict[str, Any]:
    """Return the parts of the address that leads to the list as this person saw it last."""
    return {**_of(account).get(template.system_name, {}), "template_name": template.system_name}


@bp.app_template_global("list_address")
def address_of(template: RecordTemplate) -> str:
    """Return the address of the list as the signed-in person saw it last."""
    return url_for("records.index", **values_of(template, current_account()))


def _of(account: Account) -> dict[str, Any]:
    """Return what is kept for this person; of others who used the same browser nothing is."""
    kept: dict[str, Any] = session.get(KEY, {})
    return dict(kept.get(str(account.id), {}))
