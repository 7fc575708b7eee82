"""The terms of market funds as a section of a program's file."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.actor import Actor
from mdf import services
from mdf.models import FundTerms
from mdf.rules import Terms
from mdf.term_names import NAMES
from partners.models import Program
from partners.sections import Document, Fault, Section


def fund_terms(actor: Actor, subject: Any, at: datetime) -> Section:
    """`market_funds`: shares, criteria, steps, claims, proofs, payments, accruals."""
    return Section("market_funds", gettext_lazy("Market funds"), _check, _read, services.terms.set_terms, NAMES)


def _read(program: Program) -> dict[str, Any]:
    row = FundTerms.objects.filter(program=program).first()
    return row.data if row else {}


def _check(data: Any, document: Document) -> list[Fault]:
    if not isinstance(data, Mapping) or not all(isinstance(key, str) for key in data):
        return [Fault("", _("enter a line for each key, like share_percent: 50."))]
    return [_fault(words) for words in Terms.faults(data)]


def _fault(words: str) -> Fault:
    key, _colon, reason = words.partition(": ")
    return Fault(key, reason)
