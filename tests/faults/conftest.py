"""One whole program for all tests that take its parts away, and a scripted mail server for each of them."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from tests.faults.desk import QUICK, Desk
from tests.support.processes import RunningProgram
from tests.support.smtp_sink import SmtpSink

#: ``FAULTS_ENGINES=sqlite,postgresql`` does it on both; each engine needs a program and a minute of its own.
ENGINES = tuple(os.environ.get("FAULTS_ENGINES", "sqlite").split(","))


@dataclass(frozen=True)
class Authority:
    """An issuer of certificates that the program trusts by its MAIL_CA_FILE."""

    issuer: trustme.CA
    file: Path

    def server_context(self, name: str) -> ssl.SSLContext:
        """Return what a server needs to be known by the name."""
        return server_context(self.issuer, name)


def server_context(issuer: trustme.CA, name: str) -> ssl.SSLContext:
    """Return what a server needs whose certificate is for the name, by whatever issuer."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issuer.issue_cert(name).configure_cert(context)
    return context


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    issuer = trustme.CA()
    file = tmp_path_factory.mktemp("authority") / "ca.pem"
    issuer.cert_pem.write_to_path(str(file))
    return Authority(issuer, file)


@pytest.fixture(scope="session", params=ENGINES)
def running_desk(request: pytest.FixtureRequest, authority: Authority) -> Iterator[Desk]:
    """The program, started by its launcher; what the demo had to say has been sent."""
    settings = QUICK | {"MAIL_CA_FILE": str(authority.file)}
    if request.param == "postgresql":
        server = request.getfixturevalue("postgresql_server")
        settings["DATABASE_URL"] = server.start(f"faults_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}")
    with RunningProgram(**settings) as program, SmtpSink() as first_server:
        desk = Desk(program)
        desk.connect(first_server)
        desk.lift_limit()
        desk.wait_until_quiet()
        yield desk


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    """A mail server of the test's own."""
    with SmtpSink() as running:
        yield running


@pytest.fixture
def desk(running_desk: Desk, sink: SmtpSink) -> Desk:
    """The program whose mail goes to the test's server."""
    running_desk.connect(sink)
    return running_desk
