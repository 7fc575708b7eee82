"""Whether a program grants market funds to a partner at all: by its tier or its type, from either of two benefits."""

from datetime import datetime

from core.errors import Refused
from mdf.models import Budget
from partners.models import Partner
from tiers.benefits import Granting
from tiers.models import ProgramMembership

KINDS = ("co_marketing_budget", "mdf_allocation")  # from the common budget, or of one's own


def refusal(members: list[ProgramMembership], at: datetime) -> str | None:
    """Why none of the memberships gives a right to market funds; None when one does, or there is none to ask."""
    granting = Granting.of(members, at)
    whys = [[granting.refusal(member, kind) for kind in KINDS] for member in members]
    if not whys or not all(all(found) for found in whys):
        return None
    return whys[0][0]


def require(member: ProgramMembership, *, at: datetime) -> None:
    """Raises Refused with code `not_granted`, and the tier that grants it."""
    if why := refusal([member], at):
        raise Refused(why, code="not_granted")


def require_of(partner: Partner, budget: Budget, *, at: datetime) -> None:
    """The same for a partner's places in the program of a budget."""
    places = ProgramMembership.objects.filter(partner=partner, program_id=budget.program_id, status="active")
    if why := refusal(list(places.order_by("starts_on", "id")), at):
        raise Refused(why, code="not_granted", field="partner")
