"""The statement over all rows gives what forty plain lines give, on small worlds of any shape."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from core.actor import SYSTEM
from deals import attribution
from deals.attribution.why import why
from deals.models import Account, Attribution, AttributionRule, Lead, Touch
from tests.metrics.world import NOW, TODAY, midnight, opportunity, partner, register
from tests.sampled import examples

pytestmark = pytest.mark.django_db
START = TODAY - timedelta(days=400)
RULES = {1: {"campaign": 180, "late": 30, "before": 90, "after": 14, "kinds": ("joint_call", "reference")},
         2: {"campaign": 20, "late": 5, "before": 10, "after": 2, "kinds": ("joint_call",)}}  # fmt: skip
CHANGED_ON = START + timedelta(days=200)
DAY = st.integers(0, 380)
WHO = st.integers(0, 2)
DEAL = st.fixed_dictionaries({
    "account": st.integers(0, 1), "opened": DAY, "lasts": st.one_of(st.none(), st.integers(0, 60)),
    "source": st.sampled_from(["none", "marketing"]), "amount": st.sampled_from(["10", "20", None]),
})  # fmt: skip
NEAR = st.integers(-60, 60)
CLAIM = st.tuples(WHO, st.integers(0, 3), NEAR, st.integers(1, 97), st.sampled_from(["resell", "refer"]),
                  st.sampled_from(["approved", "won", "rejected"]), st.sampled_from(["", "", "inbound", "campaign"]))  # fmt: skip
LEAD = st.tuples(WHO, st.integers(0, 1), DAY, st.sampled_from(["campaign", "inbound"]),
                 st.sampled_from(["accepted", "working", "returned"]))  # fmt: skip
TOUCH = st.tuples(WHO, st.integers(0, 3), st.integers(-100, 70), st.integers(0, 80),
                  st.sampled_from(["joint_call", "reference"]), st.sampled_from(["confirmed", "confirmed", "claimed"]))  # fmt: skip
WORD = st.tuples(st.integers(0, 3), st.one_of(st.none(), WHO))


class World:
    """The same things as rows and as plain values."""

    def __init__(self, deals, claims, leads, touches, words):
        self.people = [partner(), partner(), partner(is_direct=True)]
        self.accounts = [Account.objects.create(name=f"C{n}", domain=f"c{n}.example") for n in range(2)]
        self.deals = [self.deal(**values) for values in deals]
        self.proofs, self.leads, self.touches, self.words = [], [], [], {}
        for one in leads:
            self.lead(*one)
        for one in claims:
            self.claim(*one)
        for one in touches:
            self.touch(*one)
        for number, who in words:
            self.word(self.deals[number % len(self.deals)], who)

    def deal(self, account, opened, lasts, source, amount):
        opened_on = START + timedelta(days=opened)
        closed = None if lasts is None else opened_on + timedelta(days=lasts)
        return opportunity(
            stage="open" if closed is None else "won", amount=amount, opened=opened_on, closed=closed,
            account=self.accounts[account], vendor_source=source,
        )  # fmt: skip

    def claim(self, who, number, offset, lives, motion, status, source):
        deal, by = self.deals[number % len(self.deals)], self.people[who]
        on = deal.opened_on + timedelta(days=offset)
        sent, grace = midnight(on) + timedelta(seconds=len(self.proofs)), midnight(on + timedelta(days=lives))
        own = self._lead(by, on, source, "accepted") if source else None
        more = {"rejection_code": "incomplete", "decision_reason": "x"} if status == "rejected" else {}
        made = register(by, deal, sent=sent, status=status, motion=motion, grace=grace, lead=own, **more)
        if own:
            self.leads.append((deal, by, own, on, True))
        kind = "referral" if motion == "refer" else "registration"
        if status != "rejected" and source != "inbound":
            self.proofs.append((deal, by, kind, made, on, grace.date() - timedelta(days=1), True))

    def _lead(self, by, on, source, status, **more):
        at = midnight(on)
        return Lead.objects.create(
            partner=by, source=source, status=status, account_name="x", received_at=at, accepted_at=at, **more
        )

    def lead(self, who, account, day, source, status):
        on = START + timedelta(days=day)
        made = self._lead(self.people[who], on, source, status, domain=f"c{account}.example")
        near = [deal for deal in self.deals if deal.account == self.accounts[account]]
        self.leads += [(deal, self.people[who], made, on, False) for deal in near if status != "returned"]

    def touch(self, who, number, offset, later, kind, status):
        deal = self.deals[number % len(self.deals)]
        on = deal.opened_on + timedelta(days=offset)
        Touch.objects.create(
            partner=self.people[who], opportunity=deal, kind=kind, status=status, happened_on=on, answered_at=NOW,
            entered_at=midnight(on + timedelta(days=later)),
        )  # fmt: skip
        if status == "confirmed":
            self.touches.append((deal, self.people[who], kind, on, on + timedelta(days=later)))

    def word(self, deal, who):
        by = None if who in (None, 2) else self.people[who]
        if deal.pk not in self.words:
            self.words[deal.pk] = by
            deal.attribution_decisions.create(partner=by, reason="x", decided_at=NOW)


def plain(world):
    """{(deal, partner): credit} by the definition, one opportunity after the other."""
    found = {}
    for deal in world.deals:
        if deal.stage == "open" and deal.amount is None:
            continue
        rule = RULES[2 if deal.closed_on is None or deal.closed_on >= CHANGED_ON else 1]
        proofs = [p for p in world.proofs if p[0] == deal]
        proofs += [(d, by, "campaign", row, on, None, own) for d, by, row, on, own in world.leads
                   if d == deal and row.source == "campaign"]  # fmt: skip
        live = [p for p in proofs if not p[1].is_direct and lives(p, deal, rule, world)]
        order = {"registration": 1, "referral": 2, "campaign": 3}
        best = min(live, key=lambda p: (order[p[2]], moment(p), p[3].pk), default=None)
        source = world.words[deal.pk] if deal.pk in world.words else best and best[1]
        if source:
            found[deal.pk, source.pk] = "sourced"
        for by in {*touched(world, deal, rule), *led(world, deal, rule)}:
            if not by.is_direct:
                found.setdefault((deal.pk, by.pk), "influenced")
    return found


def moment(proof):
    return proof[3].received_at if proof[2] == "campaign" else proof[3].submitted_at


def lives(proof, deal, rule, world):
    _deal, _by, kind, _row, on, ends, own = proof
    if ends is not None and ends < deal.opened_on:
        return False
    if on <= deal.opened_on:
        return kind != "campaign" or on + timedelta(days=rule["campaign"]) >= deal.opened_on
    direct = [d for d in world.deals if d.account == deal.account and d != deal and not d.partners.exists()]
    beside = [d for d in direct if d.opened_on <= on and (d.closed_on is None or d.closed_on > on)]
    late = on <= deal.opened_on + timedelta(days=rule["late"])
    return own and late and deal.vendor_source != "marketing" and not beside


def inside(on, deal, rule):
    return on >= deal.opened_on - timedelta(days=rule["before"]) and (deal.closed_on is None or on <= deal.closed_on)


def touched(world, deal, rule):
    after = timedelta(days=rule["after"])
    return [by for d, by, kind, on, entered in world.touches if d == deal and kind in rule["kinds"]
            and inside(on, deal, rule) and (deal.closed_on is None or entered <= deal.closed_on + after)]  # fmt: skip


def led(world, deal, rule):
    return [by for d, by, _row, on, _own in world.leads if d == deal and inside(on, deal, rule)]


def definition(rule):
    return {"days": {"campaign": rule["campaign"]}, "late_days": rule["late"], "touch_kinds": list(rule["kinds"]),
            "touch_days_before": rule["before"], "touch_entered_days": rule["after"]}  # fmt: skip


def stored():
    rows = Attribution.objects.values_list("opportunity_id", "partner_id", "credit")
    return {(deal, by): credit for deal, by, credit in rows}


@examples(20, long=60)
@given(
    st.lists(DEAL, min_size=1, max_size=4), st.lists(CLAIM, max_size=5), st.lists(LEAD, max_size=3),
    st.lists(TOUCH, max_size=4), st.lists(WORD, max_size=2),
)  # fmt: skip
def test_one_statement_says_what_the_definition_says_of_each_opportunity(deals, claims, leads, touches, words):
    with transaction.atomic():
        for number, rule in RULES.items():
            at = midnight(CHANGED_ON if number > 1 else START)
            AttributionRule.objects.create(number=number, definition=definition(rule), published_at=at)
        world = World(deals, claims, leads, touches, words)
        for by in world.people[:2]:  # no shares: who sources has it all
            for deal in world.deals:
                deal.partners.filter(partner=by).update(share_percent=None)
        attribution.recompute()
        assert stored() == plain(world)
        assert attribution.recompute() == {}
        for deal in world.deals:
            pages = why(deal, SYSTEM)
            first = next((c for c in pages.sourcing if not c.bar and not c.raw_bar), None)
            sourced = {by for (pk, by), credit in stored().items() if (pk, credit) == (deal.pk, "sourced")}
            if not pages.decision and not pages.incomplete:
                assert ({first.partner.pk} if first else set()) == sourced
        transaction.set_rollback(True)
