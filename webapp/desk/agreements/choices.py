"""What the forms of agreements offer: services, priorities, calendars, customers, each with its name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import or_, select

from webapp.core.db import db
from webapp.desk.agreements import terms_text
from webapp.desk.agreements.book import CUSTOMER, PRIORITY, SERVICE
from webapp.desk.agreements.forms import Choices, Offer
from webapp.desk.agreements.models import Agreement
from webapp.desk.record_templates.models import Attribute, RecordTemplate
from webapp.desk.record_templates.queries import get_template, label
from webapp.desk.records import link_options
from webapp.desk.records.models import IS_ALIVE, Record
from webapp.languages.values.links import LARGEST_ID
from webapp.people.accounts.models import Account
from webapp.people.calendars.queries import list_calendars

#: More services than these do not fit into a list.
MOST_SERVICES: Final = 500
#: Records of this template are promised terms.
PROMISED_TEMPLATE: Final = "ticket"


@dataclass(frozen=True)
class RuleInWords:
    """One rule as people read it; no service and no priority are any."""

    service: str | None
    priority: str | None
    reaction: str
    resolution: str


def offer(language: str, agreement: Agreement | None = None) -> Offer:
    """Return everything that the form of an agreement offers; what it uses already stays a choice."""
    used = {rule.service_id for rule in agreement.rules if rule.service_id} if agreement else set()
    return Offer(_services(used), _priorities(language), list_calendars())


def rules_in_words(agreement: Agreement, offer: Offer) -> list[RuleInWords]:
    """Return the rules, the narrowest first."""
    services, priorities = dict(offer.services), dict(offer.priorities)
    ordered = sorted(
        agreement.rules,
        key=lambda each: (
            each.service_id is None,
            each.priority is None,
            each.service_id or 0,
            each.priority or 0,
        ),
    )
    return [
        RuleInWords(
            services.get(str(rule.service_id), f"#{rule.service_id}") if rule.service_id else None,
            priorities.get(str(rule.priority), str(rule.priority)) if rule.priority else None,
            terms_text.as_clock(rule.reaction_s),
            terms_text.as_clock(rule.resolution_s),
        )
        for rule in ordered
    ]


def list_customers(viewer: Account) -> list[str]:
    """Return customers as a line of text can name them."""
    attribute = _customer()
    return [option.words for option in link_options.find_options(attribute, viewer, "")] if attribute else []


def find_customer(typed: str, viewer: Account) -> int | None:
    """Return the customer that was meant: by number, or by the only name that fits."""
    attribute = _customer()
    if attribute is None:
        return None
    number = link_options.chosen_id(attribute, typed)
    if number is not None and link_options.is_option(attribute, viewer, number):
        return number
    found = link_options.find_options(attribute, viewer, typed)
    return found[0].id if len(found) == 1 else None


def _services(used: Iterable[int]) -> Choices:
    template = get_template(SERVICE)
    if template is None:
        return []
    query = select(Record.id, Record.title).where(Record.template_id == template.id)
    query = query.where(or_(IS_ALIVE, Record.id.in_([each for each in used if each <= LARGEST_ID])))
    rows = db.session.execute(query.order_by(Record.id).limit(MOST_SERVICES))
    return sorted(((str(row.id), row.title) for row in rows), key=lambda pair: pair[1].casefold())


def _priorities(language: str) -> Choices:
    attribute = _attribute(PRIORITY)
    listed: list[Any] = attribute.options.get("choices", []) if attribute else []
    return [(str(each["name"]), label(each["names"], language)) for each in listed]


def _customer() -> Attribute | None:
    return _attribute(CUSTOMER)


def _attribute(name: str) -> Attribute | None:
    template: RecordTemplate | None = get_template(PROMISED_TEMPLATE)
    found = template.live_attributes if template else []
    return next((each for each in found if each.system_name == name), None)
