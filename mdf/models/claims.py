"""What partners spent and show for it, and what they were paid."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Concat, Upper
from django.urls import reverse

from accounts.enums import Kind
from core.fields import amount_field, currency_field, reference_field
from core.models import Record
from core.querysets import PartnerQuerySet
from mdf.enums import ClaimStatus, PaymentMethod, PaymentStatus, ProofKind, ProofStatus
from mdf.models.requests import Activity, BudgetLine
from partners.models import Partner

NUMBERED = "C-"


def _own(twin: str) -> str:
    """A twin by its claim's number: the partner's own. What other companies have is none of its business."""
    return twin if twin.startswith(NUMBERED) else ""


class Claim(Record):
    """What a partner asks to be paid back for an activity, whole or in part."""

    resource, prefix = "mdf_claim", "mcl"

    reference = reference_field(NUMBERED)
    activity = models.ForeignKey(Activity, models.PROTECT, related_name="claims")
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="mdf_claims")
    status = models.CharField(max_length=21, choices=ClaimStatus, default=ClaimStatus.DRAFT)
    amount = amount_field()
    currency = currency_field()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    question = models.TextField(max_length=2000, blank=True, default="")
    accepted_cost = amount_field(null=True, blank=True)
    approved_amount = amount_field(null=True, blank=True)
    arithmetic = models.JSONField(default=dict, blank=True)  # how the payable amount was found
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    decided_label = models.CharField(max_length=200, blank=True, default="")
    decision_reason = models.TextField(max_length=2000, blank=True, default="")
    resubmit_by = models.DateTimeField(null=True, blank=True)
    pay_by = models.DateField(null=True, blank=True)
    results = models.JSONField(default=dict, blank=True)  # leads, pipeline, attendees
    typed = models.JSONField(default=dict, blank=True)  # a draft's form word for word, what does not fit yet included

    objects = PartnerQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(fields=("updated_at", "id"), name="mdf_claim_updated"),
            models.Index(fields=("partner", "status"), name="mdf_claim_partner"),
            models.Index(fields=("due_at", "id"), condition=Q(status="in_review"), name="mdf_claim_due"),
        )
        constraints = (
            models.CheckConstraint(
                name="mdf_claim_amounts",
                condition=Q(amount__gt=0)
                & (Q(approved_amount=None) | Q(approved_amount__gte=0, approved_amount__lte=F("amount"))),
            ),
            models.CheckConstraint(
                name="mdf_claim_four_eyes",
                condition=Q(decided_by__isnull=True) | Q(created_by__isnull=True) | ~Q(decided_by=F("created_by")),
            ),
            models.CheckConstraint(
                name="mdf_claim_refusal_has_reason", condition=~Q(status="rejected") | ~Q(decision_reason="")
            ),
        )

    def __str__(self) -> str:
        return self.reference

    @property
    def is_ours(self) -> bool:
        """Whether the vendor's people wrote it on behalf of the partner."""
        return self.created_by is not None and self.created_by.kind == Kind.VENDOR

    def get_absolute_url(self) -> str:
        return reverse("portal:mdf_claim", args=[self.activity.request.reference, self.reference])

    def get_console_url(self) -> str:
        return reverse("admin:mdf_claim", args=[self.reference])


class InvoiceLine(Record):
    """One line of a supplier's invoice, in its own currency; converted at the rate of its day."""

    resource, prefix = "mdf_invoice_line", "mil"

    claim = models.ForeignKey(Claim, models.CASCADE, related_name="invoice_lines")
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+")
    budget_line = models.ForeignKey(BudgetLine, models.PROTECT, null=True, blank=True, related_name="+")
    supplier = models.CharField(max_length=160)
    invoice_number = models.CharField(max_length=80)
    invoice_date = models.DateField()
    net_amount = amount_field()
    recoverable_tax = amount_field(default=0)  # the partner gets it back from the state: never reimbursed
    other_tax = amount_field(default=0)
    currency = currency_field()
    rate = models.DecimalField(max_digits=18, decimal_places=8, default=1)  # of the budget's currency per unit
    rate_on = models.DateField(null=True, blank=True)
    cost = amount_field()  # net and tax that nobody gives back, in the budget's currency
    # one spelling of both; a column, because the second wall lets no expression near an index
    named = models.GeneratedField(
        expression=Concat(Upper("supplier"), Value("\n"), Upper("invoice_number")),
        output_field=models.CharField(max_length=250), db_persist=True,
    )  # fmt: skip
    status = models.CharField(max_length=8, choices=ProofStatus, default=ProofStatus.WAITING)
    reason = models.CharField(max_length=500, blank=True, default="")
    twin = models.CharField(max_length=300, blank=True, default="")  # where the same invoice stands already

    objects = PartnerQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="mdf_invoice_amounts",
                condition=Q(net_amount__gt=0, recoverable_tax__gte=0, other_tax__gte=0, cost__gte=0, rate__gt=0),
            ),
        )
        indexes = (models.Index(fields=("named",), name="mdf_invoice_named"),)

    def __str__(self) -> str:
        return f"{self.supplier} {self.invoice_number}"

    @property
    def own_twin(self) -> str:
        return _own(self.twin)


class Proof(Record):
    """One proof of performance, accepted by itself. `file_id` names a stored file; a link may stand instead."""

    resource, prefix = "mdf_proof", "mpf"

    claim = models.ForeignKey(Claim, models.CASCADE, related_name="proofs")
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=18, choices=ProofKind)
    file_id = models.UUIDField(null=True, blank=True)
    file_name = models.CharField(max_length=200, blank=True, default="")
    file_hash = models.CharField(max_length=64, blank=True, default="")
    link = models.URLField(max_length=500, blank=True, default="")
    note = models.CharField(max_length=500, blank=True, default="")
    status = models.CharField(max_length=8, choices=ProofStatus, default=ProofStatus.WAITING)
    reason = models.CharField(max_length=500, blank=True, default="")
    twin = models.CharField(max_length=300, blank=True, default="")

    objects = PartnerQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(fields=("file_hash",), condition=~Q(file_hash=""), name="mdf_proof_hash"),)

    def __str__(self) -> str:
        return f"{self.kind} of {self.claim_id}"

    @property
    def own_twin(self) -> str:
        return _own(self.twin)


class Payment(Record):
    """One instalment of what is owed for a claim."""

    resource, prefix = "mdf_payment", "mpy"

    reference = reference_field("Y-")
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="payments")
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="mdf_payments")
    status = models.CharField(max_length=7, choices=PaymentStatus, default=PaymentStatus.ORDERED)
    amount = amount_field()
    currency = currency_field()
    method = models.CharField(max_length=11, choices=PaymentMethod, default=PaymentMethod.TRANSFER)
    bank_reference = models.CharField(max_length=80)
    ordered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    ordered_at = models.DateTimeField()
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    released_at = models.DateTimeField(null=True, blank=True)
    settled_on = models.DateField(null=True, blank=True)
    failure = models.CharField(max_length=300, blank=True, default="")

    objects = PartnerQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(fields=("updated_at", "id"), name="mdf_payment_updated"),)
        constraints = (
            models.CheckConstraint(name="mdf_payment_amount", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="mdf_payment_two_people",
                condition=Q(released_by__isnull=True) | ~Q(released_by=F("ordered_by")),
            ),
        )

    def __str__(self) -> str:
        return self.reference
