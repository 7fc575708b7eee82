"""Who may do what: the one table of roles and permissions, and what an API scope permits."""

from partners.enums import MemberRole, StaffRole

_PA, _PS, _PM, _PF, _PV = MemberRole
_CM, _MK, _OP, _FI, _EX, _AD, _VI = StaffRole

# permission: (roles at a partner, roles at the vendor). "On behalf" is the same permission in the hands of the vendor.
PERMISSIONS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "deal.register": ((_PA, _PS), (_CM, _OP)),  # the vendor's people on behalf of a partner
    "deal.update": ((_PA, _PS), (_CM, _OP)),
    "deal.decide": ((), (_CM, _OP)),
    "deal.approve": ((), (_CM, _OP, _FI, _EX)),  # each the steps that name them
    "deal.approve_operations": ((), (_OP,)),
    "deal.approve_finance": ((), (_FI,)),
    "deal.approve_executive": ((), (_EX,)),
    "lead.route": ((), (_CM, _MK, _OP)),
    "lead.answer": ((_PA, _PS), (_CM, _OP)),
    "touch.claim": ((_PA, _PS, _PM), (_CM, _MK, _OP)),
    "touch.confirm": ((), (_CM, _OP)),
    "attribution.decide": ((), (_OP,)),
    "routing.edit": ((), (_OP, _MK)),
    "account.edit": ((), (_CM, _OP)),
    "opportunity.edit": ((), (_CM, _OP)),
    "crm.import": ((), (_OP, _AD)),
    "training.take": ((_PA, _PS, _PM, _PF, _PV), (_CM, _MK, _OP, _FI, _EX, _AD)),
    "member.invite": ((_PA,), (_CM, _OP)),  # a partner's first admin is invited by the vendor
    "invitation.accept": ((_PA, _PS, _PM, _PF, _PV), ()),
    "profile.edit": ((_PA,), ()),
    "key.create": ((_PA,), ()),
    "partner.edit": ((), (_CM, _OP)),
    "partner.approve": ((), (_CM, _OP)),
    "partner.suspend": ((), (_CM, _OP)),
    "partner.offboard": ((), (_OP,)),
    "agreement.sign": ((_PA,), ()),
    "onboarding.work": ((_PA, _PS, _PM, _PF), ()),
    "onboarding.decide": ((), (_CM, _OP)),
    "application.answer": ((_PA,), ()),
    "partner.watch": ((), (_CM, _MK, _OP, _AD)),
    "partner.merge": ((), (_OP,)),
    "partner.export": ((), (_OP, _AD)),
    "program.edit": ((), (_OP, _AD)),
    "program.publish": ((), (_OP, _AD)),  # never who wrote the draft
    "tier.decide": ((), (_CM, _OP)),
    "benefit.request": ((_PA, _PS, _PM), (_CM, _OP)),
    "benefit.decide": ((), (_CM, _MK, _OP)),
    "mdf.request": ((_PA, _PM), (_CM, _MK)),  # the vendor's people on behalf of a partner
    "mdf.claim": ((_PA, _PM), (_CM, _MK)),
    "mdf.decide": ((), (_CM, _MK, _OP, _FI)),  # each the steps that name them
    "mdf.decide_manager": ((), (_CM, _MK)),
    "mdf.decide_operations": ((), (_OP,)),
    "mdf.decide_finance": ((), (_FI,)),
    "mdf.pay": ((), (_OP, _FI)),
    "mdf.budget": ((), (_OP, _FI)),
    "mdf.allocate": ((), (_MK, _OP)),
    "metric.read": ((), (_CM, _MK, _OP, _FI, _EX, _AD)),
    "earnings.read": ((_PA, _PF), (_CM, _OP, _FI)),
    "earnings.dispute": ((_PA, _PF), ()),
    "earnings.decide": ((), (_OP, _FI)),
    "usage.report": ((_PA, _PF, _PS), (_CM, _OP, _FI)),  # the vendor's people on behalf of a partner
    "revenue.enter": ((), (_FI,)),
    "rate.edit": ((), (_OP, _FI)),
    "payout.prepare": ((), (_OP, _FI)),
    "payout.approve": ((), (_OP, _FI)),
    "bank.edit": ((_PA, _PF), (_FI,)),
    "note.write": ((), (_CM, _MK, _OP)),
    "staff.manage": ((), (_AD,)),
    "vendor_key.create": ((), (_AD,)),
    "delivery.manage": ((), (_AD,)),
}

