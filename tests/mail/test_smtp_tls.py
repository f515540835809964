"""Encryption and signing in: a password goes only through TLS to the right host."""

import ssl
from base64 import b64encode

import pytest

from tests.mail.samples import BOB, envelope, raw_mail, send, yes
from tests.support.smtp_sink import SmtpSink
from webapp.mail.transports.base import Problem, Step, Verdict
from webapp.mail.transports.smtp import Encryption, SmtpSettings

SECRET = "canary-пароль-7f3a"
SIGNED_IN = {"login": "desk", "password": SECRET}
LOGINS = {"desk": SECRET}


def _words_for_the_password() -> list[str]:
    plain = b64encode(f"\0desk\0{SECRET}".encode()).decode()
    return [SECRET, b64encode(SECRET.encode()).decode(), plain]


@pytest.mark.parametrize("mechanisms", ["PLAIN LOGIN", "LOGIN", "PLAIN"])
@pytest.mark.parametrize("encryption", [Encryption.STARTTLS, Encryption.TLS])
def test_mail_goes_encrypted_and_signed_in(transport_to, certificates, encryption, mechanisms):
    is_implicit = encryption is Encryption.TLS
    tls = certificates.good()
    with SmtpSink(tls=tls, is_implicit=is_implicit, logins=LOGINS, mechanisms=mechanisms) as sink:
        outcome = send(transport_to(sink, encryption, **SIGNED_IN), envelope(BOB), raw_mail(), yes)[BOB]

        assert outcome.verdict is Verdict.SENT
        assert sink.lines.count("EHLO localhost") == (1 if is_implicit else 2)


@pytest.mark.parametrize("encryption", [Encryption.STARTTLS, Encryption.TLS])
@pytest.mark.parametrize(
    ("kind", "problem"),
    [
        ("of_another_host", Problem.CERTIFICATE_WRONG_HOST),
        ("expired", Problem.CERTIFICATE_EXPIRED),
        ("of_a_stranger", Problem.CERTIFICATE_UNKNOWN_ISSUER),
    ],
)
def test_a_wrong_certificate_gets_neither_password_nor_mail(
    transport_to, certificates, encryption, kind, problem
):
    tls = getattr(certificates, kind)()
    with SmtpSink(tls=tls, is_implicit=encryption is Encryption.TLS, logins=LOGINS) as sink:
        outcome = send(transport_to(sink, encryption, **SIGNED_IN), envelope(BOB), raw_mail(), yes)[BOB]

        assert (outcome.verdict, outcome.step, outcome.problem) == (Verdict.SERVER_PROBLEM, Step.TLS, problem)
        assert not any(line.startswith(("AUTH", "MAIL")) for line in sink.lines)


@pytest.mark.filterwarnings("ignore:.*TLSv1_1 is deprecated:DeprecationWarning")
def test_a_server_that_knows_only_old_tls_gets_neither_password_nor_mail(transport_to, certificates):
    tls = certificates.good()
    tls.minimum_version, tls.maximum_version = ssl.TLSVersion.MINIMUM_SUPPORTED, ssl.TLSVersion.TLSv1_1
    tls.set_ciphers("ALL:@SECLEVEL=0")  # it would speak it, if it were spoken to
    with SmtpSink(tls=tls, logins=LOGINS) as sink:
        outcome = transport_to(sink, Encryption.STARTTLS, **SIGNED_IN).open()

        assert (outcome.step, outcome.verdict) == (Step.TLS, Verdict.SERVER_PROBLEM)
        assert not any(line.startswith(("AUTH", "MAIL")) for line in sink.lines)


def test_stripped_starttls_gets_no_password(transport_to):
    with SmtpSink(logins=LOGINS) as sink:
        outcome = transport_to(sink, Encryption.STARTTLS, **SIGNED_IN).open()

        assert (outcome.verdict, outcome.problem) == (Verdict.SERVER_PROBLEM, Problem.TLS_NOT_OFFERED)
        assert sink.lines == ["EHLO localhost"]


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [("454 4.7.0 TLS not available", Verdict.LATER), ("554 5.7.3 never", Verdict.SERVER_PROBLEM)],
)
def test_refused_starttls_gets_no_password(transport_to, certificates, reply, verdict):
    with SmtpSink({("starttls", 1): reply}, tls=certificates.good(), logins=LOGINS) as sink:
        outcome = transport_to(sink, Encryption.STARTTLS, **SIGNED_IN).open()

        assert (outcome.verdict, outcome.step, outcome.reply) == (verdict, Step.TLS, reply[4:])
        assert not any(line.startswith("AUTH") for line in sink.lines)


