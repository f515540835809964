"""A store of their own for tests that look into it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask


@pytest.fixture(params=["folder", "memory"])
def place(request: pytest.FixtureRequest, app: Flask, tmp_path: Path) -> Iterator[str]:
    """The application keeps its files in an empty place: a folder, then one that is no disk."""
    usual = app.config["VESTNIK"]
    address = str(tmp_path / "files") if request.param == "folder" else f"memory://{uuid4().hex}"
    app.config["VESTNIK"] = replace(usual, files_url=address)
    yield address
    app.config["VESTNIK"] = usual
