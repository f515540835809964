"""The transport against a server that somebody else wrote."""

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from tests.mail.conftest import LOOPBACK, QUICK
from tests.mail.samples import ALICE, BOB, SYSTEM, envelope, raw_mail, send, yes
from webapp.mail.transports.base import Step, Verdict
from webapp.mail.transports.smtp import Encryption, SmtpSettings, SmtpTransport


class Keeping:
    """A handler of aiosmtpd that keeps what it takes and knows no Alice."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, list[str], bytes]] = []

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802 - aiosmtpd's name
        if address == ALICE:
            return "550 5.1.1 nobody"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - aiosmtpd's name
        self.taken.append((envelope.mail_from, envelope.rcpt_tos, envelope.original_content))
        return "250 kept"


def _knows(_server, _session, _envelope, _mechanism, data) -> AuthResult:
    return AuthResult(success=(data.login, data.password) == (b"desk", b"secret"), handled=False)


def test_aiosmtpd_takes_our_mails(certificates, unused_port):
    handler = Keeping()
    controller = Controller(
        handler, "127.0.0.1", unused_port, tls_context=certificates.good(), authenticator=_knows
    )
    controller.start()
    settings = SmtpSettings(
        "localhost", unused_port, Encryption.STARTTLS, "desk", "secret",
        timeouts=QUICK, ca_file=certificates.ca_file,
    )  # fmt: skip
    transport = SmtpTransport(settings, LOOPBACK)
    raw = raw_mail(".\r\n..\r\nlast")
    try:
        outcomes = [send(transport, envelope(ALICE, BOB), raw, yes) for _ in range(2)]
        steps = [(line.step, line.is_ok) for line in transport.check(SYSTEM)]
        transport.close()
    finally:
        controller.stop()

    assert [outcome[BOB].verdict for outcome in outcomes] == [Verdict.SENT] * 2
    assert [outcome[ALICE].verdict for outcome in outcomes] == [Verdict.REFUSED] * 2
    assert handler.taken == [(SYSTEM, [BOB], raw)] * 2
    assert steps == [
        (step, True) for step in (Step.RESOLVE, Step.CONNECT, Step.TLS, Step.SIGN_IN, Step.SENDER)
    ]
