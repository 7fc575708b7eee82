"""The arithmetic of a line in words, for pages, statements and mails."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.dateparse import parse_date
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

_SENTENCES = {
    "percent": gettext_lazy("%(percent)s%% of %(of)s = %(gives)s"),
    "fixed": gettext_lazy("A fixed amount of %(of)s: %(gives)s"),
    "converted": gettext_lazy("%(of)s %(from)s at %(rate)s of %(day)s"),
    "cap": gettext_lazy("At most %(bound)s for the deal, %(before)s earned before: %(gives)s"),
    "floor": gettext_lazy("At least %(bound)s for the deal, %(before)s earned before: %(gives)s"),
    "cents": gettext_lazy("Rounded with all payments so far: %(gives)s"),
    "share": gettext_lazy("Your part, %(percent)s%% of %(of)s: %(gives)s"),
    "reversal": gettext_lazy("%(part)s of %(of)s went back to the customer; that part of %(earned)s: %(gives)s"),
    "less_earned": gettext_lazy("Less %(earned)s earned so far: %(gives)s"),
    "difference": gettext_lazy("The difference to the lines before: %(gives)s"),
    "units": gettext_lazy("%(units)s units at %(price)s = %(gives)s"),
    "minimum": gettext_lazy("At least %(bound)s for the period"),
    "true_up": gettext_lazy("Less %(before)s billed for this period before: %(gives)s"),
    "first_year": gettext_lazy("%(of)s expected in the first year, less %(earned)s billed so far: %(gives)s"),
    "adjusted": gettext_lazy("Put right by hand: %(gives)s"),
}
_AMOUNTS = ("of", "gives", "bound", "before", "part", "earned", "price")


def sentence(step: Mapping[str, Any]) -> str:
    """One step of the arithmetic: "10% of 12,000.00 = 1,200.00"."""
    return str(_SENTENCES[step["step"]]) % {name: _shown(name, value) for name, value in step.items()}


def arithmetic(steps: list[Mapping[str, Any]]) -> list[str]:
    """All steps of a line."""
    return [sentence(step) for step in steps]


def _shown(name: str, value: Any) -> Any:
    if name in _AMOUNTS:
        return number_format(Decimal(value), 2, force_grouping=True)
    if name == "percent":
        return f"{Decimal(value).normalize():f}"
    if name == "rate":
        return f"{Decimal(value).normalize():f}"
    day = parse_date(value) if name == "day" else None
    return date_format(day, "j M Y") if day else value


def rule_words(rule: Any) -> str:
    """What a rule gives: "10 % commission, for 12 months"."""
    what = rule.get_kind_display().lower()
    known = {"what": what, "percent": f"{rule.percent.normalize():f}" if rule.percent is not None else "",
             "amount": number_format(rule.amount, 2, force_grouping=True) if rule.amount is not None else "",
             "currency": rule.pay_currency or rule.currency}  # fmt: skip
    gives = _("%(percent)s%% %(what)s") if rule.percent is not None else _("%(amount)s %(currency)s %(what)s")
    return gives % known
