"""The market fund's terms of a program as data, with what holds where the program is silent. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from mdf.enums import ActivityType, PaymentMethod, ProofKind
from partners import shape
from partners.shape import Amount, Each, Key, OneOf, Part, Text, Whole, Words, YesNo

# What a partner must show, by type of activity.
PROOFS: Mapping[str, tuple[str, ...]] = {
    ActivityType.EVENT: (ProofKind.INVOICE, ProofKind.PHOTO, ProofKind.LEAD_LIST, ProofKind.SUMMARY),
    ActivityType.DIGITAL: (ProofKind.PLATFORM_INVOICE, ProofKind.SCREENSHOT, ProofKind.RESULTS),
    ActivityType.CONTENT: (ProofKind.INVOICE, ProofKind.ASSET, ProofKind.LINK),
    ActivityType.WORKSHOP: (
        ProofKind.INVOICE, ProofKind.AGENDA, ProofKind.ATTENDEES, ProofKind.RECORDING_OR_PHOTO,
    ),
    ActivityType.OTHER: (ProofKind.INVOICE, ProofKind.SUMMARY),
}  # fmt: skip


@dataclass(frozen=True)
class TierShare:
    """So many percent of the cost for partners of this tier."""

    tier: str
    percent: Decimal


@dataclass(frozen=True)
class Proofs:
    """What an activity of this type must show, instead of what is usual."""

    type: str
    proofs: tuple[str, ...]


@dataclass(frozen=True)
class Accrual:
    """Money that a partner's business sets aside: percent of a figure of an earlier span, capped, with an end."""

    percent: Decimal | None = None  # None: that of the partner's tier
    of: str = "paid_revenue"  # paid_revenue | growth | first_order
    span: str = "month"  # month | quarter | year (the calendar one before)
    cap: Decimal | None = None  # per span
    expires_months: int = 12
    budget: str = ""  # the name of the budget it is drawn from; empty: the program's open one


@dataclass(frozen=True)
class Preapproval:
    """Where not every activity must be approved before: only from an amount on, or of a type that is not listed."""

    amount_over: Decimal | None = None
    unlisted: bool = True


_PERCENT = Amount()
_SHAPE: dict[str, shape.Reader] = {
    "share_percent": _PERCENT,
    "share_by_tier": Each(Part(TierShare, tier=Key(), percent=_PERCENT)),
    "types": Each(OneOf(*ActivityType.values)),
    "preapproval": Part(Preapproval, amount_over=Amount(), unlisted=YesNo()),
    "plan_required": YesNo(),
    "apply_working_days": Whole(0, 120),
    "decision_working_days": Whole(1, 60),
    "decision_days": Whole(1, 60),
    "accept_days": Whole(1, 60),
    "return_multiple": Amount(),
    "segments": Words(length=80),
    "second_step_from": Amount(),
    "third_step_from": Amount(),
    "claim_days": Whole(1, 365),
    "claim_from": OneOf("end", "invoice"),
    "claim_not_after": Text(5),
    "claim_extension_days": Whole(0, 180),
    "resubmit_days": Whole(1, 180),
    "claims_per_activity": Whole(1, 50),
    "invoice_per_line": YesNo(),
    "cap_by_line": YesNo(),
    "proofs": Each(Part(Proofs, type=OneOf(*ActivityType.values), proofs=Each(OneOf(*ProofKind.values)))),
    "results_before_payment": YesNo(),
    "partner_invoice": YesNo(),
    "settled_by": OneOf(*PaymentMethod.values),
    "pay_days": Whole(1, 180),
    "two_payers_from": Amount(),
    "ineligible": Words(length=200),
    "accruals": Each(
        Part(
            Accrual, percent=_PERCENT, of=OneOf("paid_revenue", "growth", "first_order"),
            span=OneOf("month", "quarter", "year"), cap=Amount(), expires_months=Whole(1, 60), budget=Text(120),
        ),
        most=5,
    ),
    "reminders": Each(Whole(1, 120)),
    "result_days": Each(Whole(1, 400)),
}  # fmt: skip


@dataclass(frozen=True)
class Terms:
    """What a program grants and asks. Amounts are in the currency of the budget."""

    share_percent: Decimal = Decimal(50)
    share_by_tier: tuple[TierShare, ...] = ()
    types: tuple[str, ...] = ()  # empty: all
    preapproval: Preapproval | None = None  # None: every activity is approved before
    plan_required: bool = True
    apply_working_days: int = 10  # before the start, else a reason
    decision_working_days: int = 5
    decision_days: int | None = None  # calendar days instead
    accept_days: int = 7
    return_multiple: Decimal = Decimal(5)
    segments: tuple[str, ...] = ()  # that the vendor aims at; empty: people alone judge
    second_step_from: Decimal | None = Decimal(10_000)
    third_step_from: Decimal | None = Decimal(50_000)
    claim_days: int = 60
    claim_from: str = "end"
    claim_not_after: str = ""  # MM-DD of the year the activity ends in
    claim_extension_days: int = 30
    resubmit_days: int = 45
    claims_per_activity: int | None = None
    invoice_per_line: bool = False  # who claims all that was approved shows an invoice for each line of the plan
    cap_by_line: bool = False  # what a line costs beyond its plan is the partner's, whatever the others cost less
    proofs: tuple[Proofs, ...] = ()
    results_before_payment: bool = False
    partner_invoice: bool = False
    settled_by: str = PaymentMethod.TRANSFER
    pay_days: int = 30
    two_payers_from: Decimal | None = Decimal(10_000)
    ineligible: tuple[str, ...] = ()
    accruals: tuple[Accrual, ...] = ()
    reminders: tuple[int, ...] = (30, 14, 7, 1)  # days before a claim must be in
    result_days: tuple[int, ...] = field(default=(30, 90, 180))

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Terms":
        """The terms that a program's data describes."""
        return cls(**{key: reader(data[key]) for key, reader in _SHAPE.items() if data.get(key) is not None})

    @staticmethod
    def faults(data: Mapping[str, Any]) -> list[str]:
        """What is wrong with a program's data, as sentences; empty when it can be used."""
        return shape.faults(data, _SHAPE)

    def share_of(self, tier: str) -> Decimal:
        """Percent of the cost that a partner of this tier gets back."""
        return next((one.percent for one in self.share_by_tier if one.tier == tier), self.share_percent)

    def needs_approval(self, activity_type: str, asked: Decimal) -> bool:
        """Whether people decide about such an activity before it is done."""
        known = self.preapproval
        if known is None:
            return True
        too_much = known.amount_over is not None and asked > known.amount_over
        return too_much or (known.unlisted and bool(self.types) and activity_type not in self.types)

    def proofs_of(self, activity_type: str) -> tuple[str, ...]:
        own = next((one.proofs for one in self.proofs if one.type == activity_type), None)
        asked = PROOFS[activity_type] if own is None else own
        return (*asked, ProofKind.PARTNER_INVOICE) if self.partner_invoice else asked

    def steps_for(self, amount: Decimal) -> tuple[str, ...]:
        """Who must say yes, in order."""
        second = self.second_step_from is not None and amount >= self.second_step_from
        third = self.third_step_from is not None and amount >= self.third_step_from
        return ("manager", *(("operations",) if second or third else ()), *(("finance",) if third else ()))

    def last_claim_day(self, ends_on: date) -> date | None:
        """The hard last day of the year, where the program names one."""
        if not self.claim_not_after:
            return None
        return date.fromisoformat(f"{ends_on.year}-{self.claim_not_after}")
