"""Every state of a delivery in words: what is, why, what happens next and when, what a person can do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, NamedTuple

from flask_babel import LazyString, format_datetime, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.core.clock import now
from webapp.mail.transports.base import Problem
from webapp.messaging.mail_connections import pace, problems
from webapp.messaging.mail_connections.condition import WaitReason, waiting_reason
from webapp.messaging.mail_connections.models import MailConnection
from webapp.messaging.messages import services
from webapp.messaging.messages.models import Delivery, DeliveryState
from webapp.messaging.messages.outcomes import Cause


class _Look(NamedTuple):
    """A stored state's word with its colour and drawing, and what a person can do."""

    tone: str
    icon: str
    word: LazyString
    remedy: LazyString | None = None


@dataclass(frozen=True)
class StateWords:
    """A delivery's state as a person reads it; any sentence may be empty, ``quote`` is the server's."""

    tone: str
    icon: str
    word: str
    cause: str = ""
    next_step: str = ""
    remedy: str = ""
    quote: str = ""
    next_at: datetime | None = None


_LOOKS: Final[dict[str, _Look]] = {
    DeliveryState.WAITING: _Look("info", "clock", _l("Waiting")),
    DeliveryState.SENDING: _Look("info", "send", _l("Being sent")),
    DeliveryState.SENT: _Look("success", "check", _l("Sent")),
    DeliveryState.BOUNCED: _Look(
        "danger", "undo", _l("Bounced later"), _l("Check the address, then send it again.")
    ),
    DeliveryState.REFUSED: _Look(
        "danger", "x", _l("Refused"), _l("Mend what the server complains about, then send it again.")
    ),
    DeliveryState.HELD: _Look(
        "warning", "alert", _l("Held: needs a person"), _l("Mend the cause and send it again, or cancel it.")
    ),
    DeliveryState.UNCERTAIN: _Look(
        "warning", "help", _l("Uncertain"),
        _l("Ask the person whether it arrived. If not, send it again; if it did, cancel it."),
    ),
    DeliveryState.CANCELLED: _Look("neutral", "stop", _l("Cancelled"), _l("It can be sent again.")),
    DeliveryState.EXPIRED: _Look(
        "danger", "clock", _l("Expired"), _l("When the cause is mended, send it again if it still matters.")
    ),
    DeliveryState.SUPPRESSED: _Look(
        "neutral", "mail-off", _l("Suppressed"), _l("If it still matters, send it again.")
    ),
}  # fmt: skip

_OWN_CAUSES: Final[dict[str, LazyString]] = {
    Cause.WORKER_DIED: _l("The process that was sending it stopped unexpectedly."),
    Cause.INTERNAL_ERROR: _l(
        "Something in this program broke while it was being sent; the log has the details."
    ),
    Cause.BYTES_CHANGED: _l("The message would look different now, so it is not repeated."),
    Cause.TIME_RAN_OUT: _l("Its time ran out before it could be repeated."),
    Cause.ATTEMPTS_USED_UP: _l("As many attempts as the sending parameters allow have failed."),
    Cause.GUARD_HELD: _l("Its headers would not say what was meant, so it was not sent."),
    Cause.RENDER_FAILED: _l("It could not be put together."),
    Cause.BODY_MISSING: _l("Its text is no longer kept."),
    Cause.SILENT_MODE: _l("Silent mode was on, so it was kept back."),
    Cause.TOO_MANY: _l("Too many messages to this address in a few minutes: they may answer each other."),
    Cause.SECRET_LOST: _l("Its text cannot be read: the installation's secret key has changed."),
    WaitReason.UNRELEASED: _l("All mail waits until a technologist releases it."),
    WaitReason.SWITCHED_OFF: _l("The mail connection is switched off."),
    WaitReason.PARAMETERS_INCOMPLETE: _l("The sending parameters are incomplete."),
    WaitReason.DELETED: _l("The mail connection was deleted."),
    WaitReason.PAUSED: _l("The mail server could not be used."),
    WaitReason.RATE_LIMIT: _l("The limit of messages a minute is reached."),
    WaitReason.DAY_LIMIT: _l("The limit of messages a day is reached."),
    WaitReason.NEXT_BATCH: _l("Messages leave in batches, and the next one begins in a moment."),
}


