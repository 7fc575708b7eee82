"""Files for spreadsheets: text that could be taken for a formula is made harmless, amounts stay figures."""

import csv
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# A cell that begins so is a formula to some program; an apostrophe before it makes it text.
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def sheet(head: Sequence[Any], rows: Iterable[Sequence[Any]]) -> str:
    """The file as text, with the mark by which Excel knows UTF-8."""
    file = StringIO()
    writer = csv.writer(file)
    writer.writerow([_cell(str(word)) for word in head])
    writer.writerows([_cell(value) for value in row] for row in rows)
    return "\ufeff" + file.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return timezone.localtime(value, timezone.get_default_timezone()).isoformat(timespec="seconds")
    if isinstance(value, date | int):
        return str(value)
    text = str(value)
    return f"'{text}" if text.startswith(_DANGEROUS) else text


class SheetField(forms.FileField):
    """A CSV file whose first line names at least the columns `needed`: its rows as (line, column → words)."""

    def __init__(self, *, needed: Sequence[str], missing: Any, megabytes: int, **options):
        super().__init__(**options)
        self.needed, self.missing, self.megabytes = set(needed), missing, megabytes

    def clean(self, data, initial=None) -> list[tuple[int, dict[str, str]]]:
        file = super().clean(data, initial)
        if file.size > self.megabytes * 1_000_000:
            too_large = _("This file is too large. Send one up to %(most)d MB.")
            raise ValidationError(too_large, code="too_large", params={"most": self.megabytes})
        try:
            words = file.read().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise ValidationError(_("Save the file as UTF-8."), code="encoding") from error
        if "\x00" in words:
            raise ValidationError(_("This is not a CSV file."), code="nul")
        try:
            return self._rows(words)
        except csv.Error as error:
            raise ValidationError(_("This is not a CSV file."), code="csv") from error

    def _rows(self, words: str) -> list[tuple[int, dict[str, str]]]:
        rows = csv.DictReader(StringIO(words), delimiter=";" if ";" in words.partition("\n")[0] else ",")
        if not self.needed <= {(name or "").strip().lower() for name in rows.fieldnames or ()}:
            raise ValidationError(self.missing, code="columns")
        return [(rows.line_num, _words(raw)) for raw in rows]


def _words(raw: dict[str | Any, Any]) -> dict[str, str]:
    return {(k or "").strip().lower(): (v or "").strip() for k, v in raw.items() if isinstance(v, str | None)}
