"""Form fields that clean what people type, the same everywhere."""

import re
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from core import text
from core.errors import Refused
from core.files.clean import Rules, inspect_all
from core.files.kinds import SUFFIXES

# 1234.5 · 1,234.50 · 1 234.50; no letters, exponents, signs or digits of other scripts.
_AMOUNT = re.compile(r"(?:\d{1,3}(?:[, \u00a0\u202f]\d{3})+|\d+)(?:\.\d{1,2})?\Z", re.ASCII)


def parse_amount(words: str) -> Decimal:
    """An exact amount from what a person typed. Raises ValidationError rather than guess."""
    words = words.strip().replace("\u00a0", " ").replace("\u202f", " ")
    if not _AMOUNT.match(words):
        raise ValidationError(_("Enter an amount like 48000 or 48,000.50."), code="amount")
    amount = Decimal(re.sub(r"[, ]", "", words))
    if amount >= Decimal(10) ** 16:
        raise ValidationError(_("Enter a smaller amount."), code="amount_too_large")
    return amount


class TextField(forms.CharField):
    """One line or more of clean text: normal form, no control or direction characters."""

    def to_python(self, value):
        return text.clean(super().to_python(value) or "")


class LongSelect(forms.Select):
    """A select with hundreds of options, drawn at once instead of by a template for each option."""

    def render(self, name, value, attrs=None, renderer=None):
        chosen = set(self.format_value(value))
        rows = ((key, " selected" if str(key) in chosen else "", words) for key, words in self.choices)
        options = format_html_join("", '<option value="{}"{}>{}</option>', rows)
        own = self.build_attrs(self.attrs, {**(attrs or {}), "name": name})
        return format_html("<select{}>{}</select>", flatatt(own), options)


class AmountField(forms.Field):
    """Money typed by a person, above 0 unless told otherwise."""

    def __init__(self, *, positive: bool = True, **options):
        super().__init__(
            widget=forms.TextInput(attrs={"inputmode": "decimal", "maxlength": 24, "autocomplete": "off"}), **options
        )
        self.positive = positive

    def to_python(self, value):
        if value in self.empty_values or not str(value).strip():
            return None
        amount = parse_amount(str(value))
        if self.positive and amount == 0:
            raise ValidationError(_("Enter an amount above 0."), code="amount_zero")
        return amount


class DateField(forms.DateField):
    """A calendar date, by the browser's own picker."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def __init__(self, **options):
        options.setdefault("error_messages", {"invalid": _("Enter a date like 2026-12-31.")})
        super().__init__(input_formats=["%Y-%m-%d"], **options)


class FilesInput(forms.ClearableFileInput):
    """One file or several, by the browser's own picker (a phone offers its camera)."""

    allow_multiple_selected = True

    def value_from_datadict(self, data, files, name):
        return files.getlist(name) if hasattr(files, "getlist") else files.get(name)


class FilesField(forms.FileField):
    """Sent files, already known by their content and harmless: a tuple of `core.files.Clean`."""

    def __init__(self, rules: Rules = Rules(), **options):  # noqa: B008 - frozen
        several = {"multiple": True} if rules.most_files > 1 else {}
        accept = ",".join(sorted({*rules.kinds, *(s for kind in rules.kinds for s in SUFFIXES[kind])}))
        options.setdefault("help_text", rules.words)
        super().__init__(widget=FilesInput(attrs={"accept": accept, **several}), **options)
        self.rules = rules

    def clean(self, data, initial=None):
        uploads = [one for one in (data if isinstance(data, list) else [data]) if one]
        if not uploads and self.required:
            raise ValidationError(_("Choose a file."), code="required")
        try:
            return inspect_all(uploads, self.rules)
        except Refused as refusal:
            raise ValidationError(refusal.reason, code=refusal.code) from refusal
