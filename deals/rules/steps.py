"""Who must approve a registration, in order; when it approves itself. Pure."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from deals.enums import Verdict
from deals.rules.policy import ApprovalStep, Policy

MANAGER = {"approver": "manager"}
APPROVER_WORDS: dict[str, Any] = {
    "manager": _("Channel manager"),
    "operations": _("Channel operations"),
    "finance": _("Finance"),
    "executive": _("Executive"),
}


def steps_for(policy: Policy, deal) -> list[dict[str, str]]:
    """The steps that this registration needs: those of the policy whose conditions hold, else the channel manager."""
    found = [{"approver": step.approver} for step in policy.steps if _applies(step, deal)]
    return found or [MANAGER]


def _applies(step: ApprovalStep, deal) -> bool:
    enough = step.from_amount is None or (deal.amount is not None and deal.amount >= step.from_amount)
    many = step.from_quantity is None or deal.quantity >= step.from_quantity
    return enough and many and _is_named(step, deal)


def _is_named(step: ApprovalStep, deal) -> bool:
    tier, product = deal.membership.tier, deal.product
    here = not step.regions or deal.partner.region in step.regions
    of_tier = not step.tiers or (tier is not None and tier.key in step.tiers)
    of_product = not step.products or (product is not None and bool({product.sku, product.family} & set(step.products)))
    return here and of_tier and of_product


def steps_of(deal) -> Sequence[dict[str, str]]:
    """The steps as they were fixed at submission; older registrations wait for the channel manager."""
    return deal.steps or [MANAGER]


def present_approver(deal) -> str:
    """Whose step it is now; "" when every step is done."""
    steps = steps_of(deal)
    return steps[deal.steps_done]["approver"] if deal.steps_done < len(steps) else ""


def is_last_step(deal) -> bool:
    return deal.steps_done + 1 >= len(steps_of(deal))


def approves_itself(policy: Policy, deal) -> bool:
    """Whether the rules approve this registration without a person, if nothing bars it."""
    auto, tier = policy.auto_approve, deal.membership.tier
    if auto is None or deal.verdict != Verdict.CLEAR:
        return False
    of_tier = not auto.tiers or (tier is not None and tier.key in auto.tiers)
    small = auto.below_amount is None or (deal.amount is not None and deal.amount < auto.below_amount)
    return of_tier and small and (not auto.motions or deal.motion in auto.motions)
