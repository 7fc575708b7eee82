"""Words to values: what finance orders, and what the bank answers."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.files.sheets import SheetField
from core.forms import AmountField, DateField, TextField, parse_amount
from mdf.admin.forms import OfVersion
from mdf.enums import PaymentMethod
from mdf.particulars import Order, Outcome

MOST_ROWS = 5_000


class Instalment(OfVersion):
    amount = AmountField(label=_("Amount"))
    reference = TextField(
        label=_("Reference of the payment"), max_length=80, help_text=_("It stands on the transfer or credit note.")
    )
    method = forms.ChoiceField(
        label=_("How"), required=False, choices=[("", _("As the program says")), *PaymentMethod.choices]
    )

    def particulars(self) -> Order:
        return Order(self.cleaned_data["amount"], self.cleaned_data["reference"], self.cleaned_data["method"])


class Settled(OfVersion):
    on = DateField(label=_("Arrived on"), required=False, help_text=_("Today when left empty."))

    def particulars(self) -> Outcome:
        return Outcome(self.cleaned_data["on"])


class Failed(OfVersion):
    failure = TextField(label=_("What went wrong"), max_length=300)

    def particulars(self) -> Outcome:
        return Outcome(failure=self.cleaned_data["failure"])


class Run(forms.Form):
    """Claims that are paid in one go: of each all that is owed."""

    pick = forms.MultipleChoiceField(error_messages={"required": _("Choose at least one claim.")})
    reference = TextField(
        label=_("Reference of the run"), max_length=60, help_text=_("The number of each claim is put behind it.")
    )

    def __init__(self, *args: Any, claims: list[str], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["pick"].choices = [(one, one) for one in claims]  # type: ignore[attr-defined]


class AsOf(forms.Form):
    mark_optional = False
    on = DateField(label=_("At the end of"), required=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """A row of the bank's file: which payment, and when it arrived or why it failed."""

    line: int
    reference: str
    outcome: Outcome
    amount: Decimal | None = None  # where the bank tells it


class Reconciliation(forms.Form):
    """The bank's answers, a row for each payment."""

    file = SheetField(
        needed=["reference"], missing=_("The first line must name the column reference."), megabytes=2,
        label=_("Answers of the bank (CSV)"),
        help_text=_("Columns: reference, amount, paid_on (like 2026-12-31), failure. A row with a failure came back."),
    )  # fmt: skip

    def clean_file(self) -> list[Answer]:
        return answers(self.cleaned_data["file"])

    def particulars(self) -> list[Answer]:
        return self.cleaned_data["file"]


def answers(rows: list[tuple[int, dict[str, str]]]) -> list[Answer]:
    """What the rows say. Raises ValidationError that names the lines which can't be read."""
    if len(rows) > MOST_ROWS:
        raise ValidationError(_("Send at most %d rows at once.") % MOST_ROWS, code="too_many")
    found, bad = [], []
    for line, row in rows:
        try:
            on = date.fromisoformat(row["paid_on"]) if row.get("paid_on") else None
            amount = parse_amount(row["amount"]) if row.get("amount") else None
        except (ValueError, ValidationError):
            bad.append(str(line))
            continue
        if name := row.get("payment") or row.get("reference"):
            found.append(Answer(line, name, Outcome(on, row.get("failure", "")[:300]), amount))
        elif any(row.values()):
            bad.append(str(line))
    if bad:
        raise ValidationError(_("Put these lines right: %s. Nothing was taken in.") % ", ".join(bad), code="lines")
    return found