def describe(delivery: Delivery, connection: MailConnection | None) -> StateWords:
    """Return the state in the reader's language; reasons to wait are derived from the connection.

    Whatever the state, a copy that may have arrived is never kept quiet about.
    """
    is_waiting = delivery.state == DeliveryState.WAITING
    words = _waiting(delivery, connection) if is_waiting else _not_waiting(delivery)
    return replace(words, cause=f"{words.cause} {copy_words(delivery)}".strip())


def copy_words(delivery: Delivery) -> str:
    """Return what is known of a copy whose answer was lost; nothing when there can be none."""
    if not delivery.ambiguous or delivery.state == DeliveryState.SENT:
        return ""
    if delivery.state in {DeliveryState.WAITING, DeliveryState.SENDING}:
        return str(_("An earlier copy may have arrived; the repeat is the very same message."))
    words = ngettext(
        "The answer to %(num)s attempt was lost, so a copy may have arrived.",
        "The answers to %(num)s attempts were lost, so a copy may have arrived.",
        delivery.ambiguous,
    )
    return str(words)


def _not_waiting(delivery: Delivery) -> StateWords:
    look = _LOOKS[delivery.state]
    return StateWords(
        look.tone,
        look.icon,
        str(look.word),
        cause=cause_words(delivery.cause),
        next_step=_next_of(delivery),
        remedy=_remedy_of(delivery, look),
        quote=delivery.reply or "",
    )


def cause_words(cause: str | None) -> str:
    """Return a cause or a transport's problem as a sentence; nothing for no cause."""
    if not cause:
        return ""
    return str(_OWN_CAUSES[cause]) if cause in _OWN_CAUSES else str(problems.words_of(cause).what)


def known_causes() -> list[str]:
    """Return every word that can stand for a cause, stored or derived."""
    return [*(str(cause) for cause in _OWN_CAUSES), *(problem.value for problem in Problem)]


def word_of(state: str) -> str:
    """Return the state's word alone."""
    return str(_LOOKS[state].word)


def group_words(state: str, cause: str | None) -> StateWords:
    """Return what is common to all deliveries of one state and cause, and what can be done about them."""
    look = _LOOKS[state]
    has_own = state == DeliveryState.REFUSED and bool(_remedy(cause))
    remedy = _remedy(cause) if has_own else str(look.remedy or "")
    return StateWords(look.tone, look.icon, str(look.word), cause=cause_words(cause), remedy=remedy)


def _remedy_of(delivery: Delivery, look: _Look) -> str:
    if delivery.state in services.REPEATABLE and services.has_dead_link(delivery):
        return str(_("Its link has run out: ask for a new one."))
    return str(look.remedy or "")


def _remedy(cause: str | None) -> str:
    return str(problems.words_of(cause).remedy) if cause and cause not in _OWN_CAUSES else ""


def _waiting(delivery: Delivery, connection: MailConnection | None) -> StateWords:
    look = _LOOKS[DeliveryState.WAITING]
    until = _("If it cannot be sent by %(time)s, it expires.", time=_moment(delivery.expires_at))
    reason = waiting_reason(connection)
    if reason is None:
        return _waiting_for_its_time(delivery, look, until)
    tone, icon = _TONES.get(reason, ("warning", "pause"))
    cause, next_step, remedy, next_at = _REASON_WORDS[reason](connection)
    quote = delivery.reply or (connection.state.pause_reply if connection else None) or ""
    return StateWords(tone, icon, str(look.word), cause, f"{next_step} {until}", remedy, quote, next_at)


