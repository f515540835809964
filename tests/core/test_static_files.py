"""Static files: versions in addresses, caching, and the choice between a local copy and the CDN."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from flask import Flask, Response, render_template_string

from tests.support.shell import make_shell
from webapp.core import static_files
from webapp.core.assets import ASSETS, CDN_ORIGIN, Asset, integrity_of

pytestmark = pytest.mark.pure

LINKS = (
    "{% for link in asset_links() + asset_links('editor') %}"
    "{{ link.address }} {{ link.integrity }}\n"
    "{% endfor %}"
)


def make_app(folder: Path) -> Flask:
    app = Flask("files", static_folder=str(folder), static_url_path="/static")
    app.testing = True
    static_files.init_app(app)
    app.add_url_rule("/links", "links", lambda: render_template_string(LINKS))
    app.add_url_rule("/own", "own", lambda: Response("", headers={"Cache-Control": "no-cache"}))
    return app


@pytest.fixture
def mirrored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A static folder in which the only asset is mirrored."""
    asset = Asset("small", "1.0.0", "small/dist/small.js", "small.js", integrity_of(b"let a = 1;"))
    monkeypatch.setattr(static_files.assets, "ASSETS", (asset,))
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor/small.js").write_bytes(b"let a = 1;")
    return tmp_path


def test_address_of_a_file_changes_with_its_content(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("a{}")
    app = make_app(tmp_path)
    with app.test_request_context():
        before = app.url_for("static", filename="a.css")
        (tmp_path / "a.css").write_text("b{}  ")
        assert before != app.url_for("static", filename="a.css")
        assert "?v=" in before


def test_file_that_is_not_there_has_an_address_without_version(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    with app.test_request_context():
        assert app.url_for("static", filename="gone.css") == "/static/gone.css"


def test_versioned_file_is_kept_for_a_year(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("a{}")
    app = make_app(tmp_path)
    with app.test_request_context():
        address = app.url_for("static", filename="a.css")
    assert "immutable" in app.test_client().get(address, buffered=True).headers["Cache-Control"]
    assert "immutable" not in app.test_client().get("/static/a.css", buffered=True).headers["Cache-Control"]


def test_page_is_never_stored(tmp_path: Path) -> None:
    client = make_app(tmp_path).test_client()
    assert client.get("/links").headers["Cache-Control"] == "no-store"
    assert client.get("/missing").headers["Cache-Control"] == "no-store"
    assert client.get("/static/missing.css?v=1").headers["Cache-Control"] == "no-store"


def test_caching_that_a_view_has_set_stays(tmp_path: Path) -> None:
    assert make_app(tmp_path).test_client().get("/own").headers["Cache-Control"] == "no-cache"


def test_mirrored_asset_comes_from_here(mirrored: Path) -> None:
    app = make_app(mirrored)
    assert app.test_client().get("/links").text.startswith("/static/vendor/small.js?v=")
    assert static_files.foreign_origins(app) == ()


def test_changed_copy_comes_from_the_cdn_with_its_hash(mirrored: Path) -> None:
    (mirrored / "vendor/small.js").write_bytes(b"alert(1)")
    app = make_app(mirrored)
    assert (
        app.test_client().get("/links").text.startswith(f"{CDN_ORIGIN}/npm/small@1.0.0/dist/small.js sha384-")
    )
    assert static_files.foreign_origins(app) == (CDN_ORIGIN,)


def test_page_loads_everything_from_the_cdn_when_nothing_is_mirrored(tmp_path: Path) -> None:
    shutil.copytree(
        Path(make_shell().static_folder or ""), tmp_path / "static", ignore=shutil.ignore_patterns("vendor")
    )
    app = make_app(tmp_path / "static")
    text = app.test_client().get("/links").text
    assert [line.split() for line in text.split("\n") if line] == [
        [a.cdn_address, a.integrity] for a in ASSETS
    ]
