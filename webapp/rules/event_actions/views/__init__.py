"""Pages of event actions: the switchboard, and the condition of a row."""

from webapp.rules.event_actions.views import condition, switches
from webapp.rules.event_actions.views.blueprint import bp

__all__ = ["bp", "condition", "switches"]
