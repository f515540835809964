"""Every view for every role: the answer follows from the view's mark, and who is refused changes nothing."""

from __future__ import annotations

import pytest
from werkzeug.routing import Rule

from tests.attacks.tables import changed, fingerprints
from tests.attacks.world import NOBODY, ROLES, World
from webapp.people.accounts.rights import Rights

OPEN_TO = {
    Rights.PUBLIC: frozenset(ROLES),
    Rights.SIGNED_IN: frozenset(ROLES) - {NOBODY},
    Rights.STAFF: frozenset({"bob", "carol"}),
    Rights.TECHNOLOGIST: frozenset({"carol"}),
}
#: Views that are narrower than their mark: what they say to whom they do not want.
NARROWER = {
    ("home.settings", "alice"): 403,
    ("records.assign", "alice"): 403,
    ("approvals.vote", "alice"): 404, ("approvals.recall", "alice"): 404,
    ("approvals.vote", "bob"): 403,  # who asked
    ("accounts.go", "alice"): 404,  # to the accounts of others; that of oneself is the profile
    ("accounts.go", "bob"): 404,
    ("push.open_note", "bob"): 404, ("push.open_note", "carol"): 404,
    ("push.mark_read", "bob"): 404, ("push.mark_read", "carol"): 404,
    ("accounts.end_session", "bob"): 404, ("accounts.end_session", "carol"): 404,
}  # fmt: skip
#: What an empty form of a role may be told: done, led on, not found right, or that it comes too late.
FINE = {200, 204, 303, 400, 409, 410, 422}


#: What everybody on the network reaches; each more is a decision.
PUBLIC = {
    "accounts.sign_in", "accounts.request_password", "accounts.use_password_link",
    "accounts.first_technologist", "accounts.set_language", "accounts.set_theme", "ratings.rate",
}  # fmt: skip
#: Where nobody but technologists has anything to do.
INNER = (
    "/accounts", "/teams", "/settings/company", "/settings/event-actions", "/settings/silent-mode",
    "/journals",
)  # fmt: skip


def test_marks_are_no_wider_than_decided(world: World) -> None:
    marks = [(rule, world.app.view_functions[rule.endpoint].rights) for rule in world.rules("OPTIONS")]
    assert {rule.endpoint for rule, mark in marks if mark is Rights.PUBLIC} == PUBLIC
    assert {mark for rule, mark in marks if rule.rule.startswith(INNER)} == {Rights.TECHNOLOGIST}


def is_open(world: World, rule: Rule, role: str) -> bool:
    """Whether the mark of the rule's view lets the role in."""
    return role in OPEN_TO[world.app.view_functions[rule.endpoint].rights]


@pytest.mark.parametrize("role", ROLES)
def test_every_page_opens_for_whom_its_mark_names_and_for_nobody_else(world: World, role: str) -> None:
    browser, before, wrong = world.browser(role), fingerprints(), []
    for rule in world.rules("GET"):
        with browser.client.get(world.address(rule), buffered=rule.endpoint != "push.stream") as answer:
            if answer.status_code not in expected_page(world, rule, role):
                wrong.append((rule.endpoint, answer.status_code))
    assert not wrong
    assert not changed(before), "a GET has changed something"


def expected_page(world: World, rule: Rule, role: str) -> set[int]:
    """The statuses that fit the page's mark."""
    if is_open(world, rule, role):
        narrow = NARROWER.get((rule.endpoint, role))
        return {narrow} if narrow else {200, 303}
    return {401, 303} if role == NOBODY else {403}


@pytest.mark.parametrize("role", ROLES)
def test_who_is_refused_changes_nothing(world: World, role: str) -> None:
    browser, token = world.browser(role), world.token(role)
    before, wrong = fingerprints(), []
    for rule in world.rules("POST"):
        if not is_open(world, rule, role):
            answer = browser.client.post(world.address(rule), data={"csrf_token": token})
            is_sent_away = role == NOBODY and "/sign-in" in answer.headers.get("Location", "")
            if not is_sent_away and answer.status_code != 403:
                wrong.append((rule.endpoint, answer.status_code))
    assert not wrong
    assert not changed(before)


@pytest.mark.parametrize("role", ROLES)
def test_who_is_let_in_is_answered_by_the_view(world: World, role: str) -> None:
    browser, data, wrong = world.browser(role), {"csrf_token": world.token(role)}, []
    for rule in world.rules("POST"):
        if is_open(world, rule, role):
            world.sign_in(role)  # some of these forms end the very session that sent them
            answer = browser.client.post(world.address(rule), data=data)
            narrow = NARROWER.get((rule.endpoint, role))
            if answer.status_code not in ({narrow} if narrow else FINE):
                wrong.append((rule.endpoint, answer.status_code))
    assert not wrong


#: To Mallory these hold nothing, although she may open the view itself.
FOREIGN = {"record_id", "approval_id", "note_id", "session_id"}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_belongs_to_alice_is_not_there_for_mallory(world: World, method: str) -> None:
    browser, token = world.browser("mallory"), world.token("mallory")
    before, wrong = fingerprints(), []
    for rule in world.rules(method):
        if is_open(world, rule, "alice") and FOREIGN & rule.arguments:
            data = {"csrf_token": token} if method == "POST" else None
            answer = browser.client.open(world.address(rule), method=method, data=data)
            missing = dict.fromkeys(FOREIGN & rule.arguments, 10**9)
            nothing = browser.client.open(world.address(rule, **missing), method=method, data=data)
            if (answer.status_code, nothing.status_code) != (404, 404):
                wrong.append((rule.rule, answer.status_code, nothing.status_code))
    assert not wrong
    assert not changed(before)


HEADERS = ("X-Remote-User", "X-Forwarded-User", "Remote-User", "Authorization", "From")
SPELLINGS = ("//accounts", "/ACCOUNTS", "/./accounts", "/accounts/", "/accounts/x.css", "/accounts;x")


def test_nobody_becomes_somebody_by_a_header_a_spelling_or_a_method(world: World) -> None:
    for header in HEADERS:
        answer = world.browser(NOBODY).client.get("/accounts", headers={header: "carol@example.com"})
        assert "/sign-in" in answer.headers["Location"], header
    browser = world.browser("mallory")
    for path in SPELLINGS:
        answer = browser.client.get("/", environ_overrides={"PATH_INFO": path}, follow_redirects=True)
        assert answer.status_code in {403, 404}, path
    browser, before = world.browser("carol"), fingerprints()
    address = f"/accounts/{world.parts['account_id']}/deactivate?_method=POST"
    assert browser.client.get(address, headers={"X-HTTP-Method-Override": "POST"}).status_code == 405
    assert not changed(before)
