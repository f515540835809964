"""The project's own files, as the architecture tests read them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def python_files() -> tuple[Path, ...]:
    """Every Python file of the program (not of its tests)."""
    return tuple(sorted(path for folder in ("webapp", "jobs") for path in (ROOT / folder).rglob("*.py")))


@cache
def templates() -> tuple[Path, ...]:
    """Every template."""
    return tuple(sorted((ROOT / "templates").rglob("*.html"))) + tuple(
        sorted((ROOT / "templates").rglob("*.txt"))
    )


@cache
def tree(path: Path) -> ast.Module:
    """A file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"))


def calls(path: Path) -> Iterator[ast.Call]:
    """Every call in a file."""
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call))


def shown(path: Path) -> str:
    """A file's path as people write it."""
    return path.relative_to(ROOT).as_posix()
