"""The door to the network: what may be reached, and by which address."""

import json
import socket
import threading
import time
from pathlib import Path

import pytest

from webapp.core.net_guard import NetPolicy, NetRefused, connect, connector, refusal

STRICT = NetPolicy()
OPEN = NetPolicy(allow_loopback=True)
CORPUS = Path(__file__).parent.parent / "attacks" / "hosts.jsonl"
CASES = {case["id"]: case["input"] for case in map(json.loads, CORPUS.read_text().splitlines())}


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


@pytest.fixture
def answers(monkeypatch):
    """Names of the test and what the resolver says of them; all else is asked of the system."""
    known: dict[str, list[str]] = {}
    asked: list[str] = []
    real = socket.getaddrinfo

    def resolve(host, port, *args, **more):
        if host not in known:
            return real(host, port, *args, **more)
        asked.append(host)
        return [entry for address in known[host] for entry in real(address, port, *args, **more)]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return known, asked


def _port(server: socket.socket) -> int:
    return server.getsockname()[1]


def _host_and_port(written: str) -> tuple[str, int]:
    """As a settings form takes it apart: a host, and a port where one is named."""
    host, colon, port = written.rpartition(":")
    is_one = colon and port.isdecimal() and ":" not in host
    return (host, int(port)) if is_one else (written, 25)


@pytest.mark.parametrize("name", sorted(set(CASES) - {"S22", "S23"}))
def test_no_spelling_leads_to_this_machine_or_to_a_cloud(name, listener):
    host, _port_named = _host_and_port(CASES[name])
    with pytest.raises(NetRefused):
        connect(host, _port(listener), timeout=2, policy=STRICT)
    listener.settimeout(0.05)
    with pytest.raises(TimeoutError):
        listener.accept()


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "localhost", "127.0.0.1.", "[::1]", "::1"])
def test_odd_spellings_end_by_their_address(host, listener):
    with pytest.raises((NetRefused, socket.gaierror)):
        connect(host, _port(listener), timeout=2, policy=STRICT)


@pytest.mark.parametrize("port", [22, 6379])
def test_only_the_ports_of_the_policy_are_reached(port):
    mail_ports = frozenset({25, 465, 587, 2525})
    with pytest.raises(NetRefused) as refused:
        connect("127.0.0.1", port, timeout=1, policy=NetPolicy(allow_loopback=True, allowed_ports=mail_ports))
    assert refused.value.reason == "port_not_allowed"


@pytest.mark.parametrize("port", [0, -1, 70_000])
def test_a_port_that_is_none_is_refused(port):
    with pytest.raises(NetRefused) as refused:
        connect("127.0.0.1", port, timeout=1, policy=OPEN)
    assert refused.value.reason == "bad_port"


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("127.0.0.1", "loopback"),
        ("127.9.9.9", "loopback"),
        ("::1", "loopback"),
        ("::ffff:127.0.0.1", "loopback"),
        ("64:ff9b::7f00:1", "loopback"),
        ("2002:7f00:1::", "loopback"),
        ("0.0.0.0", "unspecified"),
        ("0.1.2.3", "unspecified"),
        ("::", "unspecified"),
        ("169.254.169.254", "metadata"),
        ("::ffff:169.254.169.254", "metadata"),
        ("100.100.100.200", "metadata"),
        ("fd00:ec2::254", "metadata"),
        ("169.254.1.1", "link_local"),
        ("fe80::1", "link_local"),
        ("224.0.0.1", "multicast"),
        ("ff02::1", "multicast"),
        ("240.0.0.1", "reserved"),
        ("255.255.255.255", "reserved"),
        ("fec0::1", "reserved"),
        ("::7f00:1", "reserved"),
        ("64:ff9b:1::7f00:1", "reserved"),
        ("192.0.2.1", "reserved"),
        ("2001:db8::1", "reserved"),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", "reserved"),
        ("10.0.0.5", None),
        ("172.16.3.4", None),
        ("192.168.1.1", None),
        ("100.64.0.7", None),
        ("fd12:3456::1", None),
        ("64:ff9b::a00:5", None),
        ("8.8.8.8", None),
        ("2606:4700:4700::1111", None),
    ],
)
def test_each_kind_of_address_is_judged(address, reason):
    assert refusal(address, STRICT) == reason
    if reason == "loopback":
        assert refusal(address, OPEN) is None
    else:
        assert refusal(address, OPEN) == reason


@pytest.mark.parametrize(
    "host",
    [
        "", ".", "a..test", "a" * 64 + ".test", "x" * 254, "user:pass@127.0.0.1", "file:///etc/passwd",
        "a b", "127.0.0.1\0.good.test", "x\ny", "fe80::1%lo", "имя\0.test",
    ],
)  # fmt: skip
def test_what_is_no_name_is_never_asked_for(host):
    with pytest.raises(NetRefused) as refused:
        connect(host, 25, timeout=1, policy=OPEN)
    assert refused.value.reason == "bad_name"
    assert refused.value.errno is None


def test_an_allowed_address_is_connected(listener):
    with connector(OPEN)("127.0.0.1", _port(listener), 2) as sock:
        assert sock.getpeername() == listener.getsockname()


def test_the_name_is_asked_once_and_the_judged_address_is_used(answers, listener):
    known, asked = answers
    known["rebind.e.test"] = ["127.0.0.1"]
    with connect("rebind.e.test", _port(listener), timeout=2, policy=OPEN) as sock:
        assert sock.getpeername()[0] == "127.0.0.1"
    assert asked == ["rebind.e.test"]


def test_a_forbidden_address_among_allowed_ones_is_passed_over(answers, listener):
    known, _asked = answers
    known["mixed.e.test"] = ["169.254.169.254", "127.0.0.1"]
    with connect("mixed.e.test", _port(listener), timeout=2, policy=OPEN) as sock:
        assert sock.getpeername()[0] == "127.0.0.1"


def test_the_next_address_is_tried_when_one_does_not_answer(answers, listener):
    known, _asked = answers
    known["two.e.test"] = ["127.0.0.2", "127.0.0.1"]
    with connect("two.e.test", _port(listener), timeout=2, policy=OPEN) as sock:
        assert sock.getpeername()[0] == "127.0.0.1"


def test_a_name_beyond_ascii_is_asked_in_wire_form(answers, listener):
    known, asked = answers
    known["xn--e1afmkfd.test"] = ["127.0.0.1"]
    connect("пример.test", _port(listener), timeout=2, policy=OPEN).close()
    assert asked == ["xn--e1afmkfd.test"]


def test_a_slow_resolver_costs_no_more_than_the_deadline(monkeypatch):
    released = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: released.wait(5) and [])
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        connect("slow.e.test", 25, timeout=0.2, policy=OPEN)
    released.set()
    assert time.monotonic() - started < 4


def test_failures_of_the_network_pass_as_they_are():
    with socket.create_server(("127.0.0.1", 0)) as closed_soon:
        port = _port(closed_soon)
    with pytest.raises(ConnectionRefusedError):
        connect("127.0.0.1", port, timeout=1, policy=OPEN)
    with pytest.raises(socket.gaierror):
        connect("no-such-host.invalid", 25, timeout=5, policy=OPEN)
