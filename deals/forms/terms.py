"""The deal terms of a program as text."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from partners.forms.terms import KeysField


class EditTerms(forms.Form):
    mark_optional = False
    terms = KeysField(label=_("Deal terms"), example="protection_days: 90", rows=24)

    def particulars(self) -> dict[str, Any]:
        return self.cleaned_data["terms"]
