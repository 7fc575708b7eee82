"""What the portal's navigation leaves out: pages of benefits that neither the tier nor the type grants."""

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Exists, OuterRef
from django.urls import NoReverseMatch, reverse

from core.actor import Actor
from deals.models import LeadOffer
from tiers import benefits, queries

# url name → the benefits of which one is needed
NEEDS: Mapping[str, tuple[str, ...]] = {
    "portal:leads": ("leads",),
    "portal:mdf": ("co_marketing_budget", "mdf_allocation"),
    "portal:training": ("onboarding", "training"),
}


def left_out(actor: Actor, at: datetime) -> set[str]:
    """The names of pages that aren't offered; what a partner was given before stays in reach."""
    if not actor.is_partner:
        return set()
    had = LeadOffer.objects.visible_to(actor).filter(partner=OuterRef("partner"))
    members = list(queries.memberships(actor).annotate(had_leads=Exists(had)))
    had_leads = any(member.had_leads for member in members)
    asked = {n: kinds for n, kinds in NEEDS.items() if _is_there(n) and not (had_leads and n == "portal:leads")}
    kinds = {kind for needed in asked.values() for kind in needed}
    refused = benefits.refused_everywhere(members, kinds, at=at) if kinds else set()
    return {name for name, needed in asked.items() if refused.issuperset(needed)}


def _is_there(name: str) -> bool:
    """Whether this installation has such a page."""
    try:
        return bool(reverse(name))
    except NoReverseMatch:
        return False
