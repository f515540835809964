"""The page of a row's text: what is saved is what is sent, and what is refused stays typed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import func, select

from tests.desk.making import make_ticket
from tests.support.mail import make_connection
from tests.support.pages import PageClient, form_values
from webapp.core.db import db
from webapp.desk.records import services as records
from webapp.events.models import Event
from webapp.messaging.messages import bodies
from webapp.messaging.messages.models import Message
from webapp.people.accounts.models import Account
from webapp.rules import scope
from webapp.rules.event_actions import catalogue
from webapp.rules.event_actions.models import EventActionText
from webapp.rules.event_actions.wording import original

SignIn = Callable[[Account], PageClient]
CODE = "ticket.in_progress.requester"
ROW = f"/settings/event-actions/{CODE}"
PAGE = f"{ROW}/texts/en"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def browser(carol: Account, sign_in: SignIn) -> PageClient:
    carol.language = "en"
    db.session.commit()
    return sign_in(carol)


def fields(browser: PageClient, **changes: str) -> dict[str, str]:
    """What a browser sends: the form as shown, with changes."""
    return {**form_values(browser.get(PAGE).select_one("#text-form")), **changes}


def versions() -> list[EventActionText]:
    db.session.rollback()
    return list(db.session.scalars(select(EventActionText).order_by(EventActionText.version)))


def shown(page: BeautifulSoup) -> str:
    frame = page.select_one("iframe.text-frame")
    assert frame is not None
    assert not frame["sandbox"], "a frame in which nothing runs"
    return str(frame["srcdoc"])


def test_the_page_shows_the_original_and_how_it_looks(browser: PageClient) -> None:
    page = browser.get(PAGE)
    assert page.select_one("input[name=subject]")["value"] == "[#{number}] Work has started: {subject}"
    assert page.select_one("select[name=fact_1] option[selected]").text == "Assignee"
    assert "Work on your ticket #1042 “The printer does not print” has started." in shown(page)
    assert "[#1042] Work has started" in page.select_one(".text-preview").text
    assert page.select_one(".text-names").text.count("{") == len(scope.NAMES) - 1


def test_what_is_saved_is_used_from_the_next_event_on(
    browser: PageClient, alice: Account, bob: Account, drain: Callable[[], None]
) -> None:
    alice.language = "en"
    make_connection(is_complete=False)
    ticket = make_ticket(alice, title="No paper", assignee=bob.id)
    browser.post(
        PAGE,
        fields(
            browser, subject="Hooray, {number}!", lead="{actor} is at “{subject}”.",
            body="Dear {recipient},\n\nwait.",
            fact_1="priority", fact_2="", fact_3="", push_title="{subject}: started",
        ),
        status=303,
    )  # fmt: skip
    records.change_status(ticket, "in_progress", actor=bob)
    db.session.commit()
    drain()
    message = db.session.scalars(select(Message).where(Message.rule_code == CODE)).one()
    text = bodies.unpack(message.body.packed_parts).text
    assert message.title == f"Hooray, {ticket.id}!"
    assert "Bob Miller is at “No paper”." in text
    assert "Dear Alice Smirnova,\n\nwait." in text
    assert "Priority: 3. Medium" in text
    assert "Team:" not in text


def test_it_belongs_to_its_row_and_language_and_the_switchboard_marks_it(browser: PageClient) -> None:
    browser.post(PAGE, fields(browser, subject="Mine"), status=303)
    assert "Mine" in browser.get(ROW).select_one("[lang=en]").text
    assert "Mine" not in browser.page.select_one("[lang=ru].specimen").text
    board = browser.get("/settings/event-actions")
    marked = [row["id"] for row in board.select(".switch-row") if "Own text" in row.text]
    assert marked == ["row-ticket-in-progress-requester"]


def test_the_row_says_in_words_when_it_speaks(browser: PageClient) -> None:
    browser.get(ROW)
    assert "All of this is true the new status is In progress" in browser.text
    browser.get("/settings/event-actions/ticket.edited.assignee")
    assert "one of these fields changed: Subject, Description, Service" in browser.text


def test_rows_that_share_a_text_have_own_ones(browser: PageClient) -> None:
    one, other = catalogue.row("comment.public.requester"), catalogue.row("comment.public.assignee")
    assert one.text == other.text
    page = f"/settings/event-actions/{one.code}/texts/en"
    values = form_values(browser.get(page).select_one("#text-form"))
    browser.post(page, {**values, "subject": "Only this one"}, status=303)
    assert "Only this one" not in browser.get(f"/settings/event-actions/{other.code}").text


def test_saving_announces_and_the_journal_says_which_version(browser: PageClient) -> None:
    browser.post(PAGE, fields(browser, subject="Mine"), status=303)
    event = db.session.scalars(select(Event).order_by(Event.id.desc())).first()
    assert event.kind == "setting.changed"
    page = browser.get(f"/journals/events/{event.id}")
    assert "Work started (to the requester): Text (English)" in page.text
    assert "Version 1" in page.text


def test_saving_what_is_there_changes_nothing(browser: PageClient) -> None:
    before = db.session.scalar(select(func.count(Event.id)))
    browser.post(PAGE, fields(browser), status=303)
    assert versions() == []
    assert db.session.scalar(select(func.count(Event.id))) == before


def test_an_unknown_name_is_refused_and_mended_by_one_press(browser: PageClient) -> None:
    page = browser.post(PAGE, fields(browser, subject="Ticket {numbr}", lead="{{subject}} now"), status=422)
    assert page.select_one("#subject-error").text.strip() == "Nothing fills {numbr}."
    assert page.select_one("input[name=subject]")["value"] == "Ticket {numbr}"
    mend = page.select_one("form button[name=mend][value=subject]")
    assert mend.text == "Put {number} in place of {numbr}"
    page = browser.post(PAGE, {**form_values(page.select_one("#text-form")), "mend": "subject"}, status=200)
    assert page.select_one("input[name=subject]")["value"] == "Ticket {number}"
    page = browser.post(PAGE, {**form_values(page.select_one("#text-form")), "mend": "lead"}, status=200)
    assert page.select_one("textarea[name=lead]").text.strip() == "{subject} now"
    assert versions() == []
    browser.post(PAGE, form_values(page.select_one("#text-form")), status=303)
    assert versions()[0].subject == "Ticket {number}"


@pytest.mark.parametrize("name", ["subject", "lead", "action", "push_title"])
@pytest.mark.parametrize("empty", ["", "  \n", "\u202e\u200b"])
def test_what_a_message_cannot_do_without_is_required(browser: PageClient, name: str, empty: str) -> None:
    page = browser.post(PAGE, fields(browser, **{name: empty}), status=422)
    assert page.select_one(f"#{name}-error").text.strip() == "Write something: a message needs it."


def test_a_fact_stands_once(browser: PageClient) -> None:
    page = browser.post(PAGE, fields(browser, fact_1="team", fact_2="team"), status=422)
    assert "This fact stands there already." in page.select_one("#fact_2-error").text


def test_facts_keep_their_order_and_may_leave_gaps(browser: PageClient) -> None:
    browser.post(PAGE, fields(browser, fact_1="team", fact_2="", fact_3="actor"), status=303)
    assert versions()[0].facts == ["team", "actor"]
    page = browser.get(PAGE)
    assert [page.select_one(f"select[name=fact_{n}] option[selected]").text for n in (1, 2, 3)] == [
        "Team", "Changed by", "—",
    ]  # fmt: skip


HOSTILE = [
    "{{7*7}}",
    "{{ config.items() }}",
    "<script>alert(1)</script>",
    "\u202egnp.exe",
    "a\r\nBcc: mallory@example.com",
    "a\x00\x1b[31m",
    "%(number)s %s {",
    "=?utf-8?b?aGk=?=",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_are_words(browser: PageClient, text: str) -> None:
    browser.post(PAGE, fields(browser, subject=text, lead=text, body=text, push_title=text), status=303)
    page = browser.get(PAGE)
    html, subject = shown(page), page.select_one(".text-preview .specimen-subject .break").text
    assert "49" not in subject
    assert "<script>" not in html
    assert not any(mark in html + subject for mark in "\u202e\0\x1b\r")
    assert "\n" not in subject


@pytest.mark.parametrize("text", ["{__class__}", "{number.__class__}", "{0}", "${7*7}", "{{number}}"])
def test_braces_that_reach_for_more_are_refused(browser: PageClient, text: str) -> None:
    page = browser.post(PAGE, fields(browser, body=text), status=422)
    assert text.strip("$") in page.select_one("#body-error").text
    assert page.select_one("iframe.text-frame") is None
    assert versions() == []


def test_a_megabyte_is_refused_beside_its_field(browser: PageClient) -> None:
    page = browser.post(PAGE, fields(browser, body="x" * 900_000), status=422)
    assert page.select_one("#body-error") is not None
    assert "too long" in page.select_one(".text-preview").text


def test_the_preview_follows_what_is_typed_and_saves_nothing(browser: PageClient) -> None:
    values = fields(browser, lead="Almost {assignee}", push_body="soon")
    page = browser.post(f"{PAGE}/preview", values, status=200, headers=HTMX)
    assert page.select_one("h1") is None
    assert "Almost Bob Miller" in shown(page)
    assert "soon" in page.select_one(".text-note").text
    page = browser.post(f"{PAGE}/preview", {**values, "lead": "{asignee}"}, status=200, headers=HTMX)
    assert "Nothing fills {asignee}." in page.text
    assert page.select_one("button[name=mend][form=text-form]")["value"] == "lead"
    whole = browser.post(f"{PAGE}/preview", values, status=200)
    assert whole.select_one("textarea[name=lead]").text.strip() == "Almost {assignee}"
    assert versions() == []


def test_a_real_record_may_be_chosen(browser: PageClient, alice: Account, bob: Account) -> None:
    ticket = make_ticket(alice, title="No paper", assignee=bob.id)
    records.change_status(ticket, "in_progress", actor=bob)
    make_ticket(alice, title="Another thing")
    db.session.commit()
    page = browser.get(PAGE)
    offered = [option.text.split("·")[0].strip() for option in page.select("select[name=event] option")]
    assert offered == [f"#{ticket.id} No paper", "A made-up ticket"]
    assert "“No paper” has started" in shown(page)
    assert "Alice Smirnova" in page.select_one(".text-preview").text
    page = browser.post(f"{PAGE}/preview", fields(browser, event=""), status=200, headers=HTMX)
    assert "#1042" in shown(page)
    wrong = str(db.session.scalar(select(func.max(Event.id))))  # a registration: the row does not speak of it
    for event in (wrong, "0", "nonsense", "9" * 30):
        page = browser.post(f"{PAGE}/preview", fields(browser, event=event), status=200, headers=HTMX)
        assert "#1042" in shown(page)


def test_the_mails_styles_work_in_the_frame_and_no_others(browser: PageClient) -> None:
    browser.get(PAGE)
    policy = browser.response.headers["Content-Security-Policy"]
    assert "'unsafe-inline'" not in policy
    assert policy.count("'sha256-") >= 2
    browser.get(ROW)
    assert "sha256" not in browser.response.headers["Content-Security-Policy"]


def test_two_who_write_at_once_both_see_it(browser: PageClient, bob: Account, sign_in: SignIn) -> None:
    bob.role = "technologist"
    mine = fields(browser, subject="Mine", body="My words")
    other = sign_in(bob)
    other.post(PAGE, fields(other, subject="Theirs"), status=303)
    page = browser.post(PAGE, mine, status=409)
    assert "Somebody else saved another text meanwhile" in page.text
    assert page.select_one("input[name=subject]")["value"] == "Mine"
    assert page.select_one(".text-difference del").text.strip() == "Theirs"
    assert [version.subject for version in versions()] == ["Theirs"]
    browser.post(PAGE, form_values(page.select_one("#text-form")), status=303)
    assert [version.subject for version in versions()] == ["Theirs", "Mine"]


def test_a_name_that_vanished_lets_the_original_speak(
    browser: PageClient, alice: Account, bob: Account, drain: Callable[[], None]
) -> None:
    row = catalogue.row(CODE)
    make_connection(is_complete=False)
    for language in ("en", "ru"):
        columns = {**original(row, language).columns, "subject": "A {gone} thing"}
        db.session.add(EventActionText(code=CODE, language=language, version=1, **columns))
    ticket = make_ticket(alice, title="No paper", assignee=bob.id)
    records.change_status(ticket, "in_progress", actor=bob)
    db.session.commit()
    drain()
    message = db.session.scalars(select(Message).where(Message.rule_code == CODE)).one()
    assert "{" not in message.title
    assert "No paper" in message.title
    assert "names a value that there is not any more" in browser.get(ROW).text
    page = browser.get(PAGE)
    assert page.select_one("input[name=subject]")["value"] == "A {gone} thing"
    assert "Nothing fills {gone}." in page.text


def test_a_fact_that_lost_its_label_is_left_out(browser: PageClient) -> None:
    row = catalogue.row(CODE)
    columns = {**original(row, "en").columns, "facts": ["gone", "team"]}
    db.session.add(EventActionText(code=CODE, language="en", version=1, **columns))
    db.session.commit()
    assert "Team" in shown(browser.get(PAGE))


@pytest.mark.parametrize("address", [f"{ROW}/texts/de", f"{ROW}/texts/en/versions?of=7", f"{PAGE}?version=5"])
def test_what_is_not_there_is_not_found(browser: PageClient, address: str) -> None:
    browser.get(address, status=404)


@pytest.mark.parametrize("code", ["ticket.nothing", "account.password_link"])
def test_rows_that_are_not_on_the_page_have_no_text(browser: PageClient, code: str) -> None:
    browser.get(f"/settings/event-actions/{code}/texts/en", status=404)
