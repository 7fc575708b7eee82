"""What stands open about tiers once the figures are known: every state of a review, exceptions, benefit requests."""

from datetime import datetime, timedelta

from core.models import Delivery, DeliveryState
from core.timers import ring
from prm.seed.situations import FEWEST, Scene
from tiers import services
from tiers.enums import BenefitKind, ReviewStatus
from tiers.models import ProgramMembership, Tier, TierReview
from tiers.particulars import OverrideTerms, Plan, Waiver, Wish, Words

CAST = ("Acme", "Cobalt", "Sable & Finch")


def play(at: datetime) -> None:
    """Reviews that the figures opened are decided, days ago, by the demo's people; nobody is written to about it."""
    rows = ProgramMembership.objects.filter(status="active", partner__status="active")
    houses = list(rows.select_related("partner__manager", "program", "tier").order_by("created_at"))
    first = [m for name in CAST for m in houses if m.partner.name == name]
    if len(houses) >= FEWEST and len(first) == len(CAST):
        scene = Scene(at, [*first, *(m for m in houses if m not in first)], None)  # type: ignore[arg-type]
        for situation in (_below, _exceptions, _asked):
            situation(scene)
        ring(at)
    Delivery.objects.filter(state=DeliveryState.OPEN).delete()


def _below(scene: Scene) -> None:
    """Of those whose figures no longer reach their tier: one whose notice has run, one that waits for somebody, one
    waived, and where there are more one under notice."""
    mona, olga = scene.vendor("mona"), scene.vendor("olga")
    waiting = TierReview.objects.filter(status=ReviewStatus.BELOW).exclude(partner__name__in=CAST)
    found = list(waiting.select_related("membership", "from_tier", "to_tier").order_by("pk")[:4])
    told = Words("Two quarters without a closed deal. Let us look at your pipeline together.")
    for review, days in zip((*found[:1], *found[3:]), (66, 20), strict=False):
        _since(review, scene, days + 9)
        services.give_notice(review, told, by=mona, at=scene.ago(days))
    for review in found[1:2]:
        _since(review, scene, 5)
    for review in found[2:3]:
        _since(review, scene, 12)
        kept = Waiver("Their buyer changed in summer; the pipeline is good.", (scene.at + timedelta(days=90)).date())
        services.waive(review, kept, by=olga, at=scene.ago(5))


def _since(review: TierReview, scene: Scene, days: float) -> None:
    """The review began so many days ago."""
    TierReview.objects.filter(pk=review.pk).update(proposed_at=scene.ago(days), due_at=scene.ago(days - 7))
    review.refresh_from_db()


def _exceptions(scene: Scene) -> None:
    """One exception in force, one that waits for a second person."""
    mona, olga, today = scene.vendor("mona"), scene.vendor("olga"), scene.at.date()
    gold = Tier.objects.get(program=scene.houses[0].program, key="gold")
    quiet = TierReview.objects.filter(status__in=("proposed", "at_risk", "below", "notice")).values("membership")
    free = [m for m in scene.houses[3:] if m.tier and m.tier.rank < gold.rank]
    free = [m for m in free if m.pk not in set(quiet.values_list("membership", flat=True))][:2]
    told = (("Launch partner in its country: the first reference counts more than the number of deals.", 120),
            ("Took over the customers of a partner that left.", 90))  # fmt: skip
    for member, (reason, days) in zip(free, told, strict=False):
        terms = OverrideTerms(gold, reason, today, today + timedelta(days=days))
        override = services.propose_override(member, terms, by=mona, at=scene.ago(0.3))
        if reason == told[0][0]:
            services.agree_override(override, by=olga, at=scene.ago(0.2))


def _asked(scene: Scene) -> None:
    """A question that waits, one that was answered, a press campaign agreed to, a meeting booked."""
    acme, cobalt = scene.houses[:2]
    mona, day = scene.vendor("mona"), (scene.at + timedelta(days=16)).date()
    old = Wish(BenefitKind.QUESTION, "May we quote in Brazilian real for a customer with offices in both countries?")
    answered = services.ask_for(acme, old, by=scene.seller(acme), at=scene.ago(6))
    services.finish_request(answered, Words("Yes. Quote in the currency of the order."), by=mona, at=scene.ago(5.5))
    new = Wish(BenefitKind.QUESTION, "Does the on-premises edition get the same protection days?")
    services.ask_for(acme, new, by=scene.seller(acme), at=scene.ago(0.1))
    press = Wish(BenefitKind.JOINT_PR, "A joint press note about the first shared customer in Spain.")
    note = services.ask_for(cobalt, press, by=scene.seller(cobalt), at=scene.ago(8))
    plan = Plan("We write it, you approve it, both publish on one day.", next_on=day)
    services.agree_to(note, plan, by=mona, at=scene.ago(7))
    top = next((m for m in scene.houses if m.tier and m.tier.key == "platinum"), None)
    if top:
        meeting = Wish(BenefitKind.EXECUTIVE_ACCESS, "Plan next year with your head of product.")
        booked = services.ask_for(top, meeting, by=scene.seller(top), at=scene.ago(9))
        hour = Plan("One hour, plan of next year.", sponsor="Eve Evans", next_on=day)
        services.agree_to(booked, hour, by=mona, at=scene.ago(8))
        shared = Wish(BenefitKind.CO_DEVELOPMENT, "A connector for the customs portal.")
        services.ask_for(top, shared, by=scene.seller(top), at=scene.ago(1.5))
