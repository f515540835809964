"""Pages of event actions: the switchboard, the condition and the texts of a row."""

from webapp.rules.event_actions.views import condition, switches, texts, versions
from webapp.rules.event_actions.views.blueprint import bp

__all__ = ["bp", "condition", "switches", "texts", "versions"]
