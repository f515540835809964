"""What records put into the menus and onto the page "My work"."""

from __future__ import annotations

from collections.abc import Iterator

from flask import render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from webapp.core import menu
from webapp.core.locales import page_language
from webapp.core.slots import slot
from webapp.desk.record_templates import queries as record_templates
from webapp.desk.record_templates.models import RecordTemplate
from webapp.desk.records import lists
from webapp.desk.records.views import remembered
from webapp.desk.records.views.blueprint import page_reader
from webapp.desk.records.wanted import Wanted, role_of
from webapp.people.accounts.models import Account
from webapp.people.accounts.rights import current_account

BOX_SIZE = 7
MENU_ORDER = 100

menu.add("search", _l("Search"), "records.search", icon="search")


@menu.entries_from
def templates_in_menus(account: Account) -> Iterator[menu.MenuEntry]:
    """Every record template has its list in the menu, and its form under "Create"."""
    language = page_language()
    for place, template in enumerate(record_templates.list_templates()):
        values = {"template_name": template.system_name}
        order = MENU_ORDER + place
        if record_templates.can_list(template, account):
            label = template.label(language)
            address = remembered.values_of(template, account)
            yield menu.MenuEntry("work", label, "records.index", template.icon, order, values=address)
        if record_templates.can_create(template, account):
            label = template.singular(language)
            yield menu.MenuEntry("create", label, "records.new", template.icon, order, values=values)


@slot("home.boxes", order=10)
def assigned_to_me(**_context: object) -> Markup | None:
    """Open records for which I answer."""
    return _boxes("assigned", _("Assigned to me")) if current_account().is_staff else None


@slot("home.boxes", order=20)
def requested_by_me(**_context: object) -> Markup | None:
    """Open records that were registered for me."""
    return _boxes("requested", _("Requested by me"))


def _boxes(part: str, words: str) -> Markup:
    """Return a box for each template in whose records I have the part; without any, the first one empty."""
    account = current_account()
    templates = [each for each in record_templates.list_templates() if _is_work(each, part, account)]
    wanted = Wanted(part=part)
    pages = [(each, lists.page_of_records(each, account, wanted, size=BOX_SIZE)) for each in templates]
    shown = [(template, page) for template, page in pages if page.rows] or pages[:1]
    return Markup().join(
        Markup(  # noqa: S704 - our own template, which escapes
            render_template(
                "desk/records/_box.html",
                part=part,
                words=words if len(shown) == 1 else f"{words}: {template.label(page_language())}",
                page=page,
                template=template,
                can_create=record_templates.can_create(template, account),
                reader=page_reader(),
            )
        )
        for template, page in shown
    )


def _is_work(template: RecordTemplate, part: str, account: Account) -> bool:
    """Whether the template's records come to an end, and somebody has the part in them."""
    is_there = bool(template.live_statuses) and role_of(template, part) is not None
    return is_there and record_templates.can_list(template, account)
