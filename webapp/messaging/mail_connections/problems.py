"""What can be wrong with a mail server, in plain words: what happened and what to do."""

from __future__ import annotations

from typing import Final, NamedTuple

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from webapp.mail.transports.base import Problem


class ProblemWords(NamedTuple):
    """Two sentences for a person: what happened, and what can be done."""

    what: LazyString
    remedy: LazyString


UNKNOWN_PROBLEM: Final = ProblemWords(
    _l("Something unexpected happened."),
    _l("Try again; if it stays, look into the log of the background process."),
)
DOORBELL_DOWN: Final = "doorbell_down"
SECRET_LOST: Final = "secret_lost"  # noqa: S105 - a word for pages
UNFINISHED: Final = "unfinished"
NO_SENDER: Final = "no_sender"
GUARD_HELD: Final = "guard_held"

_WORDS: Final[dict[str, ProblemWords]] = {
    Problem.UNKNOWN_HOST: ProblemWords(
        _l("The server's name is not known."), _l("Check the spelling of the server's name.")
    ),
    Problem.GUARD_REFUSED: ProblemWords(
        _l("This address may not be reached from here."),
        _l("Name a server on the network; this machine itself is closed unless MAIL_LOOPBACK=1 is set."),
    ),
    Problem.CONNECTION_REFUSED: ProblemWords(
        _l("Nothing answers at this port of the server."),
        _l("Check the port, and that the mail server is running."),
    ),
    Problem.NO_ROUTE: ProblemWords(
        _l("There is no way to the server."), _l("Check the network and the firewall of this machine.")
    ),
    Problem.NETWORK_ERROR: ProblemWords(
        _l("The network failed."), _l("Check the network of this machine; we keep trying.")
    ),
    Problem.TIMED_OUT: ProblemWords(
        _l("The server did not answer in time."),
        _l("Check the port and the kind of encryption; a firewall may swallow the connection."),
    ),
    Problem.DISCONNECTED: ProblemWords(
        _l("The server broke the connection."),
        _l("Check the port and the kind of encryption; we keep trying."),
    ),
    Problem.PROTOCOL_ERROR: ProblemWords(
        _l("The answer is not that of a mail server."),
        _l("Check the port: with SSL it is usually 465, with TLS 587, without encryption 25."),
    ),
    Problem.GREETING_REFUSED: ProblemWords(
        _l("The server refuses to talk to this machine."),
        _l("Ask its administrator to let this machine in."),
    ),
    Problem.CERTIFICATE_UNKNOWN_ISSUER: ProblemWords(
        _l("The server's certificate was issued by somebody we do not know."),
        _l("Ask the administrator for a public certificate, or name your company's issuer in MAIL_CA_FILE."),
    ),
    Problem.CERTIFICATE_WRONG_HOST: ProblemWords(
        _l("The server's certificate is for another name."),
        _l("Write the server's name exactly as in its certificate."),
    ),
    Problem.CERTIFICATE_EXPIRED: ProblemWords(
        _l("The server's certificate is not valid today."), _l("Ask the administrator to renew it.")
    ),
    Problem.CERTIFICATE_INVALID: ProblemWords(
        _l("The server's certificate is not valid."), _l("Ask the administrator to mend it.")
    ),
    Problem.TLS_NOT_OFFERED: ProblemWords(
        _l("The server does not offer TLS on this port."),
        _l("Choose SSL with its port (usually 465), or ask the administrator to turn TLS on."),
    ),
    Problem.TLS_REQUIRED: ProblemWords(
        _l("The server wants an encrypted connection."), _l("Choose TLS or SSL instead of no encryption.")
    ),
    Problem.TLS_FAILED: ProblemWords(
        _l("Encryption could not be agreed on."),
        _l("Check that the port fits: SSL is usually on 465, TLS on 587."),
    ),
    Problem.SIGN_IN_NOT_OFFERED: ProblemWords(
        _l("The server takes no login and password here."),
        _l("Turn SMTP authentication off, or choose an encrypted port."),
    ),
    Problem.SIGN_IN_REQUIRED: ProblemWords(
        _l("The server wants a login and a password."), _l("Turn SMTP authentication on.")
    ),
    Problem.PASSWORD_REFUSED: ProblemWords(
        _l("The server did not accept the login and password."),
        _l("Type them again; the mailbox may want a password made for programs."),
    ),
    Problem.BASIC_SIGN_IN_DISABLED: ProblemWords(
        _l("The server takes no passwords any more."),
        _l("Let the mailbox's administrator allow sign-in by password for this mailbox."),
    ),
    Problem.RELAY_DENIED: ProblemWords(
        _l("The server does not pass on e-mail from this program."),
        _l("Turn SMTP authentication on, or ask its administrator to let this machine send."),
    ),
    Problem.SENDER_REFUSED: ProblemWords(
        _l("The server does not accept the system address as the sender."),
        _l("Write the system address that belongs to this login."),
    ),
    Problem.RECIPIENT_REFUSED: ProblemWords(
        _l("The server does not accept the recipient's address."), _l("Check the recipient's address.")
    ),
    Problem.OTHERS_REFUSED: ProblemWords(
        _l("The server did not accept another recipient of the same message, so it went to nobody."),
        _l("Correct the other address, or turn “Send in parts” on; then send it again."),
    ),
    Problem.TOO_MANY_RECIPIENTS: ProblemWords(
        _l("The server takes no more recipients for now."), _l("Nothing to do: we try again.")
    ),
    Problem.MESSAGE_REFUSED: ProblemWords(
        _l("The server does not accept the message."),
        _l("Read the server's words; its filter may take it for spam."),
    ),
    Problem.TOO_LARGE: ProblemWords(
        _l("The message is larger than the server takes."), _l("Ask the administrator to raise the limit.")
    ),
    Problem.BAD_ADDRESS: ProblemWords(_l("The address is not a usable one."), _l("Correct the address.")),
    Problem.SMTPUTF8_NEEDED: ProblemWords(
        _l("The server cannot deliver to addresses with letters outside English."),
        _l("Give the person an address in Latin letters."),
    ),
    Problem.SMTPUTF8_NEEDED_BY_US: ProblemWords(
        _l("The server cannot carry the support or the system address: it has letters outside English."),
        _l("Write both addresses of the block Sending in Latin letters."),
    ),
    Problem.EIGHT_BIT_NEEDED: ProblemWords(
        _l("The server carries only plain English text."),
        _l("Ask the administrator for a newer mail server."),
    ),
    Problem.SERVER_BUSY: ProblemWords(
        _l("The server asks to come again later."), _l("Nothing to do: we try again.")
    ),
    DOORBELL_DOWN: ProblemWords(
        _l("The check could not be started: the queue of background work (Redis) does not answer."),
        _l("Start Redis again, then press Check once more. Nothing else is lost meanwhile."),
    ),
    SECRET_LOST: ProblemWords(
        _l("The stored password cannot be read: the installation's secret key has changed."),
        _l("Type the password again."),
    ),
    UNFINISHED: ProblemWords(
        _l("The check was not finished."),
        _l(
            "The background process that sends e-mail may not be running. Start it and press Check once more."
        ),
    ),
    NO_SENDER: ProblemWords(
        _l("No test message was sent, since the sending parameters are not filled."),
        _l("Fill in the block Sending and check again."),
    ),
    GUARD_HELD: ProblemWords(
        _l("No test message was sent, since the sending parameters cannot stand in an e-mail."),
        _l("Type the three parameters of the block Sending again."),
    ),
}


def words_of(problem: str | None) -> ProblemWords:
    """Return the sentences for a problem's word; a general one when the word is new to us."""
    return _WORDS.get(problem or "", UNKNOWN_PROBLEM)
