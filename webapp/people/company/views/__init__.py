"""The pages of the company card: its settings, the signatures, the logo of mails."""

from webapp.people.company.views import card, logo, signatures
from webapp.people.company.views.blueprint import bp

__all__ = ["bp", "card", "logo", "signatures"]
