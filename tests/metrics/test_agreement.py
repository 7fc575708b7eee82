"""Events and the nightly run must agree to the cent, whatever happens in whatever order."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from core.actor import SYSTEM
from core.deliver import deliver_due
from core.events import changes, record
from core.models import Delivery, Event
from deals.enums import PartnerRole, Stage, Status
from deals.models import (
    Attribution,
    AttributionDecision,
    ExchangeRate,
    Opportunity,
    OpportunityPartner,
    Registration,
    Touch,
)
from metrics import reactions, services
from metrics.models import ActiveSpan, Covered, PartnerDay, Scorecard, Snapshot, TotalDay
from tests.metrics.world import NOW, TODAY, midnight, opportunity, partner, register
from tests.sampled import examples
from tiers.models import Fact, ProgramVersion

pytestmark = pytest.mark.django_db
MODELS = (TotalDay, PartnerDay, ActiveSpan, Scorecard, Fact, Attribution)
DAYS = st.integers(0, 420).map(lambda back: TODAY - timedelta(days=back))
AMOUNTS = st.one_of(st.none(), st.decimals(0, 10**6, places=2))

OPENING = st.fixed_dictionaries(
    {
        "opened": st.one_of(st.none(), DAYS),
        "amount": AMOUNTS,
        "kind": st.sampled_from(["new", "expansion", "renewal"]),
        "currency": st.sampled_from(["USD", "USD", "EUR"]),
        "vendor_source": st.sampled_from(["none", "marketing"]),
    }
)
STEP = st.one_of(
    st.tuples(st.just("open"), OPENING, st.integers(0, 2)),  # 0 = direct, else by a partner
    st.tuples(st.just("close"), st.integers(0, 9), st.sampled_from([Stage.WON, Stage.LOST]), DAYS, AMOUNTS),
    st.tuples(st.just("amount"), st.integers(0, 9), AMOUNTS),
    st.tuples(st.just("reopen"), st.integers(0, 9)),
    st.tuples(st.just("delete"), st.integers(0, 9)),
    st.tuples(st.just("share"), st.integers(0, 9), st.integers(1, 99)),
    st.tuples(st.just("reject"), st.integers(0, 9)),
    st.tuples(st.just("touch"), st.integers(0, 9), st.integers(0, 1)),
)


def table(model):
    skip = {"id", "version", "created_at", "updated_at", "as_of", "taken_at", "metadata"}
    names = [f.attname for f in model._meta.concrete_fields if f.name not in skip]
    return sorted(map(str, model.objects.values_list(*names)))


def everything():
    return {model.__name__: table(model) for model in MODELS}


WINDOWS = ("trailing 12 months", "trailing 90 days", "calendar year", "fiscal quarter from February", "each quarter")


def rules_of_all_windows(program):
    """A version that asks for deals and revenue over every kind of window, and for tenure."""
    leaves = [
        {"metric": metric, "op": ">=", "value": value, "window": window}
        for window in WINDOWS
        for metric, value in (("won_deals", 1), ("won_revenue", 500))
    ]
    tiers = [{"name": "A", "rank": 1}, {"name": "B", "rank": 2, "requires": {"any": leaves}}]
    tiers.append(
        {"name": "C", "rank": 3, "requires": {"all": [*leaves, {"metric": "tenure_months", "op": ">=", "value": 3}]}}
    )
    return ProgramVersion.objects.create(
        program=program, number=1, effective_from=date(2020, 1, 1), definition={"id": program.key, "tiers": tiers}
    )


class Business:
    """A business that moves step by step, each step with its event, answered at once."""

    def __init__(self):
        self.partners = [partner(), partner()]
        rules_of_all_windows(self.partners[0].membership.program)
        self.deals = []

    def happens(self, verb, subject, before=None, after=None):
        moved = changes(before or {}, after or {})
        event = record(verb, subject, by=SYSTEM, at=NOW, data={"changes": moved})
        services.refresh(reactions.touched_by([event]), at=NOW)

    def change(self, deal, verb="updated", **values):
        before = {name: getattr(deal, name) for name in values}
        Opportunity.objects.filter(pk=deal.pk).update(**values)
        deal.refresh_from_db()
        self.happens(verb, deal, before, values)

    def open(self, values, who):
        deal = opportunity(**values)
        self.deals.append(deal)
        if who and deal.opened_on and deal.amount:
            register(self.partners[who - 1], deal)
        self.happens("created", deal)

    def pick(self, number):
        alive = [deal for deal in self.deals if deal.deleted_at is None]
        return alive[number % len(alive)] if alive else None

    def step(self, name, *rest):
        if name == "open":
            return self.open(*rest)
        deal = self.pick(rest[0])
        return deal and getattr(self, name)(deal, *rest[1:])

    def close(self, deal, stage, day, amount):
        self.change(deal, stage.value, stage=stage, closed_on=day, amount=amount if amount is not None else deal.amount)

    def amount(self, deal, amount):
        self.change(deal, amount=amount)

    def reopen(self, deal):
        self.change(deal, stage=Stage.OPEN, closed_on=None)

    def delete(self, deal):
        self.change(deal, "deleted", deleted_at=NOW)

    def share(self, deal, percent):
        """A manager splits the credit between both partners."""
        one, other = self.partners
        AttributionDecision.objects.get_or_create(
            opportunity=deal, defaults={"partner": one, "reason": "x", "decided_at": NOW}
        )
        for who, share in ((one, percent), (other, 100 - percent)):
            values = {"membership": who.membership, "share_percent": share}
            OpportunityPartner.objects.update_or_create(
                opportunity=deal, partner=who, role=PartnerRole.SOURCING, defaults=values
            )
        self.happens("updated", deal)

    def touch(self, deal, who):
        """A partner's touch is confirmed."""
        on = deal.opened_on or TODAY
        made = Touch.objects.create(
            partner=self.partners[who], opportunity=deal, kind="reference", status="confirmed", happened_on=on,
            entered_at=midnight(on), answered_at=NOW,
        )  # fmt: skip
        self.happens("confirmed", made)

    def reject(self, deal):
        row = Registration.objects.filter(opportunity=deal).first()
        if row:
            Registration.objects.filter(pk=row.pk).update(
                status=Status.REJECTED, rejection_code="incomplete", decision_reason="x"
            )
            self.happens("rejected", row)


