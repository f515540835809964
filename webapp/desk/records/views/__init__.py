"""Pages of records: lists, search, the card with its actions, the forms."""

from webapp.desk.records.views import actions, boxes, card, edit, files, lists, mentions
from webapp.desk.records.views.blueprint import bp

__all__ = ["actions", "boxes", "bp", "card", "edit", "files", "lists", "mentions"]
