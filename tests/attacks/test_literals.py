"""Every hostile text through every text field of every form of the program."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import cycle, zip_longest

import pytest
from bs4 import BeautifulSoup
from werkzeug.test import TestResponse

from tests.attacks.cases import LONG, LONGEST, SHARES, packs
from tests.attacks.forms import ONLY_FORMS, Form, find_forms, pages, read_forms, send
from tests.attacks.oracles import Shape, Shapes, flat_memory, judged
from tests.attacks.world import NOBODY, World
from tests.desk.making import make_ticket
from tests.support.pages import PageClient
from tests.support.redis_server import RedisServer
from webapp.core.db import db

#: Typed first, so that the shapes of all pages are known: some words, and what becomes a link.
WORDS = "Some words of mine https://example.org/a?b=c"
HARMLESS = ("", WORDS, "words " * 4000, "someone@example.org", "{subjct}")
#: Buttons without text fields that pages show in another state of things than this world's.
BUTTONS_OF_OTHER_STATES = {
    "accounts.activate", "accounts.activate_team", "accounts.end_other_sessions", "accounts.end_sessions",
    "calendars.delete", "escalations.reset_moment",
    "deliveries.release", "deliveries.send_again", "deliveries.send_group_again", "deliveries.skip_group",
    "deliveries.skip_unreleased", "event_actions.restore_text",
    "journal.replay", "journal.replay_all", "mail_connections.make_default", "mail_connections.switch_on",
    "messages.send_again", "records.unsubscribe", "records.subscribe_other", "silent_mode.turn_off",
}  # fmt: skip
#: Shown while nobody has an account: it has a test of its own.
OF_AN_EMPTY_DESK = {"accounts.first_technologist"}
#: Asked by a page itself while one types: tried below.
WHILE_ONE_TYPES = {"records.preview_comment"}
#: Reached by a second button of a form: test_own_texts.py sends it the same texts.
OF_A_SECOND_BUTTON = {"event_actions.preview_text"}
KNOWN: set[Shape] = set()


@pytest.mark.timeout(600)  # a thousand requests, on machines that are busy with other tests
def test_no_text_does_anything_in_any_field_of_any_form(world: World) -> None:
    found = find_forms(world)
    assert_all_are_found(world, found)
    forms = [form for form in found if form.texts]
    known = shapes_of(walk(world)) | (KNOWN or learn(world, forms))
    with flat_memory():
        for share, form in zip(cycle(my_shares()), forms, strict=False):
            for answer in answers(world, form, rounds(form, share)):
                check(answer, known, form)
        for answer in walk(world):
            check(answer, known, answer.request.path)


def my_shares() -> range:
    """The shares of this database."""
    return range(int(db.engine.dialect.name == "sqlite"), SHARES, 2)


def learn(world: World, forms: list[Form]) -> set[Shape]:
    """Return the shapes of all pages of harmless words: the same on each database, so learnt once."""
    for form in forms:
        KNOWN.update(shapes_of(answers(world, form, [typed(form, text) for text in HARMLESS])))
    make_second_pages(world)
    KNOWN.update(shapes_of(walk(world)))
    return KNOWN


def shapes_of(answers: Iterable[TestResponse]) -> set[Shape]:
    """The shapes of all the pages."""
    return {shape for answer in answers for shape in Shapes(answer.text).found}


def make_second_pages(world: World) -> None:
    """Let lists be so long that they have pages."""
    for number in range(60):
        make_ticket(world.people["alice"], f"Ticket {number}")


def assert_all_are_found(world: World, forms: list[Form]) -> None:
    """Every view that takes a form has one on some page: otherwise no test here would ever reach it."""
    adapter = world.app.url_map.bind("localhost")
    found = {adapter.match(form.path, "POST")[0] for form in forms if form.method == "POST"}
    views = {rule.endpoint for rule in world.rules("POST")}
    assert views - found == BUTTONS_OF_OTHER_STATES | OF_AN_EMPTY_DESK | WHILE_ONE_TYPES | OF_A_SECOND_BUTTON


def rounds(form: Form, share: int) -> Iterator[dict[str, str]]:
    """Fill all text fields at once, until each has held each text.

    Fields for an address come by themselves: they refuse nearly all, and the rest is to be kept.
    """
    for names in (form.texts.keys() - form.addresses, form.addresses):
        columns = {name: packs(min(form.texts[name], LONGEST), share=share) for name in sorted(names)}
        for texts in zip_longest(*columns.values()):
            yield {name: text for name, text in zip(columns, texts, strict=True) if text is not None}
    yield typed(form, LONG[share % 2].text)


def typed(form: Form, text: str) -> dict[str, str]:
    """The same text in each field."""
    return dict.fromkeys(form.texts, text)


def answers(world: World, form: Form, fillings: Iterable[dict[str, str]]) -> Iterator[TestResponse]:
    """Send the form with each filling, and again without what was refused, so that the rest is kept."""
    for filling in fillings:
        answer = post(world, form, filling)
        yield answer
        if answer.status_code == 409:  # changed since it was read, by this very test
            soup = BeautifulSoup(answer.text, "html.parser", parse_only=ONLY_FORMS)
            form = next(each for each in read_forms(form.owner, form.page, soup) if each.path == form.path)
            answer = post(world, form, filling)
            yield answer
        refused = Shapes(answer.text).refused if answer.status_code == 422 else set()
        rest = {name: text for name, text in filling.items() if name not in refused}
        if refused and rest:
            answer = post(world, form, rest)
            yield answer
        is_shown_elsewhere = form.path.endswith("/new")  # by the form that changes what was made here
        if answer.status_code == 303 and not is_shown_elsewhere:
            yield look(world, form.owner, answer.location)


def post(world: World, form: Form, filling: dict[str, str]) -> TestResponse:
    """Send the form once."""
    world.redis.flush()  # otherwise the limit of tries would answer
    sent = form.filled(**filling, csrf_token=world.token(form.owner))
    client = world.browser(form.owner).client
    return judged(lambda: send(client, form.method, form.action, sent), (form, filling))


def walk(world: World) -> Iterator[TestResponse]:
    """Look at all pages."""
    for address in pages(world):
        yield look(world, "carol", address)


def look(world: World, reader: str, address: str) -> TestResponse:
    """Fetch a page."""
    return judged(lambda: world.browser(reader).client.get(address), address)


def check(answer: TestResponse, known: set[Shape], what: object) -> None:
    """Nothing stands in the page that did not stand in pages of harmless words."""
    if answer.mimetype == "text/html":
        shapes = Shapes(answer.text)
        assert not shapes.found - known, (what, shapes.found - known)
        assert not shapes.strange, (what, shapes.strange)


def test_nor_beside_the_box_in_which_a_comment_is_typed(world: World) -> None:
    address = f"/records/{world.parts['record_id']}/comments/preview"
    client, token, known = world.browser("carol").client, world.token("carol"), set[Shape]()
    texts = [text for share in my_shares() for text in packs(LONGEST, share=share)]
    for is_harmless, bodies in ((True, HARMLESS), (False, texts)):
        for body in (sign + text for text in bodies for sign in ("", "@", "@mallory@example.com @")):
            sent = {"csrf_token": token, "body": body, "audience": "public"}
            answer = judged(lambda: send(client, "POST", address, sent), body)  # noqa: B023 - called at once
            assert answer.status_code == 200
            known |= Shapes(answer.text).found if is_harmless else set()
            check(answer, known, body)


def test_nor_in_the_form_of_a_desk_where_nobody_is_yet(
    visitor: PageClient, redis_server: RedisServer
) -> None:
    token = visitor.csrf_token()
    page = visitor.client.get("/first-account").text
    soup = BeautifulSoup(page, "html.parser", parse_only=ONLY_FORMS)
    form = next(each for each in read_forms(NOBODY, "/", soup) if each.path == "/first-account")
    known: set[Shape] = set()
    for harmless, texts in ((True, [typed(form, text) for text in HARMLESS]), (False, rounds(form, share=0))):
        for text in texts:
            redis_server.flush()  # otherwise the limit of tries would answer
            # Without the password once more nobody is made, and the next text finds the form again.
            sent = form.filled(**{**text, "again": "another"}, csrf_token=token)
            answer = judged(lambda: send(visitor.client, "POST", form.action, sent), text)  # noqa: B023
            assert answer.status_code == 422
            known |= Shapes(answer.text).found if harmless else set()
            check(answer, known, text)
