"""The deal terms as a section of a program's file."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.actor import Actor
from deals import services
from deals.rules import Policy
from deals.term_names import NAMES
from partners.models import Program
from partners.sections import Document, Fault, Section


def deal_terms(actor: Actor, subject: Any, at: datetime) -> Section:
    """`policy`: clocks, protection, who decides."""
    return Section("policy", gettext_lazy("Deal terms"), _check, _read, services.set_terms, NAMES)


def _read(program: Program) -> dict[str, Any]:
    return program.policy


def _check(data: Any, document: Document) -> list[Fault]:
    if not isinstance(data, Mapping) or not all(isinstance(key, str) for key in data):
        return [Fault("", _("enter a line for each key, like protection_days: 90."))]
    return [_fault(words) for words in Policy.faults(data)]


def _fault(words: str) -> Fault:
    key, _colon, reason = words.partition(": ")
    return Fault(key, reason)
