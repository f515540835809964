"""Assets of others: the table, the mirror and what pages load."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from webapp.core import assets
from webapp.core.assets import ASSETS, Asset, WrongBytes, integrity_of, is_mirrored, mirror
from webapp.core.config import PROJECT_ROOT

NODE_MODULES = PROJECT_ROOT / "node_modules"
needs_packages = pytest.mark.skipif(not NODE_MODULES.is_dir(), reason="npm ci has not been run")
pytestmark = pytest.mark.pure


@pytest.fixture
def small_asset(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Asset:
    """The only asset: a file in a package folder of its own."""
    asset = Asset("small", "1.0.0", "small/dist/small.js", "small.js", integrity_of(b"let a = 1;"))
    monkeypatch.setattr(assets, "ASSETS", (asset,))
    (tmp_path / "packages/small/dist").mkdir(parents=True)
    (tmp_path / "packages/small/dist/small.js").write_bytes(b"let a = 1;")
    return asset


def test_mirror_copies_what_has_the_pinned_hash(small_asset: Asset, tmp_path: Path) -> None:
    assert mirror(tmp_path / "packages", tmp_path / "vendor") == [tmp_path / "vendor/small.js"]
    assert is_mirrored(small_asset, tmp_path / "vendor")


def test_mirror_refuses_other_bytes_and_copies_nothing(small_asset: Asset, tmp_path: Path) -> None:
    (tmp_path / "packages/small/dist/small.js").write_bytes(b"let a = 2;")
    with pytest.raises(WrongBytes, match="not the pinned"):
        mirror(tmp_path / "packages", tmp_path / "vendor")
    assert not (tmp_path / "vendor").exists()


def test_mirror_says_what_to_do_when_packages_are_missing(small_asset: Asset, tmp_path: Path) -> None:
    with pytest.raises(WrongBytes, match="run npm ci first"):
        mirror(tmp_path / "nowhere", tmp_path / "vendor")


def test_changed_copy_is_no_mirror(small_asset: Asset, tmp_path: Path) -> None:
    mirror(tmp_path / "packages", tmp_path / "vendor")
    (tmp_path / "vendor/small.js").write_bytes(b"alert(1)")
    assert not is_mirrored(small_asset, tmp_path / "vendor")


def test_every_asset_has_an_address_at_the_cdn_with_its_version() -> None:
    addresses = [asset.cdn_address for asset in ASSETS]
    assert "https://cdn.jsdelivr.net/npm/@tabler/core@1.6.1/dist/css/tabler.min.css" in addresses
    assert "https://cdn.jsdelivr.net/npm/htmx.org@4.0.1/dist/htmx.min.js" in addresses


def test_versions_of_table_and_package_json_agree() -> None:
    wanted = json.loads((PROJECT_ROOT / "package.json").read_text())["dependencies"]
    assert {asset.package: asset.version for asset in ASSETS} == wanted


def test_lock_file_has_hashes_and_no_addresses() -> None:
    lock = json.loads((PROJECT_ROOT / "package-lock.json").read_text())
    packages = [package for name, package in lock["packages"].items() if name]
    assert all(package["integrity"].startswith("sha512-") for package in packages)
    assert not any("resolved" in package for package in packages)


@needs_packages
def test_installed_packages_are_the_pinned_ones(tmp_path: Path) -> None:
    assert len(mirror(NODE_MODULES, tmp_path)) == len(ASSETS)


@needs_packages
def test_command_mirrors_without_any_library(tmp_path: Path) -> None:
    # -S leaves site-packages out: set-up runs this before anything is installed.
    command = [sys.executable, "-S", "-m", "webapp.core.assets", "mirror", "--to", str(tmp_path / "vendor")]
    done = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("mirrored") == len(ASSETS)


def test_command_fails_with_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert assets.main(["mirror", "--from", str(tmp_path), "--to", str(tmp_path / "vendor")]) == 1
    assert "run npm ci first" in capsys.readouterr().err


@needs_packages
@pytest.mark.skipif(shutil.which("npm") is None, reason="there is no npm here")
def test_lock_file_fits_package_json(tmp_path: Path) -> None:
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(PROJECT_ROOT / name, tmp_path)
    command = ["npm", "ci", "--ignore-scripts", "--dry-run", "--offline"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "in sync" not in done.stderr
