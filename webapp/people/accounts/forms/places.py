"""Fields for where somebody stands in the company: manager, job title, department, office, telephone."""

from __future__ import annotations

from typing import Any

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, StringField
from wtforms.validators import Length
from wtforms.widgets import TextInput

from webapp.people.accounts import queries
from webapp.people.accounts.forms.fields import one_line, readable, refuse
from webapp.people.accounts.models import Account
from webapp.people.accounts.services import ManagerCircle, Place

LONGEST_LINE = 400


def line_of(account: Account) -> str:
    """Return how an account stands in a line of text that ``AccountField`` reads."""
    return f"{account.name} <{account.email}>"


class AccountField(Field):
    """A person, named by address or by a line that was offered; ``data`` is the active account, or None."""

    widget = TextInput()

    def process_data(self, value: Account | None) -> None:
        """Show who is chosen."""
        self.data: Account | None = value
        self.held = value
        self.line = line_of(value) if value else ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Find whom the line means; who was chosen already may stay, also when deactivated meanwhile."""
        if not valuelist:
            return
        self.line = one_line(str(valuelist[0]))
        self.data = queries.get_account_named(self.line[-LONGEST_LINE:])
        is_fitting = self.data is not None and (self.data.is_active or self.data is self.held)
        if self.line and not is_fitting:
            self.data = None
            raise ValueError(_("Nobody active has this address. Type a part of the name and take an offer."))

    def _value(self) -> str:
        return self.line


def text_field(label: LazyString, longest: int, autocomplete: str) -> StringField:
    """A line of text that may be empty, which is None."""
    return StringField(
        label,
        validators=[Length(max=longest), readable],
        filters=[lambda text: one_line(text) or None],
        render_kw={"autocomplete": autocomplete, "maxlength": longest},
    )


class PlaceFields:
    """The fields, for forms of accounts; technologists fill them in."""

    title = text_field(_l("Job title"), 120, "organization-title")
    department = text_field(_l("Department"), 120, "off")
    manager = AccountField(
        _l("Manager"),
        description=_l("Hears of deadlines that were missed. Type a part of the name, or the address."),
        render_kw={"autocomplete": "off", "maxlength": LONGEST_LINE},
    )
    office = text_field(_l("Office"), 120, "off")
    phone = text_field(_l("Telephone"), 40, "tel")

    @property
    def place(self) -> Place:
        """The place as it was filled in."""
        return Place(
            self.manager.data, self.title.data, self.department.data, self.office.data, self.phone.data
        )

    def refuse_circle(self, error: ManagerCircle) -> None:
        """Say beside the field who would come round to themselves."""
        words = _("This would be a circle: %(names)s. Choose somebody else.", names=" → ".join(error.names))
        refuse(self.manager, words)


def remove_places(form: Any) -> None:  # noqa: ANN401 - a form with these fields
    """Take the fields out of a form: its reader may not fill them in."""
    del form.title, form.department, form.manager, form.office, form.phone
