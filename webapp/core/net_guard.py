"""The only door to the network outside: names are resolved once, judged, and that very address is used."""

import ipaddress
import re
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import idna

_NAME = re.compile(r"[A-Za-z0-9_.:-]{1,253}")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_PRIVATE = tuple(
    ipaddress.ip_network(network)
    for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
)
# Addresses inside otherwise allowed networks where clouds hand out the machine's own secrets.
_METADATA = frozenset(
    ipaddress.ip_address(address)
    for address in (
        *("169.254.169.254", "169.254.170.2", "100.100.100.200", "168.63.129.16", "192.0.0.192"),
        *("fd00:ec2::254", "fd20:ce::254"),
    )
)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Connect = Callable[[str, int, float], socket.socket]


class NetRefused(PermissionError):
    """Our own rules forbid the connection; ``reason`` is a word for a screen.

    It has no ``errno``, which tells it from a refusal by the system. Reasons: bad_name, bad_port,
    port_not_allowed, loopback, link_local, metadata, multicast, unspecified, reserved.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class NetPolicy:
    """What may be reached. ``allowed_ports`` of None is any port; private networks are always allowed."""

    allow_loopback: bool = False
    allowed_ports: frozenset[int] | None = None


def connect(host: str, port: int, *, timeout: float, policy: NetPolicy) -> socket.socket:
    """Open a TCP connection within ``timeout`` seconds, the resolving included.

    Allowed addresses are tried in the order of the resolver, each with its share of the time left.
    Raises NetRefused, ``socket.gaierror`` for an unknown name, TimeoutError, or the OSError of the
    last address tried.
    """
    ends_at = time.monotonic() + timeout
    _check_port(port, policy)
    addresses = _allowed(_resolve(_wire_name(host), port, timeout), policy)
    failure: OSError = TimeoutError("no time left")
    for position, address in enumerate(addresses):
        share = (ends_at - time.monotonic()) / (len(addresses) - position)
        if share <= 0:
            break
        try:
            return socket.create_connection((address, port), timeout=share)
        except OSError as error:
            failure = error
    raise failure


def connector(policy: NetPolicy) -> Connect:
    """Return ``connect`` bound to a policy, in the shape that the mail library takes."""

    def guarded(host: str, port: int, timeout: float) -> socket.socket:
        return connect(host, port, timeout=timeout, policy=policy)

    return guarded


def refusal(address: str, policy: NetPolicy) -> str | None:
    """Return why the address may not be reached, or None; a wrapped IPv4 address is judged by itself."""
    ip = _unwrapped(ipaddress.ip_address(address))
    if ip.is_loopback:
        return None if policy.allow_loopback else "loopback"
    if ip in _METADATA:
        return "metadata"
    if any(ip.version == network.version and ip in network for network in _PRIVATE):
        return None
    return _special_use(ip)


def _special_use(ip: Address) -> str | None:
    if ip.is_unspecified or (ip.version == 4 and int(ip) < 1 << 24):
        return "unspecified"  # the system takes 0.0.0.0 for this very machine
    if ip.is_multicast:
        return "multicast"
    if ip.is_link_local:
        return "link_local"
    if getattr(ip, "is_site_local", False) or ip.is_reserved or not ip.is_global:
        return "reserved"
    return None


def _unwrapped(ip: Address) -> Address:
    """IPv4-mapped, 6to4 and NAT64 addresses lead to an IPv4 address; Python calls some of them global."""
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    if inner := ip.ipv4_mapped or ip.sixtofour:
        return inner
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip


def _check_port(port: int, policy: NetPolicy) -> None:
    if not 0 < port < 1 << 16:
        raise NetRefused("bad_port")
    if policy.allowed_ports is not None and port not in policy.allowed_ports:
        raise NetRefused("port_not_allowed")


def _wire_name(host: str) -> str:
    """ASCII form of the name; a NUL would end the name early for the resolver, other marks start a URL."""
    try:
        name = host if host.isascii() else idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError:
        raise NetRefused("bad_name") from None
    labels = name.removesuffix(".").split(".")
    if not _NAME.fullmatch(name) or not all(0 < len(label) < 64 for label in labels):
        raise NetRefused("bad_name")
    return name


def _resolve(name: str, port: int, timeout: float) -> list[str]:
    """Ask the resolver in a thread, since it knows no deadline of its own."""
    answers: list[list[str] | OSError | UnicodeError] = []

    def ask() -> None:
        try:
            found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            answers.append(error)
        else:
            answers.append(list(dict.fromkeys(str(entry[4][0]) for entry in found)))

    asking = threading.Thread(target=ask, daemon=True, name="resolve")
    asking.start()
    asking.join(timeout)
    return _answer_of(answers)


def _answer_of(answers: list[list[str] | OSError | UnicodeError]) -> list[str]:
    if not answers:
        raise TimeoutError("the name was not resolved in time")
    answer = answers[0]
    if isinstance(answer, UnicodeError):
        raise NetRefused("bad_name") from answer
    if isinstance(answer, OSError):
        raise answer
    return answer


def _allowed(addresses: list[str], policy: NetPolicy) -> list[str]:
    judged = [(address, refusal(address, policy)) for address in addresses]
    allowed = [address for address, reason in judged if reason is None]
    if not allowed:
        raise NetRefused(judged[0][1] or "reserved")
    return allowed
