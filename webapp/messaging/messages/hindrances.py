"""What keeps a message from leaving at the moment at which it is written.

Without a connection there is no mail; to one of our own mailboxes none is written, for it might be answered
by ourselves; in silent mode mail is suppressed; and what is too much for one address is held for a person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from webapp.messaging.mail_connections.models import MailConnection
from webapp.messaging.messages import flood
from webapp.messaging.messages.models import DeliveryState, MessageClass
from webapp.messaging.messages.orders import Channel, SkipReason
from webapp.messaging.messages.outcomes import Cause
from webapp.messaging.messages.prepared import Hindrance, Prepared
from webapp.messaging.silence.queries import Silence, present
from webapp.people.company import settings as company

SILENT: Final = Hindrance(DeliveryState.SUPPRESSED.value, Cause.SILENT_MODE.value)
CROWDED: Final = Hindrance(DeliveryState.HELD.value, Cause.TOO_MANY.value)


def judge(prepared: Iterable[Prepared], connections: Sequence[MailConnection]) -> list[Prepared]:
    """Return the same in their order, with what keeps them from leaving, in the transaction that writes them.

    ``connections`` are all that are not deleted.
    """
    own, silence = own_mailboxes(connections), present()
    has_connection = any(connection.is_default for connection in connections)
    passed = [
        one.without(skipped)
        if (skipped := _skipped(one, own, silence, has_connection=has_connection))
        else one
        for one in prepared
    ]
    if silence.is_on:
        passed = [one.hindered(SILENT) if silence.keeps_back(one.address) else one for one in passed]
    return _without_floods(passed)


def own_mailboxes(connections: Iterable[MailConnection]) -> frozenset[str]:
    """Return the addresses at which our own mail or its answers arrive, in lower case."""
    own = (
        address for each in connections for address in (each.system_address, each.support_address) if address
    )
    return frozenset(address.lower() for address in own)


def _skipped(
    one: Prepared, own: frozenset[str], silence: Silence, *, has_connection: bool
) -> dict[Channel, SkipReason]:
    skipped: dict[Channel, SkipReason] = {}
    if Channel.EMAIL in one.channels:
        if not has_connection:
            skipped[Channel.EMAIL] = SkipReason.NO_CONNECTION
        elif one.address.lower() in own and not _is_sign_in(one):
            skipped[Channel.EMAIL] = SkipReason.OWN_MAILBOX
    if silence.is_on and Channel.PUSH in one.channels and silence.keeps_back(one.address):
        skipped[Channel.PUSH] = SkipReason.SILENT_MODE
    return skipped


def _without_floods(prepared: list[Prepared]) -> list[Prepared]:
    most = company.get().most_per_address
    wanted = Counter(one.address for one in prepared if _counts(one))
    if most is None or not wanted:
        return prepared
    room = flood.room_for(wanted, most)
    if all(room[address] >= number for address, number in wanted.items()):
        return prepared
    return [_take_room(one, room) if _counts(one) else one for one in prepared]


def _take_room(one: Prepared, room: dict[str, int]) -> Prepared:
    room[one.address] -= 1
    return one if room[one.address] >= 0 else one.hindered(CROWDED)


def _counts(one: Prepared) -> bool:
    """Whether it is a mail that might be one of a loop; a link for signing in is asked for by a person."""
    return Channel.EMAIL in one.channels and one.hindrance is None and not _is_sign_in(one)


def _is_sign_in(one: Prepared) -> bool:
    return one.order.message_class is MessageClass.SIGN_IN
