"""The job that checks a mail connection while a page watches its steps."""

from __future__ import annotations

from webapp.core import job_queue, leases
from webapp.core.db import db
from webapp.job_names import JobName
from webapp.messaging.mail_connections import checking, queries

LONGEST_CHECK_S = 180


def check_connection(connection_id: int) -> None:
    """Run the check that was started last; two workers never run it at once."""
    job_queue.answer(JobName.CHECK_CONNECTION, connection_id)
    held = leases.take(f"check:{connection_id}", LONGEST_CHECK_S)
    db.session.commit()
    if held is None:
        return
    try:
        is_good = _check(connection_id)
    finally:
        db.session.rollback()
        leases.release(held)
        db.session.commit()
    if is_good:
        job_queue.ring(JobName.DELIVER_MAIL, connection_id)
    elif _is_another_waiting(connection_id):
        job_queue.ring(JobName.CHECK_CONNECTION, connection_id)


def _check(connection_id: int) -> bool:
    connection = queries.get_connection(connection_id)
    return connection is not None and checking.run_check(connection, db.session.commit)


def _is_another_waiting(connection_id: int) -> bool:
    state = queries.get_state(connection_id)
    is_waiting = state is not None and state.check_id is not None and state.check_ended_at is None
    db.session.commit()
    return is_waiting
