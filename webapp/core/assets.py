"""The scripts and style sheets of others: where they come from, and how a local copy is made and trusted.

``python -m webapp.core.assets mirror`` runs before anything is installed, so only the standard library is
imported here.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path

CDN_ORIGIN = "https://cdn.jsdelivr.net"
ROOT = Path(__file__).resolve().parents[2]

#: On which pages a file is loaded: on all, or on those with an editor of formulas and programs.
EVERY_PAGE = "every page"
EDITOR = "editor"


@dataclass(frozen=True)
class Asset:
    """One file of an npm package, known by its hash; pages load it with the others of its bundle."""

    name: str
    version: str
    package_path: str
    vendor_path: str
    integrity: str
    bundle: str = EVERY_PAGE

    @property
    def package(self) -> str:
        """Return the package's name, with its scope."""
        parts = self.package_path.split("/")
        return "/".join(parts[:2]) if parts[0].startswith("@") else parts[0]

    @property
    def cdn_address(self) -> str:
        """Return the address of the same bytes at the CDN."""
        inner_path = self.package_path.removeprefix(self.package)
        return f"{CDN_ORIGIN}/npm/{self.package}@{self.version}{inner_path}"

    @property
    def is_style(self) -> bool:
        """Say whether this is a style sheet rather than a script."""
        return self.vendor_path.endswith(".css")


ASSETS = (
    Asset(
        name="tabler",
        version="1.6.1",
        package_path="@tabler/core/dist/css/tabler.min.css",
        vendor_path="tabler.min.css",
        integrity="sha384-tT2UAGE9hxG/p5d0iGIvZ/s8El3nWWG3tfG02i8iOY5Pbf8cZZRVmcrrVs+JG5Vw",
    ),
    Asset(
        name="htmx",
        version="4.0.1",
        package_path="htmx.org/dist/htmx.min.js",
        vendor_path="htmx.min.js",
        integrity="sha384-Qp9rdC8H7EqOoX+nR0P3RPG2Noji+qdwJlGpfzwQJsfOpp3sGwIdSP9xO3+UlEhn",
    ),
    Asset(
        name="hx-sse",
        version="4.0.1",
        package_path="htmx.org/dist/ext/hx-sse.min.js",
        vendor_path="hx-sse.min.js",
        integrity="sha384-v8HvucQ+ohQhMg0arboXc5049yNR46QKMjphs7YDch+Wm7zpfK5XVS01f26mQDJV",
    ),
    Asset(
        name="codemirror-style",
        version="5.65.21",
        package_path="codemirror/lib/codemirror.css",
        vendor_path="codemirror.css",
        integrity="sha384-bsaAhvdduZPAwUb7RRLRvDgtEtOsggrgjkr/EjPO1i/vdoi+DmdLaG79UOt6M5hD",
        bundle=EDITOR,
    ),
    Asset(
        name="codemirror-hint-style",
        version="5.65.21",
        package_path="codemirror/addon/hint/show-hint.css",
        vendor_path="show-hint.css",
        integrity="sha384-kRjsHewXHC/tDWR5ARIYrr4L9IxbrrwQK6SDeJhyeC1zxtq7P9RYvyBp/H8lah6U",
        bundle=EDITOR,
    ),
    Asset(
        name="codemirror",
        version="5.65.21",
        package_path="codemirror/lib/codemirror.js",
        vendor_path="codemirror.js",
        integrity="sha384-YbR2n4zUtdAz2YuqQsJFpjrgTl5SPEm0NG+y8/y3R63tAWTA3O7TOyIWyYYcqUqU",
        bundle=EDITOR,
    ),
    Asset(
        name="codemirror-mode",
        version="5.65.21",
        package_path="codemirror/addon/mode/simple.js",
        vendor_path="simple-mode.js",
        integrity="sha384-qeu+SDWpTAqXUyXdqdwbMDeYSQiv6rErEHLJ/cITY3wtuYhN2LdBSBZeS7Jyn8nv",
        bundle=EDITOR,
    ),
    Asset(
        name="codemirror-hint",
        version="5.65.21",
        package_path="codemirror/addon/hint/show-hint.js",
        vendor_path="show-hint.js",
        integrity="sha384-hgYcouq6Guwa7Sq//tR+C0EUWtpH99eqSERq/pRCZhI/PFlxofIegzbImONYC8S1",
        bundle=EDITOR,
    ),
)


class WrongBytes(Exception):
    """A file is missing or is not the one whose hash is written in ASSETS."""


def integrity_of(content: bytes) -> str:
    """Return the sha384 of the content in the form that browsers expect in ``integrity``."""
    return "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()


def is_mirrored(asset: Asset, vendor: Path) -> bool:
    """Say whether the local copy is there and is exactly the file that was pinned."""
    path = vendor / asset.vendor_path
    return path.is_file() and integrity_of(path.read_bytes()) == asset.integrity


def mirror(packages: Path, vendor: Path) -> list[Path]:
    """Copy every asset from the installed npm packages and return the copies.

    Nothing is copied when one of them is wrong. Raises WrongBytes.
    """
    contents = {asset: _read_checked(asset, packages) for asset in ASSETS}
    vendor.mkdir(parents=True, exist_ok=True)
    for asset, content in contents.items():
        (vendor / asset.vendor_path).write_bytes(content)
    return [vendor / asset.vendor_path for asset in contents]


def _read_checked(asset: Asset, packages: Path) -> bytes:
    path = packages / asset.package_path
    if not path.is_file():
        raise WrongBytes(f"{path} is missing: run npm ci first")
    content = path.read_bytes()
    if integrity_of(content) != asset.integrity:
        raise WrongBytes(f"{path} is not the pinned {asset.version}: its hash is {integrity_of(content)}")
    return content


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m webapp.core.assets")
    parser.add_argument("command", choices=["mirror"])
    parser.add_argument("--from", dest="packages", type=Path, default=ROOT / "node_modules")
    parser.add_argument("--to", dest="vendor", type=Path, default=ROOT / "static" / "vendor")
    options = parser.parse_args(arguments)
    try:
        copies = mirror(options.packages, options.vendor)
    except WrongBytes as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write("".join(f"mirrored {copy}\n" for copy in copies))
    return 0


if __name__ == "__main__":
    sys.exit(main())
