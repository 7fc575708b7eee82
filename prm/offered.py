"""What the portal's navigation leaves out: pages of benefits that neither the tier nor the type grants."""

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Exists, OuterRef

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
    kinds = {kind for needed in NEEDS.values() for kind in needed}
    had = LeadOffer.objects.visible_to(actor).filter(partner=OuterRef("partner"))
    members = list(queries.memberships(actor).annotate(had_leads=Exists(had)))
    refused = benefits.refused_everywhere(members, kinds, at=at)
    if any(member.had_leads for member in members):
        refused.discard("leads")
    return {name for name, needed in NEEDS.items() if refused.issuperset(needed)}
