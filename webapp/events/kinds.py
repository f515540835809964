"""Every kind of event, in the past tense."""

from enum import StrEnum


class EventKind(StrEnum):
    """What can happen; the documentation beside each is shown in the event journal's manual."""

    RECORD_CREATED = "record.created"
    """A record was registered; ``changes`` hold its first values."""
    RECORD_CHANGED = "record.changed"
    """Attributes or the status of a record changed in one save; a comment of the same save is in ``data``."""
    RECORD_COMMENTED = "record.commented"
    """Somebody remarked on a record and changed nothing else."""
    RECORD_SUBSCRIBED = "record.subscribed"
    """Somebody became or ceased to be an observer of a record."""
    RECORD_RATED = "record.rated"
    """The requester said what the work was worth; ``data`` has the stars and the words."""
    ACCOUNT_CREATED = "account.created"
    """An account was made."""
    ACCOUNT_CHANGED = "account.changed"
    """An account's name, role, address or activity changed."""
    PASSWORD_LINK_REQUESTED = "account.password_link_requested"  # noqa: S105 - a name, not a password
    """Somebody asked for a link to set a password; ``data`` holds it sealed."""
    CONNECTION_CHANGED = "connection.changed"
    """The settings of a mail connection changed; secrets are masked."""
    CONNECTION_PAUSED = "connection.paused"
    """A mail server could not be used, so its messages wait."""
    CONNECTION_RESUMED = "connection.resumed"
    """A mail server works again."""
    MAIL_STOPPED = "mail.stopped"
    """All mail waits for a release: the database seems to be a backup, or somebody asked for it."""
    MAIL_RELEASED = "mail.released"
    """Somebody let the mail go that waited for a release."""
    SETTING_CHANGED = "setting.changed"
    """A setting of the installation changed; secrets are masked."""
