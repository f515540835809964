"""Each protocol that a connection may have has its transport, and people choose it by its name."""

from __future__ import annotations

import pytest

from webapp.messaging.mail_connections.models import Protocol
from webapp.messaging.mail_connections.transports import TRANSPORTS, protocol_names


@pytest.mark.pure
def test_every_protocol_has_a_transport_and_a_name() -> None:
    assert set(TRANSPORTS) == set(Protocol)
    assert [value for value, _name in protocol_names()] == [protocol.value for protocol in TRANSPORTS]
