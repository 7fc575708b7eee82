"""A file of exchange rates: a row for each currency and day."""

import re
from datetime import date
from decimal import Decimal

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.files.sheets import SheetField
from core.forms import TextField
from deals.particulars import DatedRate

MOST_FAULTS = 20
_CURRENCY = re.compile(r"[A-Z]{3}\Z", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)
_RATE = re.compile(r"\d{1,10}(\.\d{1,10})?\Z", re.ASCII)


class RatesForm(forms.Form):
    """Dated rates, whole or not at all; every row that is wrong is named."""

    file = SheetField(
        needed=["currency", "day", "rate"], megabytes=5,
        missing=gettext_lazy("The first line must name the columns currency, day and rate."),
        label=gettext_lazy("Rates (CSV)"),
        help_text=gettext_lazy("Columns: currency, day (2026-11-30), rate: what one unit is worth in the reporting "
                               "currency."),
    )  # fmt: skip
    source = TextField(label=gettext_lazy("Where they are from"), max_length=80)

    def clean_file(self) -> list[DatedRate]:
        return _rates(self.cleaned_data["file"])

    def particulars(self) -> tuple[list[DatedRate], str]:
        return self.cleaned_data["file"], self.cleaned_data["source"]


def _rates(rows: list[tuple[int, dict[str, str]]]) -> list[DatedRate]:
    """What the rows say. Raises ValidationError with a sentence for each row that is wrong."""
    found: dict[tuple[str, date], DatedRate] = {}
    faults: list[str] = []
    for line, row in rows:
        try:
            one = _rate(row)
            if (one.currency, one.day) in found:
                raise ValueError(_("%(currency)s of %(day)s stands twice.") % vars_of(one))
            found[one.currency, one.day] = one
        except ValueError as why:
            faults.append(_("Line %(n)d: %(why)s") % {"n": line, "why": why})
    if faults:
        raise ValidationError(_shortened(faults), code="rows")
    if not found:
        raise ValidationError(_("The file holds no rates."), code="empty")
    return list(found.values())


def vars_of(one: DatedRate) -> dict[str, str]:
    return {"currency": one.currency, "day": one.day.isoformat()}


def _rate(row: dict[str, str]) -> DatedRate:
    currency, day, rate = row.get("currency", ""), row.get("day", ""), row.get("rate", "")
    if not _CURRENCY.match(currency):
        raise ValueError(_("“%s” is no currency like EUR.") % currency[:20])
    if currency == settings.REPORTING_CURRENCY:
        raise ValueError(_("%s is the reporting currency: its rate is always 1. Leave it out.") % currency)
    if not _RATE.match(rate) or not Decimal(rate):
        raise ValueError(_("“%s” is no rate above zero like 1.0834.") % rate[:30])
    return DatedRate(currency, _day(day), Decimal(rate))


def _day(words: str) -> date:
    try:
        if _DAY.match(words):
            return date.fromisoformat(words)
    except ValueError:
        pass
    raise ValueError(_("“%s” is no day like 2026-11-30.") % words[:20])


def _shortened(faults: list[str]) -> list[str]:
    more = len(faults) - MOST_FAULTS
    return [*faults[:MOST_FAULTS], *([_("And %d more lines.") % more] if more > 0 else [])]