def _waiting_for_its_time(delivery: Delivery, look: _Look, until: str) -> StateWords:
    cause, remedy = cause_words(delivery.cause), _remedy(delivery.cause)
    if delivery.due_at <= now():
        next_step = _("It goes as soon as the sender gets to it.")
    else:
        next_step = _("Next try at %(time)s.", time=_moment(delivery.due_at))
    return StateWords(
        look.tone, look.icon, str(look.word), cause, f"{next_step} {until}", remedy,
        delivery.reply or "", delivery.due_at,
    )  # fmt: skip


_TONES: Final = {
    WaitReason.PAUSED: ("danger", "alert"),
    WaitReason.RATE_LIMIT: ("info", "clock"),
    WaitReason.DAY_LIMIT: ("info", "clock"),
    WaitReason.NEXT_BATCH: ("info", "clock"),
}
_Reason = tuple[str, str, str, datetime | None]


def _unreleased(_connection: MailConnection | None) -> _Reason:
    return (
        cause_words(WaitReason.UNRELEASED), _("It goes when it is released."),
        _("Follow the notice at the top of the page and decide."), None,
    )  # fmt: skip


def _switched_off(_connection: MailConnection | None) -> _Reason:
    return (
        cause_words(WaitReason.SWITCHED_OFF), _("It goes when the connection is switched on."),
        _("Switch the connection on."), None,
    )  # fmt: skip


def _incomplete(_connection: MailConnection | None) -> _Reason:
    return (
        cause_words(WaitReason.PARAMETERS_INCOMPLETE), _("It goes by itself once they are filled in."),
        _("Fill in the block Sending of the connection."), None,
    )  # fmt: skip


def _deleted(_connection: MailConnection | None) -> _Reason:
    return (
        cause_words(WaitReason.DELETED), _("It goes when there is a default connection again."),
        _("Add a connection."), None,
    )  # fmt: skip


def _paused(connection: MailConnection | None) -> _Reason:
    assert connection is not None  # noqa: S101 - only a connection can be paused
    words = problems.words_of(connection.state.pause_problem)
    until = connection.state.paused_until
    next_step = _("The server is tried again at %(time)s.", time=_moment(until)) if until else ""
    return str(words.what), next_step, str(words.remedy), until


def _rate_limited(connection: MailConnection | None) -> _Reason:
    assert connection is not None  # noqa: S101 - only a connection has limits
    next_at = pace.room(connection, now()).next_at
    return cause_words(WaitReason.RATE_LIMIT), _("It goes by itself when its turn comes."), "", next_at


def _next_batch(connection: MailConnection | None) -> _Reason:
    assert connection is not None  # noqa: S101 - only a connection has batches
    next_at = pace.room(connection, now()).next_at
    return cause_words(WaitReason.NEXT_BATCH), _("It goes by itself when its turn comes."), "", next_at


def _day_is_full(connection: MailConnection | None) -> _Reason:
    assert connection is not None  # noqa: S101 - only a connection has limits
    next_at = pace.room(connection, now()).next_at
    next_step = _("Sending goes on at %(time)s.", time=_moment(next_at)) if next_at else ""
    return (
        cause_words(WaitReason.DAY_LIMIT),
        next_step,
        _("Raise the limit if the server allows more."),
        next_at,
    )


_REASON_WORDS: Final = {
    WaitReason.UNRELEASED: _unreleased,
    WaitReason.SWITCHED_OFF: _switched_off,
    WaitReason.PARAMETERS_INCOMPLETE: _incomplete,
    WaitReason.DELETED: _deleted,
    WaitReason.PAUSED: _paused,
    WaitReason.RATE_LIMIT: _rate_limited,
    WaitReason.DAY_LIMIT: _day_is_full,
    WaitReason.NEXT_BATCH: _next_batch,
}


def _next_of(delivery: Delivery) -> str:
    if delivery.state == DeliveryState.SENT and delivery.sent_at:
        return str(_("The server took it at %(time)s.", time=_moment(delivery.sent_at)))
    if delivery.state == DeliveryState.SENDING:
        return str(_("It is on its way; the answer comes in a moment."))
    return str(_("Nothing more happens by itself."))


def _moment(moment: datetime) -> str:
    return str(format_datetime(moment, "d MMM, HH:mm"))
