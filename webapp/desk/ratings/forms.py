"""The form of a rating."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, RadioField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # stubs are older
from wtforms.validators import InputRequired, Length

from webapp.desk.records.forms.card_forms import clean_text

LONGEST_COMMENT = 2000
STARS = {
    "5": _l("★★★★★ Excellent"),
    "4": _l("★★★★ Good"),
    "3": _l("★★★ So-so"),
    "2": _l("★★ Bad"),
    "1": _l("★ Very bad"),
}


class RatingForm(FlaskForm):  # type: ignore[misc] # Flask-WTF carries no types
    """Stars, and a few words."""

    stars = RadioField(
        _l("How did we do?"),
        choices=[SelectChoice(value, label) for value, label in STARS.items()],
        validators=[InputRequired(_l("Choose how many stars."))],
        validate_choice=False,
    )
    comment = TextAreaField(
        _l("A few words, if you like"),
        validators=[Length(max=LONGEST_COMMENT), clean_text],
        description=_l("What was good, and what could be better."),
        render_kw={"rows": 4, "maxlength": LONGEST_COMMENT},
    )

    def validate_stars(self, field: Field) -> None:
        """One to five."""
        if field.data not in STARS:
            raise ValidationError(_("Choose how many stars."))

    def preselect(self, stars: str | None) -> None:
        """Choose the stars of the link that was followed; nothing is rated by that."""
        if stars in STARS:
            self.stars.data = stars