@examples(8, long=25)
@given(st.lists(STEP, min_size=1, max_size=8))
def test_events_and_the_full_recompute_agree_to_the_cent(steps):
    with transaction.atomic():
        ExchangeRate.objects.create(currency="EUR", day=TODAY - timedelta(days=200), rate=Decimal("1.1"), source="test")
        business = Business()
        services.recompute(at=NOW)
        for step in steps:
            business.step(*step)
        by_events = everything()
        report = services.recompute(at=NOW)
        assert everything() == by_events
        assert report.total_rows == 0
        transaction.set_rollback(True)


def test_a_repeat_changes_nothing():
    business = Business()
    business.open({"amount": "10"}, 1)
    before = everything()
    services.refresh(reactions.touched_by(Event.objects.all()), at=NOW)
    assert everything() == before


def test_parts_add_up_to_the_whole():
    business = Business()
    business.open({"amount": "100.01"}, 1)
    business.share(business.deals[0], 33)
    parts = sum(PartnerDay.objects.values_list("pipeline_in_amount", flat=True))
    assert (parts, TotalDay.objects.get(day=business.deals[0].opened_on).pipeline_in_amount) == (Decimal("100.01"),) * 2


def test_a_small_load_recomputes_what_it_touched_and_a_large_one_everything(monkeypatch):
    deal = opportunity(stage="won")
    calls = []
    monkeypatch.setattr(services, "recompute", lambda *, at: calls.append("all"))
    monkeypatch.setattr(services, "refresh", lambda touched, *, at: calls.append("some"))
    for rows in (3, 50_000):
        event = Event(
            type="batch.loaded",
            subject_id=deal.pk,
            data={"resource": "opportunity", "partner_ids": [], "created": rows},
        )
        event.pk = 0
        reactions.load(event)
    assert calls == ["some", "all"]


def test_of_several_large_loads_the_last_does_the_work(monkeypatch):
    calls = []
    monkeypatch.setattr(services, "recompute", lambda *, at: calls.append("all"))
    deal = opportunity()
    for rows in (10_000, 10_000):
        Event.objects.create(
            type="batch.loaded", subject_type="batch", subject_id=deal.pk, subject_public_id="batch_1", at=NOW,
            actor_kind="system", actor_label="x", data={"created": rows, "partner_ids": []},
        )  # fmt: skip
    for event in Event.objects.filter(type="batch.loaded").order_by("pk"):
        reactions.load(event)
    assert calls == ["all"]


def test_an_approval_reaches_the_figures_through_its_delivery():
    one = partner()
    deal = opportunity(amount="5000")
    made = register(one, deal)
    record("approved", made, by=SYSTEM, at=NOW, partner_id=one.pk)
    deliver_due(NOW + timedelta(days=3650), rounds=3)
    assert Delivery.objects.filter(reaction="metrics.refresh", state="done").count() == 1
    assert Scorecard.objects.get(partner=one).open_reported == 5000


def test_the_snapshot_of_today_follows_and_yesterday_stays():
    business = Business()
    services.recompute(at=NOW - timedelta(days=1))
    business.open({"amount": "10"}, 1)
    values = Snapshot.objects.filter(key="partner_sourced_pipeline").order_by("day").values_list("day", "value")
    assert list(values) == [(TODAY - timedelta(days=1), 0), (TODAY, 10)]


def test_of_a_burst_of_events_one_recompute_does_the_work_of_all(monkeypatch):
    one = partner()
    for amount in (10, 20, 30):
        made = register(one, opportunity(amount=str(amount)))
        record("approved", made, by=SYSTEM, at=NOW, partner_id=one.pk)
    runs, refresh = [], services.refresh
    monkeypatch.setattr(services, "refresh", lambda touched, *, at: (runs.append(1), refresh(touched, at=at)))
    Delivery.objects.exclude(reaction="metrics.refresh").delete()
    deliver_due(NOW + timedelta(days=3650), rounds=3)
    assert (len(runs), Scorecard.objects.get(partner=one).open_reported, Covered.objects.count()) == (1, 60, 0)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"done"}
