"""What the pages of connections say: a connection's state in one sentence, the steps of its check."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from flask_babel import LazyString, format_date, format_datetime, format_number, format_timedelta
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.core.clock import now
from webapp.mail.charsets import CHARSETS
from webapp.mail.transports.base import Step
from webapp.messaging.mail_connections import problems
from webapp.messaging.mail_connections.condition import WaitReason, waiting_reason
from webapp.messaging.mail_connections.models import ConnectionState, Encryption, MailConnection, SendingMode
from webapp.messaging.mail_connections.sending_rules import SendingRules, differences, rules_of

PATIENCE_WITH_CHECK: Final = timedelta(seconds=90)
_SLOW_START: Final = timedelta(seconds=6)

ENCRYPTION_WORDS: Final[dict[str, LazyString]] = {
    Encryption.TLS.value: _l("SSL"),
    Encryption.STARTTLS.value: _l("TLS"),
    Encryption.NONE.value: _l("No encryption"),
}
MODE_WORDS: Final[dict[str, LazyString]] = {
    SendingMode.CAREFUL.value: _l("Careful"),
    SendingMode.BULK.value: _l("Bulk"),
}
_STEP_WORDS: Final[dict[str, LazyString]] = {
    "start": _l("Start the check"),
    Step.RESOLVE.value: _l("Find the server by its name"),
    Step.CONNECT.value: _l("Connect"),
    Step.TLS.value: _l("Encrypt the connection"),
    Step.SIGN_IN.value: _l("Sign in"),
    Step.SENDER.value: _l("Have the sender accepted"),
    Step.DOT.value: _l("Send a test message"),
}
#: What a step tells, in the order in which it is read.
_FACTS: Final = ("version", "subject", "expires")


#: What each of the sending rules is called, in the order of the documents.
RULE_NAMES: Final[dict[str, LazyString]] = {
    "charset": _l("Text charset"),
    "has_latin_headers": _l("Transliteration of e-mail headers"),
    "most_attempts": _l("Most failed attempts to send an e-mail"),
    "retry_pause_s": _l("Pause between attempts, s"),
    "most_in_batch": _l("Most e-mails in one batch"),
    "batch_interval_s": _l("Least interval between batches, s"),
    "sends_in_parts": _l("Send in parts"),
}
#: What no number means.
_WITHOUT_NUMBER: Final[dict[str, LazyString]] = {
    "most_attempts": _l("any number, for 72 hours"),
    "retry_pause_s": _l("growing: 1, 5, 15, 30 minutes, then hourly"),
    "most_in_batch": _l("no limit"),
    "batch_interval_s": _l("none"),
}


@dataclass(frozen=True)
class ConnectionWords:
    """A connection's state: a short word, its tone and icon, one sentence, and what to do."""

    tone: str
    icon: str
    word: str
    sentence: str
    remedy: str = ""
    quote: str = ""


def state_of(connection: MailConnection) -> ConnectionWords:
    """Return the connection's state in words of the reader's language."""
    reason = waiting_reason(connection)
    if reason is WaitReason.UNRELEASED:
        return ConnectionWords(
            "warning", "pause", _("Waits for release"),
            _("Does not send: all mail waits until a technologist releases it."),
            _("Follow the notice at the top of the page and decide."),
        )  # fmt: skip
    if reason is WaitReason.SWITCHED_OFF:
        return ConnectionWords(
            "neutral", "pause", _("Switched off"), _("Switched off: messages wait until it is switched on.")
        )
    if reason is WaitReason.PARAMETERS_INCOMPLETE:
        return ConnectionWords(
            "warning", "alert", _("Incomplete"),
            _("Does not send: the sending parameters are incomplete."),
            _("Fill in the block Sending; what waits goes by itself."),
        )  # fmt: skip
    if connection.state.paused_since is not None:
        return _in_trouble(connection.state)
    return _in_order(connection.state)


def sending_rows(connection: MailConnection) -> list[tuple[str, str]]:
    """Return the sending rules with their names, in words."""
    rules = asdict(rules_of(connection))
    return [(str(name), _rule_words(key, rules[key])) for key, name in RULE_NAMES.items()]


