"""The part of a form that plans one stage, and the rows of stages as a browser sends them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import Field, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # stubs are older
from wtforms.form import BaseForm
from wtforms.validators import ValidationError

from webapp.desk.approvals.forms.people_field import PeopleField
from webapp.desk.approvals.outcomes import Rule
from webapp.desk.approvals.plans import MOST_STAGES, BadPlan, StagePlan, check_approvers, check_needed
from webapp.languages.values import Reader
from webapp.people.accounts.models import Account

RULES: Final = [
    SelectChoice(Rule.ALL.value, _l("Everybody has to approve")),
    SelectChoice(Rule.ANY.value, _l("One approval is enough")),
    SelectChoice(Rule.SOME.value, _l("A number of them has to approve")),
]
_NAME: Final = re.compile(r"stages-(\d{1,3})-(approvers|rule|needed)", re.ASCII)
_NUMBER: Final = re.compile(r"\d{1,3}", re.ASCII)

Row = dict[str, list[str]]


def _is_a_number(_form: BaseForm, field: Field) -> None:
    """Read the field as a small number, or as nothing. Validator."""
    typed = (field.data or "").strip()
    if typed and not _NUMBER.fullmatch(typed):
        raise ValidationError(_("Type a number, such as 2."))


class StageForm(BaseForm):
    """One stage: the people who are asked, and how many of them have to approve."""

    def __init__(self, number: int, row: Row, viewer: Account, reader: Reader) -> None:
        prefix = f"stages-{number}-"
        fields: dict[str, Any] = {
            "approvers": PeopleField(
                _l("Approvers"),
                viewer=viewer,
                reader=reader,
                is_needed=True,
                description=_l("Names or e-mail addresses, with semicolons between"),
            ),
            "rule": SelectField(_l("Decision"), choices=RULES, default=Rule.ALL.value),
            "needed": StringField(
                _l("How many"),
                description=_l("Only where a number of them has to approve"),
                render_kw={"inputmode": "numeric", "maxlength": 3},
                validators=[_is_a_number],
            ),
        }
        super().__init__(fields, prefix=prefix)
        self.number = number
        self.viewer = viewer
        typed = MultiDict((f"{prefix}{name}", text) for name, texts in row.items() for text in texts)
        self.process(typed or None)

    @property
    def plan(self) -> StagePlan:
        """The stage as it was typed."""
        typed = (self["needed"].data or "").strip()
        needed = int(typed) if _NUMBER.fullmatch(typed) else None
        rule = Rule(self["rule"].data)
        return StagePlan(tuple(self["approvers"].data or ()), rule, needed if rule is Rule.SOME else None)

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """Say beside each field what is wrong with it."""
        if not super().validate(extra_validators):
            return False
        return self._holds("approvers", lambda plan: check_approvers(plan.approver_ids, self.viewer.id)) and (
            self._holds("needed", check_needed)
        )

    def _holds(self, name: str, check: Any) -> bool:  # noqa: ANN401 - a check of a plan
        try:
            check(self.plan)
        except BadPlan as error:
            self[name].errors = [_(error.message, **error.facts)]
            return False
        return True


def read_rows(typed: Mapping[str, Any]) -> list[Row]:
    """Return the rows that a form sent in their order, with one added or taken away where a button asked so.

    Of too many rows one more than allowed is kept, so that the form can say that they are too many.
    """
    rows: dict[int, Row] = {}
    for name in typed:
        found = _NAME.fullmatch(name)
        if found:
            texts = typed.getlist(name) if isinstance(typed, MultiDict) else [typed[name]]
            rows.setdefault(int(found[1]), {})[found[2]] = texts
    ordered = [rows[number] for number in sorted(rows)][: MOST_STAGES + 1]
    return _rearranged(ordered, typed) or [{}]


def is_rearranging(typed: Mapping[str, Any]) -> bool:
    """Whether a button was pressed that only adds or takes away a stage."""
    return "add" in typed or "remove" in typed


def _rearranged(rows: list[Row], typed: Mapping[str, Any]) -> list[Row]:
    if "add" in typed and len(rows) < MOST_STAGES:
        return [*rows, {}]
    number = str(typed.get("remove", ""))
    gone = int(number) if _NUMBER.fullmatch(number) else 0
    return [row for place, row in enumerate(rows, 1) if place != gone]
