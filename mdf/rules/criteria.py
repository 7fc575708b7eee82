"""The three criteria of approval, looked at before a person judges them: advice while typing, evidence when deciding.

Pure. None of it blocks: who decides records a yes or no of their own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_DOWN, Decimal

from django.utils.translation import gettext as _

from mdf.enums import Criterion
from mdf.rules.bars import MEASURED
from mdf.rules.terms import Terms


@dataclass(frozen=True, slots=True)
class Planned:
    """What the criteria look at, as far as it is known. Amounts are in one currency."""

    target_segment: str = ""
    measurement: Mapping[str, str] = field(default_factory=dict)
    expected_pipeline: Decimal | None = None
    asked: Decimal | None = None
    ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class Advice:
    """What is found about a criterion; `met` None = nothing to go by yet, or for people alone to say."""

    criterion: str
    met: bool | None
    words: str

    @property
    def label(self) -> str:
        return str(Criterion(self.criterion).label)


def advise(planned: Planned, terms: Terms) -> tuple[Advice, ...]:
    """One for each criterion, in their order."""
    return (_segment(planned, terms), _measured(planned), _return(planned, terms))


def multiple(pipeline: Decimal, funds: Decimal) -> Decimal:
    """How much pipeline an activity brings for each unit of our funds, rounded down: 4.999 is not 5 (docs/adr/0021)."""
    return (pipeline / funds).quantize(Decimal("0.01"), ROUND_DOWN)


def times(value: Decimal) -> str:
    """5.20 as "5.2×"."""
    return f"{value.normalize():,f}×"


def _segment(planned: Planned, terms: Terms) -> Advice:
    wanted, given = terms.segments, planned.target_segment.casefold()
    if not given:
        return Advice(Criterion.SEGMENT, None, _("Say which segment it is for."))
    if not wanted:
        return Advice(Criterion.SEGMENT, None, _("We look at this ourselves: the program names no segments."))
    if any(one.casefold() in given or given in one.casefold() for one in wanted):
        return Advice(Criterion.SEGMENT, True, _("This is a segment we aim at."))
    return Advice(Criterion.SEGMENT, False, _("We aim at: %s. Say why this one fits.") % ", ".join(wanted))


def _measured(planned: Planned) -> Advice:
    parts = planned.measurement
    if not any(parts.get(part) for part in MEASURED):
        return Advice(Criterion.MEASUREMENT, None, _("Say what you count, how many, and how you find out."))
    if not all(parts.get(part) for part in MEASURED):
        return Advice(Criterion.MEASUREMENT, False, _("Say all of it: what, how many, how you find out, and when."))
    if not any(sign.isdigit() for sign in parts["target"]):
        return Advice(Criterion.MEASUREMENT, False, _("Set yourself a number as the target."))
    if planned.ends_on and parts["report_on"] < planned.ends_on.isoformat():
        return Advice(Criterion.MEASUREMENT, False, _("Report after it has ended, not before."))
    return Advice(Criterion.MEASUREMENT, True, _("You said what you count and when you report it."))


def _return(planned: Planned, terms: Terms) -> Advice:
    pipeline, asked = planned.expected_pipeline, planned.asked
    if pipeline is None or not asked:
        return Advice(Criterion.RETURN, None, _("Say what it costs and which pipeline you expect."))
    found = multiple(pipeline, asked)
    words = {
        "pipeline": _plain(pipeline),
        "asked": _plain(asked),
        "times": times(found),
        "wanted": times(terms.return_multiple),
    }
    told = _("Pipeline %(pipeline)s ÷ %(asked)s asked for = %(times)s. We look for %(wanted)s.") % words
    return Advice(Criterion.RETURN, found >= terms.return_multiple, told)


def _plain(amount: Decimal) -> str:
    return f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,.2f}"
