"""The deal terms of a program as data, with what holds where the program is silent. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from deals.enums import Motion, PartnerRole
from partners import shape
from partners.shape import Amount, Countries, Each, Key, OneOf, Part, Text, Whole, Words, YesNo

APPROVERS = ("manager", "operations", "finance", "executive")
MOST_STEPS, MOST_FIELDS = 3, 10
CLAIM_FIELDS = (
    "contact_role", "need", "how_found", "competitor", "quantity", "contact_name", "contact_email", "website",
)  # fmt: skip


@dataclass(frozen=True)
class Extension:
    """How a protection gets longer: never, by request, or once by the rules where the customer was active."""

    mode: str = "auto"  # none | request | auto (then by request)
    days: int = 30
    activity_days: int = 30  # auto: how fresh the customer's activity must be
    needs_reason: bool = True
    needs_evidence: bool = False
    before_expiry: bool = False  # asked for in time only, not in the grace
    maximum: int | None = None  # extensions of one deal, automatic ones included


@dataclass(frozen=True)
class ProtectionBand:
    """So many days of protection from this amount on."""

    from_amount: Decimal
    days: int


@dataclass(frozen=True)
class QuantityBand:
    """What the program gives from this quantity on."""

    from_quantity: int
    gives: str


@dataclass(frozen=True)
class ApprovalStep:
    """Somebody who must say yes, when every condition that is given holds."""

    approver: str
    from_amount: Decimal | None = None
    from_quantity: int | None = None
    regions: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    products: tuple[str, ...] = ()  # SKUs or families


@dataclass(frozen=True)
class AutoApproval:
    """Registrations that the rules approve by themselves where the check found nobody."""

    tiers: tuple[str, ...] = ()
    below_amount: Decimal | None = None
    motions: tuple[str, ...] = ()


@dataclass(frozen=True)
class ExtraField:
    """A question of the program's own; its answer is kept in `extra` under `key`."""

    key: str
    label: str
    type: str = "text"  # text | number | date | choice | yes_no
    choices: tuple[str, ...] = ()
    required: bool = False
    motions: tuple[str, ...] = ()  # empty: all


_MOTIONS = Each(OneOf(*Motion.values))
_SHAPE: dict[str, shape.Reader] = {
    # clocks of our answer
    "decision_working_days": Whole(0, 60),
    "decision_working_hours": Whole(1, 80),
    "referral_working_days": Whole(0, 60),
    "research_working_days": Whole(1, 60),
    # protection
    "protection_days": Whole(1, 1095),
    "protection_bands": Each(Part(ProtectionBand, from_amount=Amount(), days=Whole(1, 1095))),
    "protection_starts": OneOf("submission", "registration", "approval", "assignment"),
    "extension": Part(
        Extension, mode=OneOf("none", "request", "auto"), days=Whole(1, 365), activity_days=Whole(1, 365),
        needs_reason=YesNo(), needs_evidence=YesNo(), before_expiry=YesNo(), maximum=Whole(0, 20),
    ),
    "reminders": Each(Whole(1, 365)),
    "expiring_days": Whole(0, 365),
    "grace_days": Whole(0, 365),
    "scope": OneOf("account", "product_family", "opportunity"),
    "with_subsidiaries": YesNo(),
    # who may have what
    "motions": _MOTIONS,
    "products": Words(),
    "capacity": Whole(0, 100_000),
    "minimum_amount": Amount(),
    "minimum_suffices": YesNo(),
    "minimum_quantity": Whole(1, 10_000_000),
    "excluded_countries": Countries(),
    "excluded_kinds": Each(OneOf("tender", "contract")),
    "tender": OneOf("none", "refused", "registered_before_publication", "approved_before_publication"),
    "proof_of_concept_excepted": YesNo(),
    "new_customers_only": YesNo(),
    "no_vendor_contact_months": Whole(1, 120),
    "not_in_pipeline": YesNo(),
    "close_working_days_away": Whole(1, 365),
    "minimum_tier": Key(),
    "agreement": OneOf("signed", "self_sign_up"),
    "competitor_forbidden": YesNo(),
    "one_discount_per_opportunity": YesNo(),
    "joint_call_above_units": Whole(1, 10_000_000),
    "evidence_required": YesNo(),
    "required": Each(OneOf(*CLAIM_FIELDS)),
    "fields": Each(
        Part(
            ExtraField, key=Key(), label=Text(120), type=OneOf("text", "number", "date", "choice", "yes_no"),
            choices=Words(), required=YesNo(), motions=_MOTIONS,
        ),
        most=MOST_FIELDS,
    ),
    # who gets it
    "tie_break": OneOf("first_submitted", "first_approved", "best_qualified", "customer_choice"),
    "second_registrant": OneOf("none", "share"),
    "second_share_percent": Whole(1, 100),
    "customer_may_choose": YesNo(),
    # who decides, and what it brings
    "steps": Each(
        Part(
            ApprovalStep, approver=OneOf(*APPROVERS), from_amount=Amount(), from_quantity=Whole(1, 10_000_000),
            regions=Words(), tiers=Words(), products=Words(),
        ),
        most=MOST_STEPS,
    ),
    "auto_approve": Part(AutoApproval, tiers=Words(), below_amount=Amount(), motions=_MOTIONS),
    "quantity_bands": Each(Part(QuantityBand, from_quantity=Whole(1, 10_000_000), gives=Text(200))),
    "gives": Words(length=200),
}  # fmt: skip


