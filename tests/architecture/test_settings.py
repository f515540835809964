"""What is decided outside the browser stands in `.env.example`, and nothing else does."""

from __future__ import annotations

import ast
import re

import pytest

from tests.architecture.sources import ROOT

pytestmark = pytest.mark.pure

READERS = ("webapp/core/config.py", "webapp/launcher/environment.py", "deploy/gunicorn.py")
# The name under which Flask keeps what was read.
NO_VARIABLE = {"VESTNIK"}
NAME = re.compile(r"[A-Z][A-Z_]+")


def variables() -> set[str]:
    """Every variable that the program reads by its name: as an argument or in brackets."""
    trees = [ast.parse((ROOT / name).read_text(encoding="utf-8")) for name in READERS]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    words = [argument for node in nodes if isinstance(node, ast.Call) for argument in node.args]
    words += [node.slice for node in nodes if isinstance(node, ast.Subscript)]
    texts = {word.value for word in words if isinstance(word, ast.Constant) and isinstance(word.value, str)}
    return {text for text in texts if NAME.fullmatch(text)}


def test_every_variable_stands_in_the_example() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert set(re.findall(r"^#([A-Z_]+)=", example, re.MULTILINE)) == variables() - NO_VARIABLE
