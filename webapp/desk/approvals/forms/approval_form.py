"""The form that asks for an approval: the attributes of the record, and its stages below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from webapp.desk.approvals.forms.stage_form import StageForm, read_rows
from webapp.desk.approvals.plans import MOST_STAGES, BadPlan, StagePlan, check_number_of_stages
from webapp.desk.approvals.services import check_deadline
from webapp.desk.record_templates.models import RecordTemplate
from webapp.desk.records.forms.record_form import RecordForm
from webapp.languages.values import Reader
from webapp.people.accounts.models import Account


class ApprovalForm(RecordForm):
    """A new approval."""

    def __init__(
        self,
        template: RecordTemplate,
        viewer: Account,
        reader: Reader,
        *,
        typed: Any = None,  # noqa: ANN401 - the form data, as werkzeug gives it
        given: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(template, viewer, reader, typed=typed, given=given)
        rows = read_rows(typed or {})
        self.stages = [StageForm(number, row, viewer, reader) for number, row in enumerate(rows, 1)]

    @property
    def errors(self) -> dict[str, Any]:
        """What is wrong, each stage counted by itself."""
        found: dict[Any, Any] = dict(super().errors)
        of_stages = found.pop(None, [])
        return found | {f"stages-{place}": [error] for place, error in enumerate(of_stages, 1)}

    @property
    def can_add(self) -> bool:
        """Whether one more stage fits."""
        return len(self.stages) < MOST_STAGES

    @property
    def plans(self) -> list[StagePlan]:
        """The stages as they were typed."""
        return [stage.plan for stage in self.stages]

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """Say beside each field, and above all of them, what is wrong."""
        are_good = [super().validate(extra_validators), self._is_in_time()]
        for stage in self.stages:
            are_good.append(stage.validate())
            if not are_good[-1]:
                self.form_errors.append(
                    _("Stage %(number)s: %(error)s", number=stage.number, error=_error(stage))
                )
        return all([*are_good, self._has_fitting_stages()])

    def _is_in_time(self) -> bool:
        field = self["deadline"]
        try:
            check_deadline(field.data)
        except BadPlan as error:
            field.errors = [_(error.message, **error.facts)]
            return False
        return True

    def _has_fitting_stages(self) -> bool:
        try:
            check_number_of_stages(len(self.stages))
        except BadPlan as error:
            self.form_errors.append(_(error.message, **error.facts))
            return False
        return True


def _error(stage: StageForm) -> str:
    return str(next(error for field in stage for error in field.errors))
