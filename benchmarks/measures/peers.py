"""Our bulk drain beside others of its kind: the same mail, the same server, in turn."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from benchmarks import cast
from benchmarks.helpers import run_together
from benchmarks.measurement import Goal, Measurement
from benchmarks.measures.drain import Lost, drain
from benchmarks.peers import environment
from benchmarks.peers.environment import NODE, PROGRAMS
from benchmarks.rounds import RATE, Figures, Unit
from benchmarks.stage import Stage
from webapp.messaging.mail_connections.models import SendingMode
from webapp.messaging.messages import compose


@dataclass(frozen=True)
class Peer:
    """Another program: how it is started, how many mails it is given, and what we must and want to reach."""

    key: str
    name: str
    commands: Callable[[], list[list[str]]]
    count: int
    goal: Goal
    database: str = "sqlite"


def _python(*words: str) -> list[str]:
    return [environment.python(), "-W", "ignore", str(PROGRAMS / words[0]), *words[1:]]


PEERS = (
    Peer(
        "post-office",
        "django-post-office (PostgreSQL, 4 processes, batch 1000)",
        lambda: [_python("post_office_peer.py")],
        5000,
        Goal(Unit.RIVAL, 4, 8),
        "postgresql",
    ),
    Peer(
        "nodemailer",
        "Nodemailer's pool (16 sessions, in memory)",
        lambda: [[environment.node(), str(PROGRAMS / "nodemailer.mjs")]],
        8000,
        Goal(Unit.RIVAL, 3, 6),
    ),
    Peer(
        "celery",
        "Celery prefork (one task a mail, 4 processes)",
        lambda: [_python("celery_peer.py")],
        2000,
        Goal(Unit.RIVAL, 10, 20),
    ),
    Peer(
        "rq",
        "RQ (one job a mail, two SimpleWorkers)",
        lambda: [_python("rq_peer.py", "first"), _python("rq_peer.py")],
        1200,
        Goal(Unit.RIVAL, 15, 30),
    ),
    Peer(
        "flask-mail",
        "Flask-Mail (one process, one session, in memory)",
        lambda: [_python("flask_mail_peer.py")],
        3000,
        Goal(Unit.RIVAL),
    ),
)


def measurements() -> list[Measurement]:
    """Return one comparison for each peer."""
    return [
        Measurement(
            f"peers.{peer.key}",
            f"bulk drain against {peer.name}",
            partial(drain, database=peer.database, mode=SendingMode.BULK),
            (peer.goal,),
            partial(send, peer=peer),
            peer.name,
        )
        for peer in PEERS
    ]


def send(stage: Stage, *, peer: Peer) -> Figures:
    """Let the peer send; return mails a second. Raises Lost when the server did not get all of them."""
    commands, taken, count = peer.commands(), stage.sink.count(), stage.scaled(peer.count)
    spent = run_together(commands, _surroundings(stage, peer, count))
    counted = stage.sink.wait_for(taken + count) - taken
    if counted != count:
        raise Lost(f"the server has {counted} of {count} mails of {peer.name}")
    return {RATE: count / spent.wall_s}


def _surroundings(stage: Stage, peer: Peer, count: int) -> dict[str, str]:
    words = {
        "PATH": os.environ["PATH"],
        "PEER_COUNT": str(count),
        "PEER_LOCK": str(stage.folder / "lock"),
        "PEER_MAIL": _mail_file(stage),
        "PEER_MODULES": str(NODE),
        "PEER_PORT": str(stage.sink.port),
        "PEER_REDIS_URL": stage.redis_url,
        "PYTHONPATH": str(PROGRAMS),
    }
    if peer.key == "celery":
        words["PEER_REDIS_URL"] = stage.redis_url.replace("unix://", "redis+socket://")
    if peer.database == "postgresql":
        words["PEER_DATABASE_URL"] = stage.database_of_peers
    return words


def _mail_file(stage: Stage) -> str:
    """Write one of our own mails as words, so that all send the same."""
    file = stage.folder / "mail.json"
    if not file.exists():
        with stage.installation("sqlite").opened():
            order = next(cast.orders_of_a_remark(1, "pattern"))
            rendered = compose.render(order)
        words = {"subject": rendered.subject, "text": rendered.text, "html": rendered.html}
        people = {"sender": "desk@example.com", "recipient": order.address}
        file.write_text(json.dumps(words | people), encoding="utf-8")
    return str(file)
