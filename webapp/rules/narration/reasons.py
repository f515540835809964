"""Why somebody was not told, in words."""

from __future__ import annotations

from typing import Final

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from webapp.rules.answers import Reason

REASONS: Final[dict[str, LazyString]] = {
    Reason.SWITCHED_OFF.value: _l("This event action is switched off."),
    Reason.CONDITION.value: _l("The condition of this event action was not met."),
    Reason.CONDITION_BROKEN.value: _l("The condition of this event action has no value any more."),
    Reason.OWN_ACTION.value: _l("They did it themselves, and nobody is told of their own action."),
    Reason.MERGED.value: _l("An event action that ranks higher told them of the same event."),
    Reason.NO_LONGER_DUE.value: _l("By then there was nothing to remind of: it was done, paused or moved."),
    Reason.TOO_LATE.value: _l("It warns before a deadline, and the deadline was over already."),
    Reason.TOLD_TODAY.value: _l("It told them the same of this record within a day already."),
    Reason.NOT_STAFF.value: _l("Only staff are told of internal comments and files."),
    Reason.INACTIVE.value: _l("The account is deactivated."),
    Reason.UNREGISTERED.value: _l("The company does not write to people without an account."),
    Reason.NO_CONNECTION.value: _l("There is no connection for outgoing mail."),
    Reason.NO_ADDRESS.value: _l("There is no address to write to."),
    Reason.BAD_ADDRESS.value: _l("E-mail cannot be sent to such an address."),
    Reason.OWN_MAILBOX.value: _l("It is one of our own mailboxes: e-mail to it could go round in circles."),
    Reason.SILENT_MODE.value: _l("Silent mode was on."),
    Reason.DUPLICATE.value: _l("They have this message already."),
}


def words_of(reason: str) -> str:
    """Return the reason as one sentence; a reason of an older version speaks for itself."""
    return str(REASONS.get(reason, reason))
