"""The deal terms of a program as text."""

from typing import Any

import yaml
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


class EditTerms(forms.Form):
    """Keys and values as YAML; what they mean is judged by the rules."""

    mark_optional = False
    terms = forms.CharField(
        label=_("Deal terms"),
        required=False,
        max_length=20_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false"}),
        help_text=_("A line for each key. What is not here is as usual."),
    )

    def clean_terms(self) -> dict[str, Any]:
        try:
            found = yaml.safe_load(self.cleaned_data["terms"]) or {}
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            where = getattr(error, "problem_mark", None)
            line = _("Line %d can't be read.") % (where.line + 1) if where else _("This can't be read.")
            raise ValidationError(line) from error
        if not isinstance(found, dict) or not all(isinstance(key, str) for key in found):
            raise ValidationError(_("Enter a line for each key, like protection_days: 90."))
        return found

    def particulars(self) -> dict[str, Any]:
        return self.cleaned_data["terms"]