# What `<resource>:write` of a key bound to a partner permits, and what it permits for the vendor's own keys.
SCOPES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "deal_registrations:write": (
        ("deal.register", "deal.update"),
        ("deal.register", "deal.update", "deal.decide", "deal.approve"),
    ),
    "accounts:write": ((), ("account.edit",)),
    "opportunities:write": ((), ("opportunity.edit",)),
    "opportunity_partners:write": ((), ("opportunity.edit",)),
    "attributions:write": ((), ("attribution.decide",)),
    "extensions:write": ((), ("deal.decide",)),
    "transfers:write": (("deal.update", "deal.register"), ("deal.decide",)),
    "breaches:write": ((), ("deal.decide",)),
    "conflict_cases:write": ((), ("deal.decide",)),
    "lead_offers:write": (("lead.answer",), ("lead.answer", "lead.route")),
    "leads:write": (("lead.answer",), ("lead.route", "lead.answer", "routing.edit")),
    "touches:write": (("touch.claim",), ("touch.claim", "touch.confirm")),
    "revenue_events:write": ((), ("revenue.enter",)),
    "partners:write": (
        ("profile.edit",),
        ("partner.edit", "partner.approve", "partner.suspend", "partner.offboard"),
    ),
    "agreements:write": ((), ("partner.edit",)),
    "contacts:write": (("profile.edit",), ("partner.edit",)),
    "integrations:write": (("profile.edit",), ("partner.edit",)),
    "programs:write": ((), ("program.edit",)),
    "program_versions:write": ((), ("program.edit",)),  # people alone publish
    "tiers:write": ((), ("program.edit", "tier.decide")),
    "program_memberships:write": ((), ("partner.edit", "tier.decide")),
    "custom_metrics:write": ((), ("tier.decide",)),
    "benefit_requests:write": (("benefit.request",), ("benefit.request", "benefit.decide")),
    "mdf_budgets:write": ((), ("mdf.budget",)),
    "mdf_budget_changes:write": ((), ("mdf.budget",)),  # people alone grant what a key asked for
    "mdf_allocations:write": ((), ("mdf.allocate",)),
    "mdf_requests:write": (("mdf.request",), ("mdf.request", "mdf.decide", "mdf.decide_manager")),  # the first step
    "mdf_activities:write": (("mdf.claim",), ("mdf.decide",)),
    "mdf_claims:write": (("mdf.claim",), ("mdf.decide", "mdf.pay")),  # what a key decided, a person pays
    "mdf_payments:write": ((), ("mdf.pay",)),
    "commissions:read": (("earnings.read",), ("earnings.read",)),
    "commissions:write": (("earnings.dispute",), ("earnings.decide",)),
    "payouts:read": (("earnings.read",), ("earnings.read",)),
    "payouts:write": ((), ("payout.prepare", "payout.approve")),
    "payout_runs:read": ((), ("earnings.read",)),
    "payout_runs:write": ((), ("payout.prepare", "payout.approve")),
    "metrics:read": ((), ("metric.read",)),
}
RESOURCES = (
    "partners",
    "contacts",
    "agreements",
    "integrations",
    "accounts",
    "deal_registrations",
    "opportunities",
    "opportunity_partners",
    "attributions",
    "conflict_cases",
    "extensions",
    "transfers",
    "breaches",
    "leads",
    "lead_offers",
    "touches",
    "revenue_events",
    "programs",
    "program_versions",
    "tiers",
    "program_memberships",
    "custom_metrics",
    "benefit_requests",
    "mdf_budgets",
    "mdf_budget_changes",
    "mdf_allocations",
    "mdf_requests",
    "mdf_activities",
    "mdf_claims",
    "mdf_invoice_lines",
    "mdf_proofs",
    "mdf_payments",
    "files",
    "commissions",
    "payouts",
    "payout_runs",
    "metrics",
    "events",
)
ALL_SCOPES = tuple(f"{name}:{verb}" for name in RESOURCES for verb in ("read", "write"))


def of_member(role: str) -> frozenset[str]:
    """The permissions of a role at a partner."""
    return frozenset(name for name, (partner, _vendor) in PERMISSIONS.items() if role in partner)


def of_staff(role: str) -> frozenset[str]:
    """The permissions of a role at the vendor."""
    return frozenset(name for name, (_partner, vendor) in PERMISSIONS.items() if role in vendor)


def of_scopes(scopes: frozenset[str], *, bound: bool) -> frozenset[str]:
    """The permissions of an API key with these scopes, bound to a partner or the vendor's own."""
    granted = SCOPES if "*" in scopes else {s: SCOPES[s] for s in scopes if s in SCOPES}
    return frozenset(name for pair in granted.values() for name in pair[0 if bound else 1])
