"""The pages of agreements."""

from __future__ import annotations

from flask import Blueprint

from webapp.desk.agreements import keeping, recounts

__all__ = ["bp", "keeping", "recounts"]

bp = Blueprint("agreements", __name__)
