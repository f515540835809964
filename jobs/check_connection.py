"""The job that checks a mail connection while a page watches its steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from webapp.core import job_queue, leases
from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.leases import Held
from webapp.job_names import JobName
from webapp.messaging.mail_connections import checking, queries
from webapp.messaging.mail_connections.presenting import PATIENCE_WITH_CHECK

LONGEST_CHECK_S: Final = 180
#: Each keeps a thread of the mailer waiting for a server, and mail needs them too.
MOST_AT_ONCE: Final = 2


def check_connection(connection_id: int) -> None:
    """Run the check that was started last; a connection is checked once at a time, and few are at all."""
    job_queue.answer(JobName.CHECK_CONNECTION, connection_id)
    held = _take_turn(connection_id)
    db.session.commit()
    if not held:
        return
    try:
        is_good = _check(connection_id)
    finally:
        db.session.rollback()
        for one in held:
            leases.release(one)
        db.session.commit()
    if is_good:
        job_queue.ring(JobName.DELIVER_MAIL, connection_id)
    _let_others_in()


def _take_turn(connection_id: int) -> Sequence[Held]:
    """Take the connection and one of the turns, or nothing when somebody else has them."""
    own = leases.take(f"check:{connection_id}", LONGEST_CHECK_S)
    if own is None:
        return ()
    for number in range(MOST_AT_ONCE):
        turn = leases.take(f"check-turn:{number}", LONGEST_CHECK_S)
        if turn is not None:
            return own, turn
    leases.release(own)
    return ()


def _check(connection_id: int) -> bool:
    connection = queries.get_connection(connection_id)
    return connection is not None and checking.run_check(connection, db.session.commit)


def _let_others_in() -> None:
    """Ring for the checks whose own ring found no turn free, and for a newer one of the same connection."""
    waiting = queries.list_awaiting_check(now() - PATIENCE_WITH_CHECK)
    db.session.commit()
    for number in waiting:
        job_queue.ring(JobName.CHECK_CONNECTION, number)
