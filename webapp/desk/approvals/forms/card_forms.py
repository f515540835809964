"""The small forms on an approval's card: a vote, a recall, somebody else who is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, Form, HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # stubs are older
from wtforms.form import BaseForm
from wtforms.validators import InputRequired, ValidationError

from webapp.desk.approvals.forms.people_field import PeopleField
from webapp.desk.approvals.models import ApprovalStage
from webapp.desk.records.forms.card_forms import clean_text
from webapp.languages.values import Reader
from webapp.people.accounts import queries as accounts
from webapp.people.accounts.models import Account

APPROVE, REJECT = "approve", "reject"


class VoteForm(Form):
    """Yes or no, with a comment, in the stage that the page showed."""

    stage = HiddenField()
    vote = StringField(validators=[InputRequired()])
    comment = TextAreaField(
        _l("Comment"),
        id="vote-comment",
        validators=[clean_text],
        description=_l("Say why when you reject"),
    )

    def validate_stage(self, field: Field) -> None:
        """Only the number of a stage."""
        if stage_number(field.data) is None:
            raise ValidationError(_("Load the page again and vote there."))

    def validate_vote(self, field: Field) -> None:
        """Only one of the two buttons."""
        if field.data not in {APPROVE, REJECT}:
            raise ValidationError(_("Press one of the two buttons."))

    @property
    def stage_number(self) -> int:
        """The stage in which the vote is meant."""
        return stage_number(self.stage.data) or 0

    @property
    def is_approval(self) -> bool:
        """Whether the vote is a yes."""
        return bool(self.vote.data == APPROVE)


class RecallForm(Form):
    """Why the question is taken back."""

    reason = TextAreaField(_l("Why is it recalled?"), id="recall-reason", validators=[clean_text])

    def validate_reason(self, field: Field) -> None:
        """Those who were asked deserve a reason."""
        if not field.data:
            raise ValidationError(_("Say why: the others will read it."))


class ReplacementForm(BaseForm):
    """Whom to ask in place of whom, in one stage."""

    def __init__(self, stage: ApprovalStage, viewer: Account, reader: Reader, typed: Any = None) -> None:  # noqa: ANN401 - form data
        number = stage.number
        people = [SelectChoice(str(each.account_id), each.account.name) for each in stage.missing]
        fields: dict[str, Any] = {
            "before": SelectField(
                _l("In place of"), choices=people, validate_choice=False, id=f"before-{number}"
            ),
            "after": PeopleField(
                _l("Ask"),
                viewer=viewer,
                reader=reader,
                is_needed=True,
                id=f"after-{number}",
                description=_l("A name or an e-mail address"),
            ),
        }
        super().__init__(fields)
        self.number = number
        self.known = {choice.value for choice in people}
        self.process(typed)

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """One person for one person."""
        is_good = super().validate(extra_validators)
        if self["before"].data not in self.known:
            self["before"].errors = [_("Choose somebody who has not voted yet.")]
            return False
        if is_good and len(self["after"].data) > 1:
            self["after"].errors = [_("Name one person.")]
            return False
        return is_good

    @property
    def asked_now(self) -> Account:
        """Who is asked now."""
        return _account(self["before"].data)

    @property
    def asked_instead(self) -> Account:
        """Who will be asked."""
        return _account(self["after"].data[0])


def stage_number(text: str | None) -> int | None:
    """Return the number of a stage; None for what is none."""
    is_number = text is not None and text.isascii() and text.isdecimal() and len(text) <= 2
    return int(text or 0) if is_number else None


def _account(account_id: object) -> Account:
    account = accounts.get_account(int(str(account_id)))
    if account is None:
        raise LookupError(f"the account {account_id} was there a moment ago")
    return account
