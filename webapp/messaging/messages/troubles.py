"""The troubles of the journal: each group with its extent, its time and an example."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.messaging.messages import groups, queries
from webapp.messaging.messages.groups import Extent, Group
from webapp.messaging.messages.models import Delivery


@dataclass(frozen=True)
class Trouble:
    """A group of deliveries that waits for a person; the newest of them stands for all."""

    group: Group
    extent: Extent
    oldest: Delivery
    newest: Delivery

    @property
    def is_cut(self) -> bool:
        """Whether there are more than were counted."""
        return self.extent.count > groups.MOST_COUNTED


def list_troubles(there: Sequence[Group]) -> list[Trouble]:
    """Return the groups with what is in them, the one with the newest delivery first."""
    extents = {group: extent for group in there if (extent := groups.extent_of(group)) is not None}
    ids = {number for extent in extents.values() for number in (extent.first_id, extent.last_id)}
    deliveries = queries.list_with_messages(ids)
    found = [
        Trouble(group, extent, deliveries[extent.first_id], deliveries[extent.last_id])
        for group, extent in extents.items()
        if {extent.first_id, extent.last_id} <= deliveries.keys()
    ]
    return sorted(found, key=lambda trouble: trouble.extent.last_id, reverse=True)
