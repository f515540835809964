"""Every form filled in wrongly: told beside the field, with everything that was typed kept."""

from __future__ import annotations

from collections.abc import Iterator

from bs4 import BeautifulSoup, Tag
from werkzeug.test import TestResponse

from tests.attacks.forms import Form, find_forms, send
from tests.attacks.oracles import judged
from tests.attacks.world import World
from webapp.core.db import db

SECRET = ("password", "again", "present")
#: Beside these nothing can be said: no page of ours sends them so, and the answer is a page of its own.
WITHOUT_A_FIELD = {400, 404, 410}


def test_too_much_text_is_refused_beside_its_field_and_kept(world: World) -> None:
    wrong = []
    for form in find_forms(world):
        for name, limit in typed_fields(form):
            text = "Z" * (max(limit, 500) + 1)
            answer = post(world, form, {name: text})
            wrong += [(str(form), name, fault) for fault in faults(answer, name, text)]
    assert not wrong


def typed_fields(form: Form) -> Iterator[tuple[str, int]]:
    """The fields of a form that changes something, but those of passwords: they are judged together."""
    for name, limit in form.texts.items() if form.method == "POST" else ():
        if not name.startswith(SECRET):
            yield name, limit


def test_a_choice_that_is_not_offered_is_refused_beside_its_field(world: World) -> None:
    wrong = []
    for form in find_forms(world):
        for name in form.choices if form.method == "POST" else ():
            for text in ("nonsense", "9" * 30):
                answer = post(world, form, {name: text})
                if answer.status_code not in WITHOUT_A_FIELD:
                    wrong += [(str(form), name, text, fault) for fault in faults(answer, name, None)]
    assert not wrong


def test_an_empty_form_says_what_is_missing_and_keeps_the_rest(world: World) -> None:
    wrong = []
    for form in find_forms(world):
        answer = post(world, form, dict.fromkeys(dict(form.values), "")) if form.method == "POST" else None
        if answer is not None and answer.status_code == 422:
            page = BeautifulSoup(answer.text, "html.parser")
            marked = page.select("[aria-invalid=true], .has-error")
            wrong += [] if marked or page.select("[role=alert]") else [str(form)]
    assert not wrong


ODD = (["a", "b"], "[]", "1e999", "\0", "\ud800", "9999-99-99")


def test_fields_sent_twice_or_as_something_else_break_nothing(world: World) -> None:
    for form in find_forms(world):
        for first in range(0, len(ODD), 2):
            odd = (ODD[(first + place) % len(ODD)] for place in range(len(form.values)))
            post(world, form, dict(zip(dict(form.values), odd, strict=True)))


def test_a_body_that_is_no_form_breaks_nothing(world: World) -> None:
    client, token = world.browser("carol").client, world.token("carol")
    for rule in world.rules("POST"):
        for kind, body in BODIES[int(db.engine.dialect.name == "sqlite") :: 2]:
            options = {"data": body, "content_type": kind, "headers": {"X-CSRFToken": token}}
            world.sign_in("carol")
            judged(lambda: client.post(world.address(rule), **options), (rule.rule, kind))  # noqa: B023


BODIES = (
    ("application/json", b'{"name": "\\ud800", "id": 1'),
    ("multipart/form-data; boundary=x", b"--x\r\n\xff\xfe\x00"),
    ("application/x-www-form-urlencoded", b"name=%ff%fe&title=\xed\xa0\x80&&&=&csrf_token="),
    ("text/plain", b"\x00" * 1000),
)


def post(world: World, form: Form, filling: dict[str, object]) -> TestResponse:
    """Send the form once, signed in, whatever it did the last time."""
    world.redis.flush()
    world.sign_in(form.owner)
    sent = form.filled(**filling, csrf_token=world.token(form.owner))
    client = world.browser(form.owner).client
    return judged(lambda: send(client, form.method, form.action, sent), (form, filling))


def faults(answer: TestResponse, name: str, text: str | None) -> Iterator[str]:
    """What the answer to a wrong value lacks."""
    if answer.status_code != 422:
        yield f"answered {answer.status_code}"
        return
    page = BeautifulSoup(answer.text, "html.parser")
    field = next((each for each in page.select(f'main [name="{name}"]') if is_marked(each)), None)
    if field is None:
        yield "nothing stands beside the field"
        return
    said = [page.find(id=each) for each in described_by(field).split()]
    if not any(each is not None and each.get_text(strip=True) for each in said):
        yield "the field does not say what is wrong"
    if text not in {None, field.get("value"), field.text.strip()}:
        yield "what was typed is lost"


def is_marked(field: Tag) -> bool:
    """Whether the field, or the group in which it stands, is shown as wrong."""
    return field.get("aria-invalid") == "true" or field.find_parent(class_="has-error") is not None


def described_by(field: Tag) -> str:
    """The ids of what describes the field or its group."""
    group = field.find_parent("fieldset")
    return f"{field.get('aria-describedby', '')} {group.get('aria-describedby', '') if group else ''}"
