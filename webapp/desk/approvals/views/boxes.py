"""What approvals put onto the page "My work": those that wait for this person's vote."""

from __future__ import annotations

from flask import render_template
from flask_babel import gettext as _
from markupsafe import Markup

from webapp.core.slots import slot
from webapp.desk.approvals import queries
from webapp.desk.record_templates.queries import can_list, get_template
from webapp.desk.records import lists
from webapp.desk.records.views.blueprint import page_reader
from webapp.desk.records.views.boxes import BOX_SIZE
from webapp.desk.records.wanted import Wanted
from webapp.people.accounts.rights import current_account

PART = "awaited"


@slot("home.boxes", order=5)
def waiting_for_my_vote(**_context: object) -> Markup | None:
    """Approvals whose open stage waits for my vote; nothing when there are none."""
    template, account = get_template(queries.TEMPLATE), current_account()
    if template is None or not can_list(template, account):
        return None
    page = lists.page_of_records(template, account, Wanted(part=PART), size=BOX_SIZE)
    if not page.rows:
        return None
    box = render_template(
        "desk/records/_box.html",
        part=PART,
        words=_("Waiting for my vote"),
        page=page,
        template=template,
        can_create=False,
        reader=page_reader(),
    )
    return Markup(box)  # noqa: S704 - our own template, which escapes
