"""How static files are addressed and cached: by version, for a year; every other answer is never stored."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, request

from webapp.core import assets

YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class AssetLink:
    """What a page writes to load one asset: its address, and its hash when it comes from elsewhere."""

    address: str
    integrity: str | None
    is_style: bool


def init_app(app: Flask) -> None:
    """Give pages ``asset_links()`` and put versions and caching on every static file."""
    folder = Path(app.static_folder or assets.ROOT / "static")
    is_fixed = not (app.debug or app.testing)

    @app.url_defaults
    def add_version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and "filename" in values:
            version = version_of(folder / values["filename"], is_fixed=is_fixed)
            if version:
                values["v"] = version

    mirrored = {asset for asset in assets.ASSETS if assets.is_mirrored(asset, folder / "vendor")}

    def asset_links(bundle: str = assets.EVERY_PAGE) -> list[AssetLink]:
        wanted = [asset for asset in assets.ASSETS if asset.bundle == bundle]
        return [_link(app, asset, is_local=asset in mirrored) for asset in wanted]

    app.jinja_env.globals["asset_links"] = asset_links
    app.after_request(_set_caching)


def foreign_origins(app: Flask) -> tuple[str, ...]:
    """Return the foreign origins that scripts and styles come from: none once everything is mirrored."""
    vendor = Path(app.static_folder or assets.ROOT / "static") / "vendor"
    is_complete = all(assets.is_mirrored(asset, vendor) for asset in assets.ASSETS)
    return () if is_complete else (assets.CDN_ORIGIN,)


def version_of(path: Path, *, is_fixed: bool) -> str | None:
    """Return a short hash of the file's content, or None when there is no such file.

    While developing a file changes under the running program, so its time of change is part of the key.
    """
    try:
        changed_at = 0 if is_fixed else path.stat().st_mtime_ns
        return _hash_of(path, changed_at)
    except OSError:
        return None


@cache
def _hash_of(path: Path, _changed_at: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def _link(app: Flask, asset: assets.Asset, *, is_local: bool) -> AssetLink:
    if is_local:
        return AssetLink(app.url_for("static", filename=f"vendor/{asset.vendor_path}"), None, asset.is_style)
    return AssetLink(asset.cdn_address, asset.integrity, asset.is_style)


def _set_caching(response: Response) -> Response:
    if request.endpoint == "static" and response.status_code in {200, 206, 304}:
        if "v" in request.args:
            response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    elif "Cache-Control" not in response.headers:
        # A page holds what one person may see; a copy in a cache would outlive the sign-out.
        response.headers["Cache-Control"] = "no-store"
    return response
