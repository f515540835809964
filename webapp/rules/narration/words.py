"""The words for kinds of event, for what was done, and for fields of settings."""

from __future__ import annotations

from typing import Final

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from webapp.events.kinds import EventKind
from webapp.messaging.messages.orders import Channel
from webapp.people.calendars.day_names import DAY_NAMES
from webapp.rules.event_actions import subscriber as event_actions

CHANNELS: Final[dict[str, LazyString]] = {Channel.EMAIL.value: _l("E-mail"), Channel.PUSH.value: _l("Push")}

#: What of a row can be set besides its channels.
PARTS: Final[dict[str, LazyString]] = {"condition": _l("Condition"), "moment": _l("When it fires")}

#: What kinds of event are called in filters.
KINDS: Final[dict[EventKind, LazyString]] = {
    EventKind.RECORD_CREATED: _l("Record registered"),
    EventKind.RECORD_CHANGED: _l("Record changed"),
    EventKind.RECORD_COMMENTED: _l("Comment"),
    EventKind.RECORD_SUBSCRIBED: _l("Subscription"),
    EventKind.RECORD_VOTED: _l("Vote"),
    EventKind.RECORD_APPROVER_REPLACED: _l("Approver replaced"),
    EventKind.RECORD_ESCALATED: _l("Escalation"),
    EventKind.RECORD_FILES_CHANGED: _l("Files"),
    EventKind.RECORD_RATED: _l("Rating"),
    EventKind.ACCOUNT_CREATED: _l("New account"),
    EventKind.ACCOUNT_CHANGED: _l("Account changed"),
    EventKind.PASSWORD_LINK_REQUESTED: _l("Password link requested"),
    EventKind.CONNECTION_CHANGED: _l("Mail connection changed"),
    EventKind.CONNECTION_PAUSED: _l("Mail connection paused"),
    EventKind.CONNECTION_RESUMED: _l("Mail connection works again"),
    EventKind.MAIL_STOPPED: _l("All mail waits for a release"),
    EventKind.MAIL_RELEASED: _l("Mail released"),
    EventKind.SETTING_CHANGED: _l("Setting changed"),
}

#: Icon, tone and what was done, for events that are not about records; the name of who did it stands before.
DEEDS: Final[dict[str, tuple[str, str, LazyString]]] = {
    EventKind.ACCOUNT_CREATED.value: ("user", "accent", _l("made an account")),
    EventKind.ACCOUNT_CHANGED.value: ("user", "neutral", _l("changed an account")),
    EventKind.PASSWORD_LINK_REQUESTED.value: ("key", "neutral", _l("asked for a link to set a password")),
    EventKind.CONNECTION_CHANGED.value: ("server", "neutral", _l("changed a mail connection")),
    EventKind.CONNECTION_PAUSED.value: (
        "pause",
        "warning",
        _l("paused a mail connection: its server cannot be used"),
    ),
    EventKind.CONNECTION_RESUMED.value: ("play", "success", _l("found that a mail server works again")),
    EventKind.MAIL_STOPPED.value: ("pause", "danger", _l("let all mail wait until somebody releases it")),
    EventKind.MAIL_RELEASED.value: ("play", "success", _l("released the mail that waited for it")),
    EventKind.SETTING_CHANGED.value: ("settings", "neutral", _l("changed settings")),
}

#: What the fields of accounts, connections and the company are called.
FIELDS: Final[dict[str, LazyString]] = {
    "base_url": _l("Base address"),
    "calendar": _l("Working calendar"),
    "country": _l("Public holidays"),
    "customers": _l("Customers"),
    **DAY_NAMES,
    "batch_interval_s": _l("Least interval between batches, s"),
    "charset": _l("Text charset"),
    "default_language": _l("Default language"),
    "department": _l("Department"),
    "email": _l("E-mail address"),
    "exception": _l("Exception"),
    "encryption": _l("Encryption"),
    "has_latin_headers": _l("Transliteration of e-mail headers"),
    "has_sign_in": _l("SMTP authentication"),
    "host": _l("Server"),
    "is_active": _l("Active"),
    "is_default": _l("Default"),
    "is_enabled": _l("Enabled"),
    "language": _l("Language"),
    "login": _l("Login"),
    "logo": _l("Logo in e-mails"),
    "manager_id": _l("Manager"),
    "most_attempts": _l("Most failed attempts to send an e-mail"),
    "most_in_batch": _l("Most e-mails in one batch"),
    "most_per_address": _l("E-mails to one address in ten minutes"),
    "name": _l("Name"),
    "notify_unregistered": _l("Write to people without an account"),
    "office": _l("Office"),
    "password": _l("Password"),
    "phone": _l("Telephone"),
    "port": _l("Port"),
    "protocol": _l("Protocol"),
    "retry_pause_s": _l("Pause between attempts, s"),
    "role": _l("Role"),
    "rules": _l("Rules"),
    "sender_name": _l("Sender name"),
    "sends_in_parts": _l("Send in parts"),
    "signature_en": _l("Signature in English e-mails"),
    "signature_ru": _l("Signature in Russian e-mails"),
    "silent_exceptions": _l("Exceptions from silent mode"),
    "silent_mode": _l("Silent mode"),
    "silent_note": _l("Why silent mode is on"),
    "subdivision": _l("Part of the country"),
    "support_address": _l("Support address"),
    "system_address": _l("System address"),
    "time_zone": _l("Time zone"),
    "title": _l("Job title"),
}

#: What subscribers are called.
SUBSCRIBERS: Final[dict[str, LazyString]] = {event_actions.NAME: _l("Event actions")}
