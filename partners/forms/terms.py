"""The terms of a program as text."""

from typing import Any

import yaml
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class KeysField(forms.CharField):
    """Keys and values as YAML, such as `example`; what they mean is judged by others."""

    def __init__(self, *, example: str, rows: int, **options):
        super().__init__(
            required=False, max_length=20_000, strip=False,
            widget=forms.Textarea(attrs={"rows": rows, "spellcheck": "false"}),
            help_text=_("A line for each key. What is not here is as usual."), **options,
        )  # fmt: skip
        self.example = example

    def clean(self, value) -> dict[str, Any]:
        try:
            found = yaml.safe_load(super().clean(value)) or {}
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            where = getattr(error, "problem_mark", None)
            line = gettext("Line %d can't be read.") % (where.line + 1) if where else _("This can't be read.")
            raise ValidationError(line) from error
        if not isinstance(found, dict) or not all(isinstance(key, str) for key in found):
            raise ValidationError(_("Enter a line for each key, like %(example)s."), params={"example": self.example})
        return found
