"""What a person decides about one delivery, with the note that tells how it went. The caller commits."""

from __future__ import annotations

from flask_babel import gettext as _

from webapp.core import htmx
from webapp.messaging.messages import services, states
from webapp.messaging.messages.models import Delivery
from webapp.people.accounts.rights import current_account


def cancel(delivery: Delivery) -> None:
    """Cancel a delivery that has not arrived, as far as we know."""
    try:
        services.cancel(delivery, actor_id=current_account().id)
    except services.TooLate:
        htmx.toast(_("Too late: it is already being sent, or it has ended."), "warning")
        return
    copies = states.copy_words(delivery)
    htmx.toast(
        f"{_('Cancelled: it is not repeated.')} {copies}" if copies else _("Cancelled: it is not sent.")
    )


def send_again(delivery: Delivery) -> None:
    """Put a delivery that did not arrive back into the queue."""
    try:
        services.send_again(delivery, actor_id=current_account().id)
    except services.TooLate:
        htmx.toast(_("It cannot be sent again: it is waiting or was sent."), "warning")
    except services.KeptSilent:
        htmx.toast(
            _("Not sent: silent mode is on. Turn it off first, or put the address on its list."),
            "warning",
        )
    else:
        htmx.toast(_("It waits to be sent again."))
