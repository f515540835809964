"""What votes come to: a stage is decided as soon as no further vote could change its outcome."""

from __future__ import annotations

from enum import StrEnum


class Rule(StrEnum):
    """How many of those who are asked in a stage have to approve."""

    ALL = "all"
    ANY = "any"
    SOME = "some"


class Outcome(StrEnum):
    """How a stage or an approval ended. The words are those of the approval's statuses."""

    APPROVED = "approved"
    REJECTED = "rejected"
    RECALLED = "recalled"


def approvals_needed(rule: Rule, asked: int, needed: int | None) -> int:
    """Return how many of the asked have to approve; ``needed`` is what the rule "some" says."""
    return {Rule.ALL: asked, Rule.ANY: 1, Rule.SOME: needed or asked}[rule]


def outcome_of(asked: int, needed: int, approved: int, rejected: int) -> Outcome | None:
    """Return what the votes of a stage come to; None while it is open.

    Approved with the last approval that is needed, rejected when so many approvals cannot come any more.
    """
    if approved >= needed:
        return Outcome.APPROVED
    return Outcome.REJECTED if asked - rejected < needed else None
