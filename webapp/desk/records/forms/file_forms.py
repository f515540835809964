"""Where people choose files: a field that takes several, and the form of the tab "Files"."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import CombinedMultiDict, FileStorage, MultiDict
from wtforms import BooleanField, Field, Form, HiddenField, MultipleFileField
from wtforms.validators import ValidationError

from webapp.desk.records.uploads import Batch


class FilesField(MultipleFileField):
    """A chooser of files. Its data are those that were chosen, whatever else a browser sent by its name."""

    def process_formdata(self, valuelist: Iterable[Any]) -> None:
        """Leave out the empty part that browsers send when nothing was chosen."""
        self.data = [each for each in valuelist if isinstance(each, FileStorage) and each.filename]

    def complain(self, batch: Batch) -> None:
        """Say why files were refused. The browser forgets its choice, so all are to be chosen again."""
        others = [_("Choose the others again too: nothing was sent.")] if batch.accepted else []
        self.errors = [*batch.troubles, *others] if batch.refused else []


class FileForm(Form):
    """Files for the record itself."""

    files = FilesField(_l("Files"))
    is_internal = BooleanField(_l("Staff only"))
    nonce = HiddenField(default=lambda: secrets.token_urlsafe(24))

    def validate_files(self, field: Field) -> None:
        """Something must be chosen."""
        if not field.data:
            raise ValidationError(_("Choose at least one file."))


class FirstFiles(Form):
    """Files that come with a new record; attributes have the other names."""

    files = FilesField(_l("Files"), name="_files", id="field-files")


def sent_form() -> MultiDict[str, Any]:
    """Return what the form brought, with its files."""
    return CombinedMultiDict([request.form, request.files])
