"""Lists of a template's records, their export, and the search over all templates."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Response, abort, render_template, request, url_for
from flask_babel import gettext as _

from webapp.core.htmx import is_htmx
from webapp.core.paging import KeysetPage
from webapp.desk.record_templates.models import RecordTemplate
from webapp.desk.record_templates.queries import can_create
from webapp.desk.records import exports, lists, queries
from webapp.desk.records.models import Record
from webapp.desk.records.shown import Names
from webapp.desk.records.views import filters, remembered
from webapp.desk.records.views.blueprint import bp, load_template, page_reader
from webapp.desk.records.wanted import BadFilter, Wanted, read_wanted, search_text
from webapp.languages.values import Reader
from webapp.people.accounts.rights import current_account, signed_in


@bp.get("/records/<template_name>")
@signed_in
def index(template_name: str) -> str:
    """Show the list of a template's records with its filters."""
    template, account = load_template(template_name), current_account()
    wanted = _read_wanted(template)
    remembered.remember(template, account, wanted)
    page = lists.page_of_records(template, account, wanted, cursor=request.args.get("cursor"))
    reader = page_reader()
    columns = lists.columns_of(template)
    _load_names(reader, page, template)
    return render_template(
        "desk/records/_list.html" if is_htmx() else "desk/records/index.html",
        template=template,
        wanted=wanted,
        page=page,
        columns=columns,
        reader=reader,
        count=lists.count_records(template, account, wanted),
        most_counted=lists.FEW,
        filters=filters.filters_for(template, wanted, account, reader),
        can_create=can_create(template, account),
        export_url=f"{url_for('.export', template_name=template_name)}?{urlencode(request.args)}",
    )


@bp.get("/records/<template_name>/export.csv")
@signed_in
def export(template_name: str) -> Response:
    """Send the list, as it is filtered, as a file for spreadsheets."""
    template = load_template(template_name)
    heads = (_("Number"), _("Status"), _("Created"), _("Changed"))
    rows = exports.rows_of(template, current_account(), _read_wanted(template), page_reader(), heads)
    name = f"attachment; filename={template.system_name}.csv"
    # Whole before it leaves: a file that an error cut short would look like all there is.
    return Response("".join(rows), mimetype="text/csv", headers={"Content-Disposition": name})


@bp.get("/search")
@signed_in
def search() -> str:
    """Find records of every kind by their words; a number alone finds its record first."""
    account = current_account()
    q = _search_text(request.args.get("q", ""))
    page = lists.page_of_search(account, q, cursor=request.args.get("cursor"))
    digits = q.lstrip("#№ ")
    by_number = queries.get_record(int(digits), account) if digits.isdecimal() and len(digits) < 19 else None
    rows = [record for record in page.rows if record is not by_number]
    return render_template(
        "desk/records/search.html", q=q, page=page, rows=rows, by_number=by_number, reader=page_reader()
    )


def _read_wanted(template: RecordTemplate) -> Wanted:
    try:
        return read_wanted(template, request.args)
    except BadFilter as error:
        # Otherwise the link to the list would lead here again and again.
        remembered.remember(template, current_account(), Wanted())
        abort(422, str(error))


def _search_text(typed: str) -> str:
    try:
        return search_text(typed)
    except BadFilter as error:
        abort(422, str(error))


def _load_names(reader: Reader, page: KeysetPage[Record], template: RecordTemplate) -> None:
    """Read the names of everything that the page links to at once, not one by one."""
    if isinstance(reader.name_of, Names):
        reader.name_of.load_for(page.rows, lists.columns_of(template))
