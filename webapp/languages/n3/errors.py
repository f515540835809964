"""What is wrong with a program."""

from __future__ import annotations

from webapp.languages.errors import LanguageError


class ProgramError(LanguageError):
    """A program cannot be read, or something in it has no meaning."""
