"""Whom a comment mentions, by address or by a name of one person only; what stays plain text, its price."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable

import pytest
from sqlalchemy import event as database_event
from sqlalchemy import select

from tests.desk.making import make_record, make_ticket
from tests.support.pages import PageClient
from tests.support.people import make_account
from webapp.core.db import db
from webapp.desk.records import services
from webapp.desk.records.access import seen_by, visible_to
from webapp.desk.records.mentions import MOST_MENTIONS, offer, read_mentions
from webapp.desk.records.models import Comment, Record
from webapp.events.models import Event
from webapp.people.accounts.models import Account, Role, Team

SignIn = Callable[[Account], PageClient]
HTMX = {"HX-Request": "true"}
#: As much as a comment may hold.
LONGEST_COMMENT = 20_000


@pytest.fixture
def ticket(alice: Account, bob: Account, carol: Account, mallory: Account) -> Record:
    return make_ticket(alice, assignee=bob.id)


def found(body: str, record: Record, *, is_internal: bool = False) -> list[tuple[str, int]]:
    read = read_mentions(body, record, record.assignee, is_internal=is_internal)
    return [(body[one.start : one.end], one.account_id) for one in read.mentions]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("@bob@example.com", "@bob@example.com"),
        ("@BOB@Example.COM, look", "@BOB@Example.COM"),
        ("Look (@bob@example.com).", "@bob@example.com"),
        ("@Bob Miller", "@Bob Miller"),
        ("Ask @bob miller please", "@bob miller"),
        ("It is @Bob Miller's printer", "@Bob Miller"),
        ("— «@Bob Miller», the desk", "@Bob Miller"),
        ("first\n@Bob Miller\nlast", "@Bob Miller"),
        ("@Bob  Miller!", "@Bob  Miller"),
    ],
)
def test_an_address_or_a_whole_name_mentions(ticket: Record, bob: Account, body: str, words: str) -> None:
    assert found(body, ticket) == [(words, bob.id)]


@pytest.mark.parametrize(
    "body",
    [
        "bob@example.com",
        "Write to bob@example.com",
        "https://example.org/@bob@example.com",
        "@ bob@example.com",
        "@@bob@example.com",
        "@Bob",
        "@Bob\nMiller",
        "@Miller Bob",
        "@bob@example.comx",
        "@everyone @all @here @staff",
        "@\0Bob Miller",
        "@\ud800",
        "@%",
        "@Bob_Miller",
    ],
)
def test_what_names_nobody_stays_plain_text(ticket: Record, body: str) -> None:
    assert found(body, ticket) == []


def test_a_name_that_two_people_have_needs_the_address(ticket: Record, bob: Account) -> None:
    other = make_account("Bobby", role=Role.SUPPORT)
    other.name = "Bob Miller"
    db.session.commit()
    read = read_mentions("@Bob Miller and @bobby@example.com", ticket, ticket.assignee, is_internal=False)
    assert [one.account_id for one in read.mentions] == [other.id]
    assert read.unclear == ("@Bob",)


def test_of_two_people_of_one_name_the_one_who_sees_the_record_is_meant(ticket: Record, bob: Account) -> None:
    other = make_account("Bobby")
    other.name = "Bob Miller"
    db.session.commit()
    assert found("@Bob Miller", ticket) == [("@Bob Miller", bob.id)]


def test_the_longest_name_is_meant(ticket: Record, bob: Account) -> None:
    short = make_account("Anna", role=Role.SUPPORT)
    long = make_account("Anna-Maria", role=Role.SUPPORT)
    long.name = "Anna Maria de la Cruz"
    db.session.commit()
    assert found("@Anna Maria de la Cruz and @Anna, please", ticket) == [
        ("@Anna Maria de la Cruz", long.id),
        ("@Anna", short.id),
    ]


def test_letters_are_compared_as_people_read_them(ticket: Record) -> None:
    account = make_account("Fedor", role=Role.SUPPORT)
    account.name = "Пётр Ёлкин"
    db.session.commit()
    assert found("Спросите: @петр елкин.", ticket) == [("@петр елкин", account.id)]


def test_who_cannot_see_the_record_or_left_is_not_mentioned(
    ticket: Record, alice: Account, bob: Account, mallory: Account
) -> None:
    read = read_mentions("@Mallory Black @mallory@example.com", ticket, ticket.assignee, is_internal=False)
    assert (read.mentions, read.unclear) == ((), ())
    assert [(one.typed, one.account) for one in read.blind] == [("@Mallory", mallory)]
    bob.is_active = False
    db.session.commit()
    assert read_mentions("@Bob Miller", ticket, ticket.assignee, is_internal=False).unclear == ("@Bob",)


def test_an_internal_comment_mentions_staff_only(ticket: Record, alice: Account, bob: Account) -> None:
    body = "@Alice Smirnova @Bob Miller"
    assert found(body, ticket, is_internal=True) == [("@Bob Miller", bob.id)]
    assert [each[1] for each in found(body, ticket)] == [alice.id, bob.id]


@pytest.mark.parametrize("template", ["ticket", "task", "customer", "service", "asset"])
def test_who_sees_a_record_is_the_same_from_both_sides(
    ticket: Record,
    alice: Account,
    bob: Account,
    carol: Account,
    mallory: Account,
    first_line: Team,
    template: str,
) -> None:
    erin = make_account("Erin")
    first_line.members.append(mallory)
    record = make_record(template, carol, title="A thing")
    if template in {"ticket", "task"}:
        services.assign(record, assignee=bob, team=first_line, actor=carol)
    services.subscribe(record, alice, actor=alice)
    db.session.commit()
    seeing = set(db.session.scalars(select(Account.id).where(seen_by(record))))
    for account in (alice, bob, carol, mallory, erin):
        may_see = db.session.scalar(select(Record.id).where(Record.id == record.id, visible_to(account)))
        assert (account.id in seeing) is (may_see is not None), account.name


HOSTILE = {
    "signs": "@" * 10_000,
    "signs with spaces": "@ " * 10_000,
    "signs with a letter": "@a " * 6_000,
    "names": "@Bob Miller " * 1_600,
    "addresses": "@bob@example.com " * 1_100,
    "dots behind": "@" + "." * 19_000,
    "brackets": "(@" * 10_000,
    "one long word": "@" + "a" * 19_000,
    "words": "@" + "a " * 9_000,
    "spaces": "@a" + " " * 19_000 + "b",
    "lines": "@a\n" * 6_000,
    "signs of an address": "@a" + "@a" * 9_000,
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_comment_is_read_at_once_with_few_questions(ticket: Record, body: str) -> None:
    questions: list[str] = []

    def count(_connection, _cursor, statement, *_more) -> None:
        questions.append(statement)

    db.session.commit()
    database_event.listen(db.engine, "before_cursor_execute", count)
    try:
        started_at = time.perf_counter()
        read = read_mentions(body[:LONGEST_COMMENT], ticket, ticket.assignee, is_internal=False)
        took_s = time.perf_counter() - started_at
    finally:
        database_event.remove(db.engine, "before_cursor_execute", count)
    assert took_s < 1
    assert len(questions) <= 12
    assert len(read.mentions) <= MOST_MENTIONS
    assert len(read.account_ids) <= 1


def test_everybody_beyond_the_bound_stays_plain_text(ticket: Record) -> None:
    people = [make_account(f"Person{number} Long", role=Role.SUPPORT) for number in range(MOST_MENTIONS + 3)]
    body = " ".join(f"@{each.name}" for each in people)
    assert len(found(body, ticket)) == MOST_MENTIONS


def test_a_comment_keeps_its_mentions_and_marks_them(
    ticket: Record, alice: Account, bob: Account, sign_in: SignIn
) -> None:
    body = "Ask @Bob Miller <b>now</b>, @Alice Smirnova & https://example.org/@x"
    sign_in(alice).post(f"/records/{ticket.id}/comments", {"body": body, "audience": "public"})
    comment = db.session.scalars(select(Comment)).one()
    assert comment.mentions == [[4, 15, bob.id], [28, 43, alice.id]]
    event = db.session.scalars(select(Event).where(Event.kind == "record.commented")).one()
    assert event.data["comment"]["mentioned"] == [bob.id, alice.id]
    for reader, mine in ((bob, ["@Bob Miller"]), (alice, ["@Alice Smirnova"])):
        text = sign_in(reader).get(f"/records/{ticket.id}").select_one(".comment .long-text")
        assert " ".join(text.get_text().split()) == body
        assert [each.text for each in text.select(".mention")] == ["@Bob Miller", "@Alice Smirnova"]
        assert [each.text for each in text.select(".mention-me")] == mine
        assert [each["href"] for each in text.select("a")] == ["https://example.org/@x"]
        assert not text.select("b")


def test_a_comment_of_a_move_mentions_too(ticket: Record, bob: Account, carol: Account) -> None:
    services.change_status(ticket, "resolved", actor=bob, comment="Thanks to @Carol Volkova")
    db.session.commit()
    event = db.session.scalars(select(Event).order_by(Event.id.desc())).first()
    assert event is not None
    assert event.data["comment"]["mentioned"] == [carol.id]


def test_people_are_offered_while_a_name_is_typed(
    ticket: Record, alice: Account, bob: Account, carol: Account, sign_in: SignIn
) -> None:
    address = f"/records/{ticket.id}/mentions"

    def offered(account: Account, typed: str, audience: str = "public") -> list[str]:
        page = sign_in(account).get(f"{address}?typed={typed}&audience={audience}", check=False)
        return [each["data-mention"] for each in page.select("[role=option]")]

    assert offered(carol, "mil") == ["@Bob Miller"]
    assert offered(bob, "mil") == []  # nobody mentions themselves
    assert offered(bob, "alice@") == ["@Alice Smirnova"]
    assert offered(bob, "ali", "internal") == []
    assert offered(bob, "mall") == []
    assert offered(bob, "%25") == []
    assert offered(carol, "%00%00mil") == ["@Bob Miller"]
    assert len(offered(bob, "")) == 2
    assert offered(alice, "") == ["@Bob Miller"]  # not Carol, who has no part
    assert offered(alice, "bob@example") == []


def test_whoever_is_offered_is_meant_by_the_offered_words(
    ticket: Record, bob: Account, carol: Account
) -> None:
    names = (
        "Bob Miller",
        "O'Brien Pat",
        "Иванов-Петров И. И.",
        "Dr. Who (IT)",
        "a b c d e f g",
        "x@y z",
        "Ёж",
        "@me",
    )
    for number, name in enumerate(names):
        account = make_account(f"Somebody{number}", role=Role.SUPPORT)
        account.name = name
    db.session.commit()
    offered = [
        pair
        for typed in ("Bob", "Brien", "Иванов", "Who", "a b", "x@y", "еж", "@me")
        for pair in offer(ticket, carol, typed, is_internal=False)
    ]
    assert len({account.id for account, _words in offered}) >= len(names)
    for account, words in offered:
        assert found(f"({words}, please)", ticket) == [(words, account.id)], words


def test_the_box_foretells_who_will_be_told_and_who_cannot_see_it(
    ticket: Record, alice: Account, bob: Account, mallory: Account, sign_in: SignIn
) -> None:
    browser = sign_in(bob)
    address = f"/records/{ticket.id}/comments/preview"
    typed = {"body": "@Carol Volkova @Mallory Black @nobody", "audience": "public"}
    page = browser.post(address, typed, status=200, headers=HTMX)
    public, internal = [" ".join(each.text.split()) for each in page.select(".comment-audience")]
    assert public == "Will be told: Carol Volkova, Alice Smirnova."
    assert internal == "Will be told: Carol Volkova."
    blind, unclear = [" ".join(each.text.split()) for each in page.select(".mention-note")]
    assert blind.startswith("Mallory Black cannot see this record and will not be told.")
    assert unclear.startswith("“@nobody” mentions nobody")
    button = page.select_one(".mention-note button")
    assert button["hx-post"] == f"/records/{ticket.id}/subscribers"
    assert json.loads(button["hx-vals"]) == {"account_id": mallory.id}
    page = browser.post(address, {**typed, "audience": "internal"}, status=200, headers=HTMX)
    assert "not of the staff" in page.select_one(".mention-note").text
    assert not page.select(".mention-note button")
    assert db.session.scalars(select(Comment)).all() == []


def test_somebody_can_be_subscribed_from_the_hint(
    ticket: Record, bob: Account, mallory: Account, sign_in: SignIn
) -> None:
    typed = {"body": "@Mallory Black", "audience": "public", "account_id": str(mallory.id)}
    page = sign_in(bob).post(f"/records/{ticket.id}/subscribers", typed, status=200, headers=HTMX)
    assert "Mallory Black" in page.select_one("#observers").text
    assert not page.select(".mention-note")
    assert "Mallory Black" in page.select_one("#audience-public").text
    sign_in(mallory).get(f"/records/{ticket.id}")


@pytest.mark.parametrize("number", ["", "x", "0", "-1", "99999", "9" * 40, "\0", "٣"])
def test_nobody_who_is_not_there_is_subscribed(
    ticket: Record, bob: Account, sign_in: SignIn, number: str
) -> None:
    sign_in(bob).post(f"/records/{ticket.id}/subscribers", {"account_id": number}, status=400)


def test_who_is_not_staff_learns_of_no_account(
    ticket: Record, alice: Account, mallory: Account, sign_in: SignIn
) -> None:
    browser = sign_in(alice)
    typed = {"body": "@mallory@example.com @nobody@example.com", "audience": "internal"}
    page = browser.post(f"/records/{ticket.id}/comments/preview", typed, status=200, headers=HTMX)
    notes = [" ".join(each.text.split()) for each in page.select(".mention-note")]
    assert [re.split("[”»]", note)[1] for note in notes] == [re.split("[”»]", notes[0])[1]] * 2
    assert "Mallory" not in page.text
    assert not page.select(".mention-note button")
    assert not page.select("#audience-internal")


def test_without_javascript_the_page_says_who_was_not_told(
    ticket: Record, bob: Account, mallory: Account, sign_in: SignIn
) -> None:
    browser = sign_in(bob)
    browser.post(f"/records/{ticket.id}/comments", {"body": "@Mallory Black, look", "audience": "public"})
    toasts = " ".join(browser.follow().select_one("#toasts").text.split())
    assert "Not told, because they cannot see it: Mallory Black." in toasts


def test_nobody_mentions_on_a_record_that_is_not_theirs(
    ticket: Record, alice: Account, bob: Account, mallory: Account, sign_in: SignIn
) -> None:
    browser = sign_in(mallory)
    browser.get(f"/records/{ticket.id}/mentions?typed=b", status=404)
    browser.post(f"/records/{ticket.id}/comments/preview", {"body": "@b"}, status=404)
    browser.post(f"/records/{ticket.id}/subscribers", {"account_id": str(mallory.id)}, status=403)
    asker = sign_in(alice)
    asker.get(f"/records/{ticket.id}/mentions?typed=b&audience=internal", status=403)
    asker.post(f"/records/{ticket.id}/subscribers", {"account_id": str(mallory.id)}, status=403)