def changes_by(connection: MailConnection, wanted: SendingRules) -> list[tuple[str, str, str]]:
    """Return what the wanted rules would change: the parameter, its present value, its new one."""
    found = differences(connection, wanted)
    return [
        (str(RULE_NAMES[key]), _rule_words(key, before), _rule_words(key, after))
        for key, before, after in found
    ]


def _rule_words(key: str, value: Any) -> str:  # noqa: ANN401 - of any of the rules
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if value is None:
        return str(_WITHOUT_NUMBER[key])
    return str(CHARSETS.get(value, value)) if key == "charset" else str(format_number(value))


def check_items(state: ConnectionState) -> list[dict[str, Any]]:
    """Return the lines of the check for the step list; the last may still be at work."""
    items = [_check_item(step) for step in state.check_steps]
    if is_check_running(state):
        items.append(_awaited(state))
    elif state.check_ended_at is None:
        words = problems.words_of(problems.UNFINISHED)
        items.append({"state": "failed", "title": str(words.what), "text": str(words.remedy)})
    return items


def is_check_running(state: ConnectionState) -> bool:
    """Whether the check may still bring news; one whose worker is gone is not waited for."""
    if state.check_started_at is None or state.check_ended_at is not None:
        return False
    return now() - state.check_started_at < PATIENCE_WITH_CHECK


def _in_trouble(state: ConnectionState) -> ConnectionWords:
    words = problems.words_of(state.pause_problem)
    since = format_datetime(state.paused_since, "d MMM, HH:mm")
    sentence = _("Does not send since %(since)s: %(what)s", since=since, what=str(words.what))
    if state.paused_until is not None and state.paused_until > now():
        wait = format_timedelta(state.paused_until - now(), threshold=0.95)
        sentence += " " + _("Next try in %(wait)s.", wait=wait)
    return ConnectionWords(
        "danger", "alert", _("Does not send"), sentence, str(words.remedy), state.pause_reply or ""
    )


def _in_order(state: ConnectionState) -> ConnectionWords:
    if state.last_ok_at is None:
        return ConnectionWords(
            "info", "info", _("Not tried yet"), _("Ready, but nothing was sent yet. Check it to be sure.")
        )
    ago = format_timedelta(state.last_ok_at - now(), add_direction=True, threshold=0.95)
    return ConnectionWords("success", "check", _("Works"), _("Works; last success %(ago)s.", ago=ago))


def _check_item(step: dict[str, Any]) -> dict[str, Any]:
    title = str(_STEP_WORDS.get(step["step"], step["step"]))
    item = {"title": title, "note": _duration(step["ms"]), "quote": step["reply"]}
    if step["is_ok"]:
        return item | {"state": "done", "text": _details(step.get("details", {}))}
    words = problems.words_of(step["problem"])
    is_serious = step["problem"] != problems.NO_SENDER
    return item | {"state": "failed" if is_serious else "warning", "text": f"{words.what} {words.remedy}"}


def _awaited(state: ConnectionState) -> dict[str, Any]:
    if state.check_steps:
        return {"state": "current", "title": _("Next step")}
    is_slow = state.check_started_at is not None and now() - state.check_started_at > _SLOW_START
    text = _("The background process that sends e-mail has not answered yet; it may be busy or stopped.")
    return {"state": "current", "title": str(_STEP_WORDS["start"]), "text": text if is_slow else ""}


def _duration(ms: int) -> str:
    words = _("%(number)s ms", number=ms) if ms < 1000 else _("%(number)s s", number=round(ms / 1000, 1))
    return str(words)


def _details(details: dict[str, str]) -> str:
    # A database may give the facts back in an order of its own.
    return " · ".join(_detail(key, details[key]) for key in _FACTS if details.get(key))


def _detail(key: str, value: str) -> str:
    if key != "expires":
        return value
    day = format_date(datetime.fromisoformat(value).date(), "d MMMM y")
    return str(_("certificate valid until %(day)s", day=day))
