"""Words by which servers refuse us, or our settings, where the code alone seems to refuse the mail."""

import re
from typing import Final

from webapp.mail.transports.base import Problem, Step

_OPENING: Final = frozenset({Step.CONNECT, Step.TLS, Step.SIGN_IN})

#: Whatever the step. 5.7.30 and SmtpClientAuthentication are Exchange Online's.
_ANYWHERE: Final[tuple[tuple[str, Problem], ...]] = (
    (r"\b5\.7\.30\b", Problem.BASIC_SIGN_IN_DISABLED),
    (r"SmtpClientAuthentication is disabled", Problem.BASIC_SIGN_IN_DISABLED),
)

#: Once a mail is offered. The enhanced codes are Exchange's own, where RFC 3463 has only a general 5.7.1.
_WHEN_OFFERED: Final[tuple[tuple[str, Problem], ...]] = (
    (r"\b5\.7\.57\b|\bclient was not authenticated", Problem.SIGN_IN_REQUIRED),
    (r"\bauthentication (is )?required|\bAUTH (command )?first", Problem.SIGN_IN_REQUIRED),
    (r"\brelay(ing)?( access)?( is)? (denied|prohibited|not (allowed|permitted))", Problem.RELAY_DENIED),
    (r"\b5\.7\.54\b|\bunable to relay|\bnot relay\b|\ballowed rcpthosts", Problem.RELAY_DENIED),
    (r"\bclient host rejected", Problem.RELAY_DENIED),
    (r"\b5\.2\.252\b|\bSendAsDenied|\b5\.7\.60\b", Problem.SENDER_REFUSED),
    (r"\bpermissions? to send as|\bnot allowed to send as", Problem.SENDER_REFUSED),
    (r"\bsender address rejected|\bnot owned by (auth )?user", Problem.SENDER_REFUSED),
    (r"\boriginator address does not match", Problem.SENDER_REFUSED),
)


def problem_of(text: str, step: Step) -> Problem | None:
    """Return what a permanent refusal with these words says of our settings; None when it says nothing."""
    known = _ANYWHERE if step in _OPENING else _ANYWHERE + _WHEN_OFFERED
    for words, problem in known:
        if re.search(words, text, re.IGNORECASE):
            return problem
    return None
