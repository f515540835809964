"""The finished bytes of a mail read back: they must say what was meant and nothing more.

A small strict reader, which shares no code with the writer, reads what the writer writes. What it does not
recognise goes before the judge: the standard parser, slow and lenient, with every value compared.
"""

from webapp.mail.header_guard import judge, strict_reader
from webapp.mail.header_guard.mismatch import HeaderMismatch
from webapp.mail.header_guard.octets import check_octets
from webapp.mail.outgoing import Mail

__all__ = ["HeaderMismatch", "check"]


def check(raw: bytes, mail: Mail) -> None:
    """Compare the bytes with the mail: octets, headers, people, parts and what is in them.

    Raises HeaderMismatch.
    """
    if not strict_reader.reads_as(raw, mail):
        check_octets(raw)
        judge.check(raw, mail)