@dataclass(frozen=True)
class Policy:
    """The deal terms of a program. Amounts are in the program's currency."""

    decision_working_days: int = 2
    decision_working_hours: int | None = None  # instead of days, where we promise hours
    referral_working_days: int = 2
    research_working_days: int = 2
    protection_days: int = 90
    protection_bands: tuple[ProtectionBand, ...] = ()
    protection_starts: str = "approval"
    extension: Extension = Extension()
    reminders: tuple[int, ...] = (30, 14, 7, 1)  # days before the end
    expiring_days: int = 30
    grace_days: int = 7  # 0: void on expiry
    scope: str = "product_family"
    with_subsidiaries: bool = False
    motions: tuple[str, ...] = ()  # empty: all
    products: tuple[str, ...] = ()  # SKUs or families; empty: all
    capacity: int | None = None  # protected registrations per partner
    minimum_amount: Decimal | None = None
    minimum_suffices: bool = True  # exactly the minimum is enough
    minimum_quantity: int | None = None
    excluded_countries: tuple[str, ...] = ()
    excluded_kinds: tuple[str, ...] = ()
    tender: str = "none"
    proof_of_concept_excepted: bool = False
    new_customers_only: bool = False
    no_vendor_contact_months: int | None = None
    not_in_pipeline: bool = False
    close_working_days_away: int | None = None
    minimum_tier: str = ""
    agreement: str = "signed"
    competitor_forbidden: bool = False
    one_discount_per_opportunity: bool = False
    joint_call_above_units: int | None = None
    evidence_required: bool = False
    required: tuple[str, ...] = ()
    fields: tuple[ExtraField, ...] = ()
    tie_break: str = "first_submitted"
    second_registrant: str = "none"
    second_share_percent: int = 50  # of the first one's discount
    customer_may_choose: bool = True
    steps: tuple[ApprovalStep, ...] = ()
    auto_approve: AutoApproval | None = None
    quantity_bands: tuple[QuantityBand, ...] = ()
    gives: tuple[str, ...] = ()

    @classmethod
    def of(cls, terms: Mapping[str, Any]) -> "Policy":
        """The policy a program's data describes; keys it doesn't know are none of its business here."""
        known = {key: reader(terms[key]) for key, reader in _SHAPE.items() if terms.get(key) is not None}
        return cls(**known)

    @staticmethod
    def faults(terms: Mapping[str, Any]) -> list[str]:
        """What is wrong with a program's data, as sentences; empty when it can be used."""
        return shape.faults(terms, _SHAPE)

    def band(self, quantity: int) -> QuantityBand | None:
        """The band that a quantity reaches."""
        reached = [band for band in self.quantity_bands if quantity >= band.from_quantity]
        return max(reached, key=lambda band: band.from_quantity, default=None)

    def days_for(self, amount: Decimal | None) -> int:
        """Days of protection of a deal of this value."""
        reached = [band for band in self.protection_bands if amount is not None and amount >= band.from_amount]
        band = max(reached, key=lambda band: band.from_amount, default=None)
        return band.days if band else self.protection_days

    def covers(self, motion: str, sku: str, family: str) -> bool:
        """Whether deals of this kind are registered under this program."""
        of_product = not self.products or not sku or bool({sku, family} & set(self.products))
        return of_product and (not self.motions or motion in self.motions)


@dataclass(frozen=True)
class Standing:
    """What approval depends on besides the registration itself."""

    partner_status: str
    has_agreement: bool
    open_conflicts: int
    coverage: str
    covered_by_partner: bool
    live: int  # the partner's protected registrations
    policy: Policy
    decided_by_reader: bool = False  # who looks is who decided last
    not_readers_step: str = ""  # why who looks can't take the present step
    tier_rank: int | None = None
    minimum_rank: int | None = None  # of the program's minimum tier
    customer_since: date | None = None
    last_vendor_contact_on: date | None = None
    in_pipeline: bool = False  # our own team has an open opportunity there
    others_protected: int = 0  # other partners' protected registrations of the same opportunity
    registered_at: datetime | None = None  # when the registration was last taken up complete
    assigned_at: datetime | None = None  # when a conflict was decided in its favour
    researched: bool = False


_SELLING: dict[str, str] = {Motion.RESELL: PartnerRole.SELLING, Motion.CO_SELL: PartnerRole.CO_SELL}


def roles_of(motion: str) -> tuple[str, ...]:
    """The partner's roles in the opportunity that an approved registration opens."""
    selling = _SELLING.get(motion)
    return (PartnerRole.SOURCING, selling) if selling else (PartnerRole.SOURCING,)
