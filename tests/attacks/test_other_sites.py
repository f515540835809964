"""What another site makes a browser do: every view that changes something, every way to send it."""

from __future__ import annotations

from tests.attacks.tables import changed, fingerprints
from tests.attacks.world import World

#: Each way, what it carries, and what it is told. ``own`` and ``foreign`` stand for tokens.
WAYS = {
    "no token": ("", {}, 400),
    "a token of nobody": ("invented", {}, 400),
    "the token of another browser": ("foreign", {}, 400),
    "no token, as htmx sends": ("", {"HX-Request": "true"}, 400),
    "a foreign token in the header": ("", {"X-CSRFToken": "foreign"}, 400),
    "a foreign origin": ("own", {"Origin": "https://evil.test"}, 403),
    "an origin that begins as ours": ("own", {"Origin": "http://localhost.evil.test"}, 403),
    "a foreign origin, as htmx sends": ("own", {"Origin": "https://evil.test", "HX-Request": "true"}, 403),
    "a page elsewhere": ("own", {"Sec-Fetch-Site": "cross-site", "Origin": "null"}, 403),
    "a neighbour": ("own", {"Sec-Fetch-Site": "same-site"}, 403),
}
FRAMES = ("frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'", "default-src 'none'")


def test_no_other_site_changes_anything(world: World) -> None:
    tokens = {"own": world.token("carol"), "foreign": world.token("mallory")}
    browser, before, wrong = world.browser("carol"), fingerprints(), []
    for way, (kind, given, status) in WAYS.items():
        headers = {name: tokens.get(value, value) for name, value in given.items()}
        data = {"csrf_token": tokens.get(kind, kind), "password": "eight loud ravens", "theme": "dark"}
        for rule in world.rules("POST"):
            answer = browser.client.post(world.address(rule), data=data, headers=headers)
            if answer.status_code != status:
                wrong.append((way, rule.rule, answer.status_code))
    assert not wrong
    assert not changed(before)


def test_what_changes_something_cannot_be_a_picture_in_a_foreign_page(world: World) -> None:
    browser, readable = world.browser("carol"), {rule.rule for rule in world.rules("GET")}
    for rule in world.rules("POST"):
        if rule.rule not in readable:
            assert browser.client.get(world.address(rule)).status_code in {404, 405}, rule.rule


def test_no_other_site_reads_or_frames_a_page(world: World) -> None:
    browser, evil = world.browser("carol"), {"Origin": "https://evil.test"}
    for rule in world.rules("GET"):
        for method in ("GET", "OPTIONS"):
            with browser.client.open(world.address(rule), method=method, headers=evil) as answer:
                assert not [name for name, _value in answer.headers if name.startswith("Access-Control")]
                policy = answer.headers["Content-Security-Policy"]
                assert all(words in policy for words in FRAMES) or rule.endpoint in OWN_POLICY, rule.rule


#: Answered in a frame of our own page, or as a file, by a policy that is stricter still.
OWN_POLICY = {"messages.html", "records.download"}


def test_no_answer_repeats_where_htmx_says_it_is(world: World) -> None:
    strange = {"HX-Current-URL": "javascript:alert(1)", "HX-Request": "true", "HX-Target": "evil.test"}
    browser = world.browser("carol")
    for rule in world.rules("GET"):
        if rule.endpoint != "push.stream":
            answer = browser.client.get(
                world.address(rule), headers={**strange, "Referer": "https://evil.test"}
            )
            assert "evil.test" not in answer.text + str(answer.headers), rule.rule
            assert "javascript:alert" not in answer.text + str(answer.headers), rule.rule
