"""Words to values: what is decided of a claim, proof by proof and invoice by invoice."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import TextField
from mdf.admin.forms import OfVersion, words
from mdf.enums import ProofStatus
from mdf.models import Claim, InvoiceLine, Proof
from mdf.particulars import ClaimDecision, Look

_LOOKED = ((ProofStatus.ACCEPTED, _("Accept")), (ProofStatus.REJECTED, _("Don't accept")))
Shown = Proof | InvoiceLine


class Looks(OfVersion):
    """A yes or no for each proof and each invoice. What is left open waits."""

    mark_optional = False

    def __init__(self, *args: Any, subject: Claim, **kwargs: Any):
        super().__init__(*args, subject=subject, **kwargs)
        self.rows: Sequence[Shown] = [*subject.proofs.all(), *subject.invoice_lines.all()]
        for row in self.rows:
            known = "" if row.status == ProofStatus.WAITING else row.status
            self.fields[f"look_{row.pk.hex}"] = forms.ChoiceField(
                label=str(row), choices=_LOOKED, widget=forms.RadioSelect, required=False, initial=known
            )
            self.fields[f"why_{row.pk.hex}"] = TextField(
                label=_("Why not"), required=False, max_length=500, initial=row.reason
            )

    def of(self, row: Shown) -> tuple[Any, Any]:
        """The two fields about a row."""
        return self[f"look_{row.pk.hex}"], self[f"why_{row.pk.hex}"]

    def looks(self) -> list[Look]:
        """What was decided; rows that were left open are left out."""
        found = ((row, self.cleaned_data[f"look_{row.pk.hex}"]) for row in self.rows)
        return [
            Look(row, said == ProofStatus.ACCEPTED, self.cleaned_data[f"why_{row.pk.hex}"])
            for row, said in found
            if said
        ]

    def particulars(self) -> Any:
        return self.looks()

    def costs(self) -> list[tuple[Any, Decimal]]:
        """(budget line, cost) of the invoices that are not refused, with what was ticked and not sent yet."""
        invoices = (row for row in self.rows if isinstance(row, InvoiceLine))
        return [(row.budget_line_id, row.cost) for row in invoices if self._said(row) != ProofStatus.REJECTED]

    def _said(self, row: InvoiceLine) -> Any:
        return self[f"look_{row.pk.hex}"].value()


class ApproveClaim(Looks):
    reason = words(
        _("Why not all of it"), rows=2, hint=_("Needed when less than what is claimed is paid. The partner reads it.")
    )

    def particulars(self) -> ClaimDecision:
        return ClaimDecision(self.looks(), self.cleaned_data["reason"])
