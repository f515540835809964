"""Nothing leaves for the network but through the guard of outgoing connections."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import python_files, shown, tree

pytestmark = pytest.mark.pure

#: Modules that open connections by themselves. What merely names things of the network is no way out.
WAYS_OUT = frozenset(
    {
        "aiohttp", "aiosmtplib", "asyncssh", "exchangelib", "ftplib", "http.client", "httpx", "imap_tools",
        "imaplib", "msal", "nntplib", "paramiko", "poplib", "pycurl", "requests", "smtplib", "socketserver",
        "telnetlib", "urllib.request", "urllib3", "websocket", "websockets", "xmlrpc.client",
    }
)  # fmt: skip
#: Names that open a connection when they are called on ``socket``, ``asyncio`` or a loop.
CALLS = frozenset({"create_connection", "open_connection", "open_unix_connection", "connect_ex"})
#: Who may, and why.
EXEMPT = {
    "webapp/core/net_guard.py": "it is the guard",
    "webapp/launcher/": "starts and asks our own processes",
    "webapp/demo/": "the demo mailbox listens on this machine",
}


def test_only_the_guard_opens_connections() -> None:
    guilty = [f"{shown(path)}: {way}" for path in python_files() for way in ways_out(path)]
    allowed = tuple(EXEMPT)
    assert not [one for one in guilty if not one.startswith(allowed)]
    assert any(one.startswith("webapp/core/net_guard.py") for one in guilty), "the search finds ways out"


@pytest.mark.parametrize(
    "source",
    [
        "import smtplib",
        "from urllib.request import urlopen",
        "from urllib import request",
        "import http.client as h",
        "import requests.sessions",
        "socket.create_connection(('mail.test', 25))",
        "s = socket.socket()\ns.connect(('mail.test', 25))",
        "await loop.create_connection(None, 'mail.test', 25)",
    ],
)
def test_the_search_knows_a_way_out_when_it_sees_one(source: str) -> None:
    assert list(_ways(ast.parse(source)))


@pytest.mark.parametrize("source", ["from urllib.parse import urlsplit", "services.create_connection(form)"])
def test_the_search_bears_what_is_none(source: str) -> None:
    assert not list(_ways(ast.parse(source)))


def ways_out(path: Path) -> Iterator[str]:
    return _ways(tree(path))


def _ways(module: ast.AST) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from (name for name in _imported(node) if _is_way_out(name))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = ast.unparse(node.func.value)
            if (node.func.attr in CALLS and owner in {"socket", "asyncio", "loop"}) or _connects(node, owner):
                yield f"{owner}.{node.func.attr}"


def _imported(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]


def _is_way_out(name: str) -> bool:
    return any(name == way or name.startswith(f"{way}.") for way in WAYS_OUT)


def _connects(node: ast.Call, owner: str) -> bool:
    """A socket's own ``connect`` takes one address, which is a tuple or a path."""
    assert isinstance(node.func, ast.Attribute)
    is_address = len(node.args) == 1 and isinstance(node.args[0], (ast.Tuple, ast.Constant))
    return node.func.attr == "connect" and is_address and owner not in {"signals", "event"}


#: What starts another program, and who may: no text of a person is ever a part of a command.
STARTERS = frozenset({"subprocess", "pty", "multiprocessing"})
STARTING_CALLS = ("exec", "spawn", "posix_spawn", "popen", "system")
MAY_START = ("webapp/launcher/", "webapp/core/embedded_redis.py")


def test_only_the_launcher_and_the_own_redis_start_programs() -> None:
    guilty = [f"{shown(path)}: {one}" for path in python_files() for one in started(tree(path))]
    assert not [one for one in guilty if not one.startswith(MAY_START)]
    assert len(guilty) >= 3, "the search finds them"


def started(module: ast.AST) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from (name for name in _imported(node) if name.partition(".")[0] in STARTERS)
        elif isinstance(node, ast.Attribute) and ast.unparse(node.value) == "os":
            yield from [node.attr] if node.attr.startswith(STARTING_CALLS) else []
