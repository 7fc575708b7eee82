"""The sums of a line in words: every step with its figures, as they were when the line was made."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.money import Money
from core.templatetags.prm import money, number
from earnings.models import EarningLine

Step = Mapping[str, Any]


def sentences(line: EarningLine) -> list[str]:
    """How the amount came to be, one sentence a step."""
    own, paid = line.currency, line.inputs.get("deal_currency", line.currency)
    return [_WORDS[step["step"]](_Figures(step, own, paid)) for step in line.arithmetic if step["step"] in _WORDS]


def sentence(line: EarningLine) -> str:
    return "; ".join(sentences(line))


class _Figures:
    """The figures of a step, each in its currency."""

    def __init__(self, step: Step, own: str, paid: str):
        self.step, self.own, self.deal = step, own, paid

    def __getitem__(self, name: str) -> str:
        return money(Money(Decimal(str(self.step[name])), self.own))

    def paid(self, name: str) -> str:
        return money(Money(Decimal(str(self.step[name])), self.deal))

    def plain(self, name: str) -> str:
        return number(self.step[name], 4)


def _told(words: str, **known: str) -> str:
    return words % known


def _percent(f: _Figures) -> str:
    return _told(_("%(p)s %% of %(of)s = %(gives)s"),
                 p=f.plain("percent"), of=f["of"], gives=f["gives"])  # fmt: skip


def _share(f: _Figures) -> str:
    return _told(_("Your share: %(p)s %% of %(of)s = %(gives)s"), p=f.plain("percent"), of=f["of"], gives=f["gives"])


def _converted(f: _Figures) -> str:
    step = f.step
    of = money(Money(Decimal(step["of"]), step["from"]))
    day = date_format(date.fromisoformat(step["day"]), "j M Y")
    return _told(_("%(of)s at %(rate)s %(to)s, the rate of %(day)s"),
                 of=of, rate=number(step["rate"], 6), to=step["to"], day=day)  # fmt: skip


def _reversal(f: _Figures) -> str:
    words = _("The customer got back %(part)s of %(of)s; the same part of the %(earned)s earned = %(gives)s")
    return _told(words, part=f.paid("part"), of=f.paid("of"), earned=f["earned"], gives=f["gives"])


def _units(f: _Figures) -> str:
    return _told(_("%(units)s units × %(price)s = %(gives)s"),
                 units=number(f.step["units"]), price=f["price"], gives=f["gives"])  # fmt: skip


_WORDS: dict[str, Callable[[_Figures], str]] = {
    "percent": _percent,
    "fixed": lambda f: _told(_("Of the fixed %(of)s for the deal: %(gives)s"), of=f["of"], gives=f["gives"]),
    "cap": lambda f: _told(_("At most %(bound)s for the deal, %(before)s of it before: %(gives)s"),
                           bound=f["bound"], before=f["before"], gives=f["gives"]),
    "floor": lambda f: _told(_("At least %(bound)s for the deal, %(before)s of it before: %(gives)s"),
                             bound=f["bound"], before=f["before"], gives=f["gives"]),
    "cents": lambda f: _told(_("Rounded over all payments: %(gives)s"), gives=f["gives"]),
    "share": _share,
    "converted": _converted,
    "reversal": _reversal,
    "less_earned": lambda f: _told(_("Less %(earned)s earned before = %(gives)s"),
                                   earned=f["earned"], gives=f["gives"]),
    "first_year": lambda f: _told(_("First year %(of)s, less %(earned)s reported = %(gives)s"),
                                  of=f["of"], earned=f["earned"], gives=f["gives"]),
    "units": _units,
    "minimum": lambda f: _told(_("The agreed minimum is higher: %(gives)s"), gives=f["gives"]),
    "true_up": lambda f: _told(_("Less %(before)s by the earlier report = %(gives)s"),
                               before=f["before"], gives=f["gives"]),
    "adjusted": lambda f: _told(_("Agreed amount: %(gives)s"), gives=f["gives"]),
    "difference": lambda f: _told(_("Difference to what was earned before: %(gives)s"), gives=f["gives"]),
}  # fmt: skip