def test_words_put_before_tls_are_thrown_away(transport_to, certificates):
    with SmtpSink({("starttls", 1): "inject"}, tls=certificates.good()) as sink:
        outcome = transport_to(sink, Encryption.STARTTLS, **SIGNED_IN).open()

        assert (outcome.verdict, outcome.problem) == (Verdict.SERVER_PROBLEM, Problem.SIGN_IN_NOT_OFFERED)
        assert sink.lines == ["EHLO localhost", "STARTTLS", "EHLO localhost"]


def test_a_server_that_speaks_clear_text_on_a_tls_port_is_told_as_such(sink, transport_to):
    outcome = transport_to(sink, Encryption.TLS).open()

    assert (outcome.verdict, outcome.step, outcome.problem) == (
        Verdict.SERVER_PROBLEM, Step.TLS, Problem.TLS_FAILED,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fault", "problem"),
    [("drop", Problem.DISCONNECTED), ("rst", Problem.DISCONNECTED), ("hang", Problem.TIMED_OUT)],
)
@pytest.mark.parametrize("encryption", [Encryption.STARTTLS, Encryption.TLS])
def test_a_handshake_that_breaks_is_tried_later(transport_to, certificates, encryption, fault, problem):
    script = {("handshake", 1): fault}
    with SmtpSink(script, tls=certificates.good(), is_implicit=encryption is Encryption.TLS) as sink:
        outcome = transport_to(sink, encryption).open()

    assert (outcome.verdict, outcome.problem) == (Verdict.LATER, problem)
    # Where TLS begins at once, a connection can be cut before its maker has looked at it.
    assert outcome.step is Step.TLS or (fault == "rst" and encryption is Encryption.TLS)
    assert outcome.cool_down


@pytest.mark.parametrize(
    ("reply", "verdict", "problem"),
    [
        ("535 5.7.8 bad", Verdict.SERVER_PROBLEM, Problem.PASSWORD_REFUSED),
        ("534 5.7.9 too weak", Verdict.SERVER_PROBLEM, Problem.PASSWORD_REFUSED),
        ("538 5.7.11 encrypt first", Verdict.SERVER_PROBLEM, Problem.TLS_REQUIRED),
        ("550 5.7.30 Basic authentication is off", Verdict.SERVER_PROBLEM, Problem.BASIC_SIGN_IN_DISABLED),
        ("454 4.7.0 directory is away", Verdict.LATER, Problem.SERVER_BUSY),
        ("421 4.7.0 too many tries", Verdict.LATER, Problem.SERVER_BUSY),
    ],
)
def test_a_refused_sign_in_is_tried_once(transport_to, reply, verdict, problem):
    with SmtpSink({("auth", 0): reply}, logins=LOGINS) as sink:
        outcome = transport_to(sink, **SIGNED_IN).open()

        assert (outcome.verdict, outcome.step, outcome.problem) == (verdict, Step.SIGN_IN, problem)
        assert sink.visits["auth"] == 1


def test_an_unknown_mechanism_gives_way_to_the_other(transport_to):
    with SmtpSink({("auth", 1): "504 5.5.4 not that one"}, logins=LOGINS) as sink:
        assert transport_to(sink, **SIGNED_IN).open() is None
        assert sink.visits["auth"] == 2


def test_sign_in_that_is_not_offered_is_told_as_such(sink, transport_to):
    outcome = transport_to(sink, **SIGNED_IN).open()

    assert (outcome.verdict, outcome.problem) == (Verdict.SERVER_PROBLEM, Problem.SIGN_IN_NOT_OFFERED)


def test_without_a_login_nobody_signs_in(transport_to):
    with SmtpSink(logins=LOGINS) as sink:
        transport = transport_to(sink, password=SECRET)
        assert send(transport, envelope(BOB), raw_mail(), yes)[BOB].verdict is Verdict.SENT
        assert sink.visits["auth"] == 0


def test_the_password_is_in_no_reply_and_no_repr(transport_to):
    echo = " ".join(_words_for_the_password())
    with SmtpSink({("auth", 1): f"535 5.7.8 {echo}"}, logins=LOGINS) as sink:
        transport = transport_to(sink, **SIGNED_IN)
        outcome = transport.open()
        settings = SmtpSettings("localhost", sink.port, Encryption.NONE, **SIGNED_IN)

    shown = repr(outcome) + repr(transport) + repr(settings)
    assert not any(word in shown for word in _words_for_the_password())
    assert outcome.reply == "5.7.8 *** *** ***"


@pytest.mark.parametrize("name", ["", "a b", "x\r\nMAIL FROM:<e@e.test>", "-x", "имя.test"])
def test_an_ehlo_name_that_says_more_is_refused(name):
    with pytest.raises(ValueError, match="ehlo_name"):
        SmtpSettings("localhost", 25, Encryption.NONE, ehlo_name=name)


def test_a_password_with_nul_is_refused_without_being_shown():
    with pytest.raises(ValueError, match="NUL") as refused:
        SmtpSettings("localhost", 25, Encryption.NONE, login="desk", password="se\0cret")
    assert "cret" not in str(refused.value)
