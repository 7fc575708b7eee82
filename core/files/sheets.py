"""Files for spreadsheets: text that could be taken for a formula is made harmless, amounts stay figures."""

import csv
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from typing import Any

from django.utils import timezone

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
