"""Fixtures of the attacks."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.attacks.world import World, build_world
from tests.support.redis_server import RedisServer


@pytest.fixture
def world(app: Flask, redis_server: RedisServer) -> World:
    """A desk with one of everything."""
    return build_world(app, redis_server)
