"""Forms of the server and of the check."""

from __future__ import annotations

import re

import idna
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, HiddenField, IntegerField, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # stubs are older
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError

from webapp.messaging.mail_connections.forms.fields import no_controls, one_address, shown_number, stripped
from webapp.messaging.mail_connections.models import Encryption, MailConnection, Protocol
from webapp.messaging.mail_connections.services import ServerSettings, could_reach_others
from webapp.messaging.mail_connections.transports import net_policy, protocol_names

LONGEST_HOST = 253
_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.:-]*[A-Za-z0-9_:])?\.?")


class ServerForm(FlaskForm):  # type: ignore[misc] # Flask-WTF has no types
    """Where and how we connect."""

    host = StringField(
        _l("Server"),
        [DataRequired(_l("Name the mail server.")), Length(max=LONGEST_HOST)],
        filters=[stripped],
        description=_l("DNS name or IP address of the outgoing mail server"),
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    protocol = SelectField(_l("Protocol"), choices=protocol_names)
    encryption = SelectField(
        _l("Encryption protocol"),
        choices=[
            SelectChoice(Encryption.TLS.value, _l("SSL (encrypted from the start, usually port 465)")),
            SelectChoice(Encryption.STARTTLS.value, _l("TLS (STARTTLS, usually port 587)")),
            SelectChoice(Encryption.NONE.value, _l("No encryption (usually port 25)")),
        ],
        default=Encryption.STARTTLS.value,
    )
    port = IntegerField(
        _l("Port"),
        [
            InputRequired(_l("Write the port in digits, for example 587.")),
            NumberRange(1, 65535, _l("A port is a number from 1 to 65535.")),
        ],
        default=587,
        render_kw={"inputmode": "numeric"},
    )
    has_sign_in = BooleanField(
        _l("SMTP authentication"),
        description=_l("Turn it on if the server wants a login and a password; both count only then."),
    )
    login = StringField(
        _l("Login"),
        [Length(max=254), no_controls],
        filters=[stripped],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    password = PasswordField(_l("Password"), [Length(max=500), no_controls])
    version = HiddenField(default="0")

    def __init__(self, connection: MailConnection | None = None) -> None:
        super().__init__(obj=connection)
        self._connection = connection

    def validate_host(self, field: Field) -> None:
        """Refuse what is not a bare host name."""
        if "://" in field.data or "/" in field.data:
            raise ValidationError(_l("Write the name alone, without https:// and without a path."))
        try:
            name = field.data if field.data.isascii() else idna.encode(field.data, uts46=True).decode("ascii")
        except idna.IDNAError:
            name = ""
        if not _HOST.fullmatch(name) or len(name) > LONGEST_HOST:
            raise ValidationError(
                _l("This is not a server's name, like mail.example.com, nor an IP address.")
            )

    def validate_port(self, field: Field) -> None:
        """Refuse a port at which no mail server is to be expected."""
        allowed = net_policy().allowed_ports
        if allowed is not None and field.data not in allowed:
            ports = ", ".join(map(str, sorted(allowed)))
            raise ValidationError(
                _("Mail goes to the ports %(ports)s; another one is allowed by MAIL_PORTS.", ports=ports)
            )

    def validate_login(self, field: Field) -> None:
        """Require a login when it counts."""
        if self.has_sign_in.data and not field.data:
            raise ValidationError(_l("Write the login, or turn SMTP authentication off."))

    def validate_password(self, field: Field) -> None:
        """Require a password when it counts; a stored one is never sent to another server."""
        if not self.has_sign_in.data or field.data:
            return
        stored = self._connection
        if stored is None or not stored.sealed_password:
            raise ValidationError(_l("Write the password, or turn SMTP authentication off."))
        place = {"host": self.host.data, "port": self.port.data, "encryption": self.encryption.data}
        if could_reach_others(stored, **place):
            raise ValidationError(
                _l("The server changed: type the password again, so that it goes to nobody else.")
            )

    @property
    def has_password(self) -> bool:
        """Whether a password is stored."""
        return self._connection is not None and bool(self._connection.sealed_password)

    def settings(self) -> ServerSettings:
        """Return what was typed."""
        return ServerSettings(
            host=self.host.data or "",
            port=self.port.data or 0,
            encryption=Encryption(self.encryption.data),
            has_sign_in=self.has_sign_in.data,
            login=self.login.data or "",
            password=self.password.data or "",
            protocol=Protocol(self.protocol.data),
        )

    def shown_version(self) -> int:
        """Return the version that the person was shown; 0 when it makes no sense."""
        return shown_number(self.version.data)


class CheckForm(FlaskForm):  # type: ignore[misc] # Flask-WTF has no types
    """Where the check's test message goes, if anywhere."""

    address = StringField(
        _l("Send a test message to"),
        [Optional(), Length(max=254), one_address],
        filters=[stripped],
        description=_l("Leave empty to check without sending"),
        render_kw={"type": "email", "autocomplete": "email"},
    )
