"""Pages of approvals: asking for one, and what people do on its card."""

from webapp.desk.approvals import telling
from webapp.desk.approvals.views import boxes, card, new
from webapp.desk.approvals.views.blueprint import bp

__all__ = ["boxes", "bp", "card", "new", "telling"]
