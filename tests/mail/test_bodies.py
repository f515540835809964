"""Bodies and their transfer encodings, compared with what the standard library makes of the whole at once."""

from base64 import encodebytes
from binascii import b2a_qp

import pytest
from hypothesis import given

from tests.mail.mails import BODY, examples
from webapp.mail.bodies import encode_body, encode_octets
from webapp.mail.header_guard.intended import canonical_octets


@given(BODY)
@examples(200)
def test_quoted_printable_is_the_same_line_by_line(text):
    latin = f"é{' and plain words' * 9}{text}"
    encoding, octets = encode_body(latin)
    assert encoding != "quoted-printable" or octets == b2a_qp(canonical_octets(latin), istext=True)


@pytest.mark.parametrize("number", [1, 50, 500, 5000])
def test_a_text_of_any_length_is_quoted_in_the_same_way(number):
    text = (
        "a = b, which is a line that is longer than a line of quoted-printable may be, é\n.\nend \n" * number
    )
    assert encode_body(text).octets == b2a_qp(text.replace("\n", "\r\n").encode(), istext=True)


@pytest.mark.parametrize("size", [0, 1, 56, 57, 58, 113, 114, 115, 14_591, 14_592, 14_593, 100_000])
def test_base64_has_full_lines_and_a_rest(size):
    octets = bytes(number % 251 for number in range(size))
    assert encode_octets(octets) == encodebytes(octets).replace(b"\n", b"\r\n")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_each_kind_of_line_end_becomes_crlf(end):
    assert encode_body(end.join(["one", "two", ""])).octets == b"one\r\ntwo\r\n"


def test_what_utf_8_lacks_is_a_question_mark():
    assert encode_body("a\ud800b") == ("7bit", b"a?b\r\n")
