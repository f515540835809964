"""The days of the week, by the names under which forms and events keep their hours."""

from __future__ import annotations

from typing import Final

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

DAY_NAMES: Final[dict[str, LazyString]] = {
    "monday": _l("Monday"),
    "tuesday": _l("Tuesday"),
    "wednesday": _l("Wednesday"),
    "thursday": _l("Thursday"),
    "friday": _l("Friday"),
    "saturday": _l("Saturday"),
    "sunday": _l("Sunday"),
}
WEEKDAYS: Final = tuple(DAY_NAMES)
