"""The forms of the program as it shows them: where they go, what a browser sends, where one types."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from bs4 import BeautifulSoup, SoupStrainer, Tag
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.attacks.world import NOBODY, TEMPLATES, World
from tests.support.pages import form_values
from webapp.core.db import db
from webapp.desk.records.models import Record
from webapp.people.accounts.rights import Rights

#: Kinds of fields into which nobody types.
NOT_TYPED = frozenset({"checkbox", "radio", "submit", "button", "hidden", "file"})
ONLY_FORMS = SoupStrainer(["form", "input", "textarea", "select"])
USUAL_LIMIT = 255
OF_A_LONG_TEXT = 20_000
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Form:
    """One form on one person's page."""

    owner: str
    page: str
    action: str
    method: str
    values: tuple[tuple[str, Any], ...]
    limits: tuple[tuple[str, int], ...]
    addresses: frozenset[str]
    choices: frozenset[str]

    @property
    def texts(self) -> dict[str, int]:
        """The fields into which one types, with what a browser would let in."""
        return dict(self.limits)

    @property
    def path(self) -> str:
        """Where it is sent, without what stands behind."""
        return urlsplit(self.action).path

    def filled(self, **changes: Any) -> dict[str, Any]:
        """What is sent: everything as shown, but the changes, and by a page that was opened anew."""
        opened_anew = {name: uuid4().hex for name in dict(self.values) if "nonce" in name}
        return {**dict(self.values), **opened_anew, **changes}

    def __str__(self) -> str:
        return f"{self.method} {self.action} ({', '.join(self.texts)}) on {self.page}"


def send(client: FlaskClient, method: str, address: str, fields: dict[str, Any]) -> TestResponse:
    """Send fields as a form; half a surrogate pair goes as the bytes that a hostile client would send."""
    body = urlencode(fields, doseq=True, errors="surrogatepass")
    if method == "GET":
        return client.get(f"{urlsplit(address).path}?{body}")
    return client.post(address, data=body, content_type=FORM)


def find_forms(world: World) -> list[Form]:
    """Walk all pages as a technologist and as a visitor and read each kind of form once.

    Worlds are alike but for the token of a link, so one walk serves all tests of a process.
    """
    token = world.parts["token"]
    if not _FOUND:
        _FOUND.extend(replace(form, **_with_token(form, token, TOKEN)) for form in _walk(world))
    return [replace(form, **_with_token(form, TOKEN, token)) for form in _FOUND]


TOKEN = "<token>"
_FOUND: list[Form] = []


def _with_token(form: Form, old: str, new: str) -> dict[str, str]:
    return {"page": form.page.replace(old, new), "action": form.action.replace(old, new)}


def _walk(world: World) -> list[Form]:
    found: dict[object, Form] = {}
    adapter = world.app.url_map.bind("localhost")
    for owner in ("carol", NOBODY):
        for address in pages(world, is_public=owner == NOBODY):
            answer = world.browser(owner).client.get(address)
            if answer.status_code == 200 and answer.mimetype == "text/html":
                soup = BeautifulSoup(answer.text, "html.parser", parse_only=ONLY_FORMS)
                for form in read_forms(owner, address, soup):
                    endpoint, _parts = adapter.match(form.path, form.method)
                    names = form.texts if form.method == "GET" else dict(form.values)
                    found.setdefault((endpoint, form.method, *names), form)
    return list(found.values())


def pages(world: World, *, is_public: bool = False) -> Iterator[str]:
    """The addresses of all pages, or of those for everybody; those of records for every template."""
    records = db.session.scalars(select(Record).order_by(Record.id.desc()))
    numbers = {record.template.system_name: record.id for record in records}  # the first of each template
    db.session.rollback()
    for rule in world.rules("GET"):
        is_open = world.app.view_functions[rule.endpoint].rights is Rights.PUBLIC
        if rule.endpoint != "push.stream" and (is_open or not is_public):
            is_of_records = {"template_name", "record_id"} & rule.arguments
            for name in TEMPLATES if is_of_records else TEMPLATES[:1]:
                yield world.address(rule, template_name=name, record_id=numbers[name])


def read_forms(owner: str, page: str, soup: BeautifulSoup) -> Iterator[Form]:
    """Read the forms of a page."""
    for form in soup.select("form"):
        own = [*form.select(FIELDS), *(soup.select(f'[form="{form["id"]}"]') if form.get("id") else [])]
        yield Form(
            owner,
            page,
            str(form.get("action") or page),
            str(form.get("method", "get")).upper(),
            tuple((name, value) for name, value in form_values(form).items() if name != "csrf_token"),
            tuple(_typed_into(own)),
            frozenset(str(field["name"]) for field in own if _is_for_an_address(field)),
            frozenset(str(field["name"]) for field in own if _is_a_choice(field)),
        )


FIELDS = "input[name], textarea[name], select[name]"


def _is_for_an_address(field: Tag) -> bool:
    return "email" in {field.get("type"), field.get("inputmode")}


def _is_a_choice(field: Tag) -> bool:
    return field.name == "select" or field.get("type") == "radio"


def _typed_into(fields: Iterable[Tag]) -> Iterator[tuple[str, int]]:
    for field in fields:
        kind = str(field.get("type", "text"))
        if field.name == "textarea" or (field.name == "input" and kind not in NOT_TYPED):
            usual = OF_A_LONG_TEXT if field.name == "textarea" else USUAL_LIMIT
            yield str(field["name"]), int(str(field.get("maxlength", usual)))
