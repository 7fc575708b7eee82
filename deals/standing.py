"""What the approval of a registration depends on, read at this moment."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from core.actor import Actor
from core.models import Event
from core.scope import elevated
from deals import rules
from deals.enums import PROTECTED, CaseOutcome, CaseStatus, Coverage, Stage
from deals.models import Account, Approval, ConflictCase, Opportunity, Registration
from deals.normalise import is_freemail
from partners.models import Agreement
from tiers.models import Tier

_permission_of = {
    "manager": "deal.decide",
    "operations": "deal.approve_operations",
    "finance": "deal.approve_finance",
    "executive": "deal.approve_executive",
}
_NOBODY_REACHES = 1_000_000


def policy_of(deal: Registration) -> rules.Policy:
    return rules.Policy.of(deal.membership.program.policy)


def approvers(actor: Actor) -> list[str]:
    """The kinds of approval step that this actor may take."""
    return [key for key, permission in _permission_of.items() if actor.can(permission)]


def with_standing(deal: Registration, by: Actor | None = None) -> Registration:
    """The registration with `standing` filled in; `by` is who looks at it or decides."""
    with elevated():  # whatever the rules depend on counts, also what this actor may not read
        deal.standing = _read(deal, policy_of(deal), by)
    return deal


def _read(deal: Registration, policy: rules.Policy, by: Actor | None) -> rules.Standing:
    partner, account = deal.partner, deal.account
    return rules.Standing(
        partner_status=partner.status,
        has_agreement=Agreement.objects.filter(partner=partner, deleted_at=None).exists(),
        open_conflicts=ConflictCase.objects.filter(registration=deal, status=CaseStatus.OPEN).count(),
        coverage=account.coverage if account else Coverage.OPEN,
        covered_by_partner=account is not None and account.owner_partner_id == partner.pk,
        live=Registration.objects.filter(partner=partner, status__in=PROTECTED).exclude(pk=deal.pk).count(),
        policy=policy,
        **_of_reader(deal, by),
        **_of_tier(deal, policy),
        **_of_customer(deal),
        **_of_story(deal),
    )


# --- who looks


def _of_reader(deal: Registration, by: Actor | None) -> dict[str, Any]:
    if by is None or by.kind == "system":
        return {}
    return {"decided_by_reader": _is_decider(deal, by), "not_readers_step": not_readers_step(deal, by)}


def _is_decider(deal: Registration, by: Actor) -> bool:
    if deal.decided_at is None:
        return False
    return deal.decided_by_id == by.id if deal.decided_by_id else deal.decided_label == by.label


def not_readers_step(deal: Registration, by: Actor) -> str:
    """Why this actor can't take the present step of the approval; "" when it can."""
    approver = rules.present_approver(deal)
    if approver and not by.can(_permission_of[approver]):
        return _("This step of the approval is for: %s.") % rules.APPROVER_WORDS[approver]
    if took_a_step(deal, by):
        return _("You approved an earlier step. Another person takes this one.")
    return ""


def took_a_step(deal: Registration, by: Actor) -> bool:
    """Whether this actor approved an earlier step; programs count as one person."""
    person = by.id if by.kind == "vendor" else None
    return deal.steps_done > 0 and Approval.objects.filter(registration=deal, decided_by_id=person).exists()


# --- the partner's tier, the customer, what happened so far


def _of_tier(deal: Registration, policy: rules.Policy) -> dict[str, Any]:
    tier = deal.membership.tier
    rank = tier.rank if tier else None
    if not policy.minimum_tier:
        return {"tier_rank": rank}
    asked = Tier.objects.filter(program=deal.membership.program, key=policy.minimum_tier, deleted_at=None)
    least = asked.values_list("rank", flat=True).first()
    return {"tier_rank": rank, "minimum_rank": _NOBODY_REACHES if least is None else least}


def _of_customer(deal: Registration) -> dict[str, Any]:
    account = deal.account or _account_near(deal)
    others = Registration.objects.none()
    if deal.domain and not is_freemail(deal.domain):
        others = Registration.objects.filter(domain=deal.domain, product=deal.product, status__in=PROTECTED)
    facts = {"others_protected": others.exclude(partner_id=deal.partner_id).count()}
    if account is None:
        return facts
    direct = Opportunity.objects.filter(account=account, stage=Stage.OPEN, partners=None, deleted_at=None)
    return facts | {
        "customer_since": account.customer_since,
        "last_vendor_contact_on": account.last_vendor_contact_on,
        "in_pipeline": direct.exists(),
    }


def _account_near(deal: Registration) -> Account | None:
    """The account with the customer's domain, unless a person said that it is another company."""
    if not deal.domain or is_freemail(deal.domain):
        return None
    others = deal.conflicts.filter(outcome=CaseOutcome.DIFFERENT, other_account__isnull=False)
    rows = Account.objects.filter(domain=deal.domain, deleted_at=None)
    return rows.exclude(pk__in=others.values("other_account_id")).order_by("created_at").first()


_STORY = ("taken_up", "researched", "appeal_granted", "review_reopened")


def _of_story(deal: Registration) -> dict[str, Any]:
    types = [f"{deal.resource}.{verb}" for verb in _STORY]
    told = Event.objects.filter(subject_id=deal.pk, type__in=types).order_by("at", "id").values_list("type", "at")
    last = {kind.rpartition(".")[2]: moment for kind, moment in told}
    decided = deal.conflicts.filter(status=CaseStatus.RESOLVED).order_by("-decided_at")
    return {
        "registered_at": last.get("taken_up"),
        "assigned_at": decided.values_list("decided_at", flat=True).first(),
        "researched": _since(last, "researched", ("appeal_granted", "review_reopened")),
    }


def _since(last: dict[str, datetime], verb: str, anew: tuple[str, ...]) -> bool:
    """Whether it happened, and in the present round of the review."""
    return verb in last and all(last[verb] > last[other] for other in anew if other in last)
