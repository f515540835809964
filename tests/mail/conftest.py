"""A company's certificates and a server of its own for each test."""

import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from tests.support.smtp_sink import SmtpSink
from webapp.core.net_guard import NetPolicy, connector
from webapp.mail.transports.smtp import Encryption, SmtpSettings, SmtpTimeouts, SmtpTransport

QUICK = SmtpTimeouts(connect_s=0.6, command_s=0.6, body_s=0.6, after_dot_s=0.6, quit_s=0.2, session_s=10)
LOOPBACK = connector(NetPolicy(allow_loopback=True))


class Certificates:
    """Contexts of servers, good and bad, and the file by which the good ones are known."""

    def __init__(self, folder: Path) -> None:
        self.authority = trustme.CA()
        self.ca_file = folder / "ca.pem"
        self.authority.cert_pem.write_to_path(self.ca_file)

    def good(self) -> ssl.SSLContext:
        return self._context(self.authority.issue_cert("localhost"))

    def of_another_host(self) -> ssl.SSLContext:
        return self._context(self.authority.issue_cert("mail.elsewhere.test"))

    def expired(self) -> ssl.SSLContext:
        yesterday = datetime.now(UTC) - timedelta(days=1)
        return self._context(self.authority.issue_cert("localhost", not_after=yesterday))

    def of_a_stranger(self) -> ssl.SSLContext:
        return self._context(trustme.CA().issue_cert("localhost"))

    @staticmethod
    def _context(certificate: trustme.LeafCert) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        return context


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(params=["lock step", "pipelined"])
def sink(request: pytest.FixtureRequest) -> Iterator[SmtpSink]:
    """A server of each kind: what holds must hold whether lines may be said ahead or not."""
    more = ("PIPELINING",) if request.param == "pipelined" else ()
    with SmtpSink(extensions=(*SmtpSink.extensions, *more)) as running:
        yield running


@pytest.fixture
def transport_to(certificates: Certificates) -> Iterator[Callable[..., SmtpTransport]]:
    """Make transports to a sink; all are closed at the end."""
    made: list[SmtpTransport] = []

    def make(sink: SmtpSink, encryption: Encryption = Encryption.NONE, **more) -> SmtpTransport:
        passing = more.pop("passing", None)
        values = {"host": "localhost", "timeouts": QUICK, "ca_file": certificates.ca_file} | more
        settings = SmtpSettings(port=sink.port, encryption=encryption, **values)
        transport = SmtpTransport(settings, LOOPBACK, *([passing] if passing else []))
        made.append(transport)
        return transport

    yield make
    for transport in made:
        transport.close()


@pytest.fixture
def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]
