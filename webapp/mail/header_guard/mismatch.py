"""What the guard says when bytes and mail differ."""


class HeaderMismatch(ValueError):
    """The bytes differ from the mail that was meant; ``reason`` is a word for a screen.

    Reasons: bare_line_end, nul, long_line, eight_bit, no_body, header_line, unreadable, header_names,
    header_value, recipients, sender, reply_to, subject, date, message_id, parts, content.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def require(holds: bool, reason: str) -> None:  # noqa: FBT001 - the condition is the whole point
    """Raise HeaderMismatch with the reason unless the condition holds."""
    if not holds:
        raise HeaderMismatch(reason)
