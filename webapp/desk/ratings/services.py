"""Writes ratings."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError

from webapp.core.clock import now
from webapp.core.db import db
from webapp.desk.ratings.models import Rating
from webapp.desk.ratings.queries import Opened
from webapp.desk.records.changes import recording


class RatingSettled(Exception):
    """It was rated before, so long ago or by another page that it stays as it is."""


def rate(opened: Opened, *, stars: int, comment: str) -> Rating:
    """Rate a closing, or change what was said of it within a day. Announces ``record.rated``.

    Raises RatingSettled.
    """
    if opened.is_settled:
        raise RatingSettled
    rating = opened.rating or _new(opened)
    is_same = opened.rating is not None and (rating.stars, rating.comment) == (stars, comment)
    if is_same:
        return rating
    with recording(opened.record, opened.account) as change:
        rating.stars, rating.comment, rating.changed_at = stars, comment, now()
        try:
            with db.session.begin_nested():
                db.session.add(rating)
        except IntegrityError:
            raise RatingSettled from None  # by another page, a moment ago
        is_changed = opened.rating is not None
        change.data["rating"] = {
            "stars": stars, "words": comment, "address": opened.address, "is_changed": is_changed,
        }  # fmt: skip
    return rating


def _new(opened: Opened) -> Rating:
    account_id = opened.account.id if opened.account else None
    return Rating(
        record_id=opened.record.id,
        closing_event_id=opened.event.id,
        account_id=account_id,
        address=opened.address,
    )
