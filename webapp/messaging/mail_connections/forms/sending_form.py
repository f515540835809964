"""Forms of the block Sending: names and addresses, how mail is written and tried again, its presets."""

from __future__ import annotations

from typing import Final

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, HiddenField, IntegerField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # stubs are older
from wtforms.validators import DataRequired, Length, NumberRange, Optional, ValidationError

from webapp.mail.charsets import CHARSETS
from webapp.messaging.mail_connections.forms.fields import no_controls, one_address, shown_number, stripped
from webapp.messaging.mail_connections.sending_rules import Preset, SendingRules
from webapp.messaging.mail_connections.services import SendingParameters

MOST_ATTEMPTS: Final = 100
LONGEST_PAUSE_S: Final = 86_400
#: So many at most are in the hands of one sender.
MOST_IN_BATCH: Final = 400
LONGEST_INTERVAL_S: Final = 3_600


class SendingForm(FlaskForm):  # type: ignore[misc] # Flask-WTF has no types
    """Who the mail comes from and where answers go."""

    support_address = StringField(
        _l("Support e-mail address"),
        [DataRequired(_l("Without this address no e-mail is sent.")), Length(max=254), one_address],
        filters=[stripped],
        description=_l("Answers go here: Reply-To of each message"),
        render_kw={"type": "email", "autocomplete": "off"},
    )
    system_address = StringField(
        _l("System e-mail address"),
        [DataRequired(_l("Without this address no e-mail is sent.")), Length(max=254), one_address],
        filters=[stripped],
        description=_l("The address in From of each message; the server must allow it to this login"),
        render_kw={"type": "email", "autocomplete": "off"},
    )
    sender_name = StringField(
        _l("Sender name"),
        [DataRequired(_l("Without this name no e-mail is sent.")), Length(max=120), no_controls],
        filters=[stripped],
        description=_l("The name that people see in From"),
    )
    version = HiddenField(default="0")

    def parameters(self) -> SendingParameters:
        """Return what was typed."""
        fields = (self.support_address, self.system_address, self.sender_name)
        return SendingParameters(*(field.data or "" for field in fields))

    def shown_version(self) -> int:
        """Return the version that the person was shown; 0 when it makes no sense."""
        return shown_number(self.version.data)


def _number(label: LazyString, most: int, error: LazyString, description: LazyString) -> IntegerField:
    return IntegerField(
        label,
        [Optional(), NumberRange(1, most, error)],
        description=description,
        render_kw={"inputmode": "numeric"},
    )


class WholeSendingForm(SendingForm):
    """All of the block, for technologists."""

    charset = SelectField(
        _l("Text charset"),
        choices=[SelectChoice(code, name) for code, name in CHARSETS.items()],
        description=_l(
            "What cannot be written in it goes out as UTF-8, which every mail program of today reads."
        ),
    )
    has_latin_headers = BooleanField(
        _l("Transliteration of e-mail headers"),
        description=_l(
            "Subject and sender name in Latin letters, as in passports; for programs that know no others"
        ),
    )
    most_attempts = _number(
        _l("Most failed attempts to send an e-mail"),
        MOST_ATTEMPTS,
        _l("Write a number from 1 to 100, or leave it empty."),
        _l("Leave empty to try for 72 hours"),
    )
    retry_pause_s = _number(
        _l("Pause between attempts, s"),
        LONGEST_PAUSE_S,
        _l("Write a number from 1 to 86,400, or leave it empty."),
        _l("Leave empty for pauses that grow: 1, 5, 15, 30 minutes, then hourly"),
    )
    most_in_batch = _number(
        _l("Most e-mails in one batch"),
        MOST_IN_BATCH,
        _l("Write a number from 1 to 400, or leave it empty."),
        _l("A batch is one session with the server. Leave empty for no limit"),
    )
    batch_interval_s = _number(
        _l("Least interval between batches, s"),
        LONGEST_INTERVAL_S,
        _l("Write a number from 1 to 3,600, or leave it empty."),
        _l("Leave empty for none. With it, urgent e-mails wait for the next batch too"),
    )
    sends_in_parts = BooleanField(
        _l("Send in parts"),
        description=_l("When the server refuses some recipients of a message, the others still get it."),
    )

    def validate_batch_interval_s(self, field: Field) -> None:
        """Require a size for batches that have an interval between them."""
        if field.data and self.most_in_batch.data is None:
            raise ValidationError(_l("Say how many e-mails make a batch, or leave the interval empty."))

    def rules(self) -> SendingRules:
        """Return what was chosen."""
        return SendingRules(
            charset=self.charset.data,
            has_latin_headers=bool(self.has_latin_headers.data),
            most_attempts=self.most_attempts.data,
            retry_pause_s=self.retry_pause_s.data,
            most_in_batch=self.most_in_batch.data,
            batch_interval_s=self.batch_interval_s.data,
            sends_in_parts=bool(self.sends_in_parts.data),
        )


class RestoreForm(FlaskForm):  # type: ignore[misc] # Flask-WTF has no types
    """Whose values the block goes back to; names and addresses stay."""

    preset = RadioField(
        _l("Whose values"),
        choices=[
            SelectChoice(
                Preset.OURS.value,
                _l("Vestnik's own: pauses that grow, for 72 hours; no batches"),
            ),
            SelectChoice(
                Preset.ORIGINAL.value,
                _l("As in the original: 5 attempts, 120 s; batches of 10 every 20 s"),
            ),
        ],
        default=Preset.OURS.value,
    )
    version = HiddenField(default="0")

    def shown_version(self) -> int:
        """Return the version that the person was shown; 0 when it makes no sense."""
        return shown_number(self.version.data)
