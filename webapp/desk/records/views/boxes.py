"""What records put into the menus and onto the page "My work"."""

from __future__ import annotations

from collections.abc import Iterator

from flask import render_template
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from webapp.core import menu
from webapp.core.locales import page_language
from webapp.core.slots import slot
from webapp.desk.record_templates import queries as record_templates
from webapp.desk.records import lists
from webapp.desk.records.views import remembered
from webapp.desk.records.views.blueprint import page_reader
from webapp.desk.records.wanted import Wanted
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
    """Open tickets for which I answer."""
    return _box("assigned") if current_account().is_staff else None


@slot("home.boxes", order=20)
def requested_by_me(**_context: object) -> Markup | None:
    """Open tickets that were registered for me."""
    return _box("requested")


def _box(part: str) -> Markup | None:
    template = record_templates.get_template("ticket")
    if template is None:
        return None
    account = current_account()
    page = lists.page_of_records(template, account, Wanted(part=part), size=BOX_SIZE)
    return Markup(  # noqa: S704 - our own template, which escapes
        render_template(
            "desk/records/_box.html", part=part, page=page, template=template, reader=page_reader()
        )
    )
