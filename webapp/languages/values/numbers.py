"""Numbers: exact decimals with up to 18 digits before the point and nine after."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from babel.numbers import format_decimal

from webapp.languages.values.kind import N_, BadOption, BadValue, Json, Kind, Options, Reader, Value
from webapp.languages.values.sort_keys import FRACTION_DIGITS, WHOLE_DIGITS, number_key

LONGEST = 40
_PATTERN = re.compile(r"[+-]?\d{1,30}([.,]\d{1,30})?", re.ASCII)
_SPACES = re.compile(r"[\s'’_]")


class NumberKind(Kind):
    """A number; ``decimals`` may follow the point, ``minimum`` and ``maximum`` bound it."""

    name = "number"
    widget = "line"
    option_names = frozenset({"decimals", "minimum", "maximum"})

    def parse(self, text: str, options: Options, reader: Reader) -> Decimal | None:
        """Read digits with a point or a comma; spaces between digits are skipped."""
        text = _SPACES.sub("", text).replace("−", "-")
        if not text:
            return None
        if len(text) > LONGEST or not _PATTERN.fullmatch(text):
            raise BadValue(N_("Type a number, such as 12 or 3.5."))
        number = Decimal(text.replace(",", "."))
        _check_size(number, options)
        return _plain(number)

    def show(self, value: Value, options: Options, reader: Reader) -> str:
        """Write the number as the reader's language does."""
        return str(format_decimal(value, format="#,##0.#########", locale=reader.language))

    def write(self, value: Value, options: Options, reader: Reader) -> str:
        """Write digits and a point, as ``parse`` reads them."""
        return f"{value:f}"

    def sort_key(self, value: Value, options: Options) -> str:
        """Sort by size."""
        return number_key(value)

    def to_json(self, value: Value) -> str:
        """Store digits as text: JSON's own numbers are not exact."""
        return f"{value:f}"

    def from_json(self, stored: Json) -> Decimal:
        """Read the stored digits."""
        return Decimal(str(stored))

    def check_options(self, options: Options) -> None:
        """Bounds must be numbers, decimals possible."""
        super().check_options(options)
        if (
            not isinstance(options.get("decimals", 0), int)
            or not 0 <= options.get("decimals", 0) <= FRACTION_DIGITS
        ):
            raise BadOption(f"decimals must be a number from 0 to {FRACTION_DIGITS}")
        for name in ("minimum", "maximum"):
            try:
                Decimal(str(options.get(name, 0)))
            except InvalidOperation:
                raise BadOption(f"{name} must be a number") from None


def _check_size(number: Decimal, options: Options) -> None:
    decimals = options.get("decimals", FRACTION_DIGITS)
    if -int(number.normalize().as_tuple().exponent) > decimals:
        raise BadValue(N_("At most %(decimals)s digits may follow the point."), decimals=decimals)
    if abs(number) >= Decimal(10) ** WHOLE_DIGITS:
        raise BadValue(N_("This number is too large."))
    if "minimum" in options and number < Decimal(str(options["minimum"])):
        raise BadValue(N_("The smallest number allowed is %(bound)s."), bound=options["minimum"])
    if "maximum" in options and number > Decimal(str(options["maximum"])):
        raise BadValue(N_("The largest number allowed is %(bound)s."), bound=options["maximum"])


def _plain(number: Decimal) -> Decimal:
    """Return one form for equal numbers: 1.50 is 1.5, -0 is 0."""
    number = number.normalize() + 0
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number
