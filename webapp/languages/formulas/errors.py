"""What is wrong with a formula."""

from __future__ import annotations

from webapp.languages.errors import LanguageError, Place

__all__ = ["FormulaError", "Place"]


class FormulaError(LanguageError):
    """A formula cannot be read or has no value."""
