"""The form of a connection's pace: how carefully, how many at once, how many a minute and a day."""

from __future__ import annotations

from typing import Final

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, RadioField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # stubs are older
from wtforms.validators import InputRequired, NumberRange, Optional

from webapp.messaging.mail_connections.forms.fields import shown_number
from webapp.messaging.mail_connections.models import SendingMode
from webapp.messaging.mail_connections.services import Pace

MOST_SESSIONS: Final = 10
MOST_PER_MINUTE: Final = 100_000
MOST_PER_DAY: Final = 10_000_000


class PaceForm(FlaskForm):  # type: ignore[misc] # Flask-WTF has no types
    """How carefully and how fast messages leave through a connection."""

    sending_mode = RadioField(
        _l("Way of sending"),
        choices=[
            SelectChoice(
                SendingMode.CAREFUL.value,
                _l("Careful: if the program is killed, at most one message becomes doubtful"),
            ),
            SelectChoice(
                SendingMode.BULK.value,
                _l("Bulk: several times faster, but up to twenty messages may become doubtful"),
            ),
        ],
        default=SendingMode.CAREFUL.value,
        description=_l("A doubtful message may have arrived or not; it is repeated unchanged."),
    )
    most_sessions = IntegerField(
        _l("Sessions at once"),
        [
            InputRequired(_l("Write a number from 1 to 10.")),
            NumberRange(1, MOST_SESSIONS, _l("Write a number from 1 to 10.")),
        ],
        default=2,
        description=_l("From two on, one of them is kept for urgent messages"),
        render_kw={"inputmode": "numeric"},
    )
    most_per_minute = IntegerField(
        _l("Messages a minute"),
        [
            Optional(),
            NumberRange(1, MOST_PER_MINUTE, _l("Write a number from 1 to 100,000, or leave it empty.")),
        ],
        description=_l("Leave empty for no limit"),
        render_kw={"inputmode": "numeric"},
    )
    most_per_day = IntegerField(
        _l("Messages a day"),
        [
            Optional(),
            NumberRange(1, MOST_PER_DAY, _l("Write a number from 1 to 10,000,000, or leave it empty.")),
        ],
        description=_l("Leave empty for no limit; a day begins at midnight UTC"),
        render_kw={"inputmode": "numeric"},
    )
    version = HiddenField(default="0")

    def pace(self) -> Pace:
        """Return what was chosen."""
        return Pace(
            sending_mode=SendingMode(self.sending_mode.data),
            most_sessions=self.most_sessions.data or 1,
            most_per_minute=self.most_per_minute.data,
            most_per_day=self.most_per_day.data,
        )

    def shown_version(self) -> int:
        """Return the version that the person was shown; 0 when it makes no sense."""
        return shown_number(self.version.data)
