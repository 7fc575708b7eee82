"""Leads of tests: a market with a routing rule, and leads in every state."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from core import timers
from deals.enums import LeadStatus
from deals.lead_particulars import Enquiry, Report, RuleTerms
from deals.models import Lead, LeadOffer, RoutingRule
from deals.services import leads, offers, routing
from tests.deals.conftest import Market, make_market
from tests.factories import NOW, Cast
from tests.ground import ground

SECRET = "CANARY-Zyxel"
ENQUIRY = Enquiry(
    account_name=f"{SECRET} Werke GmbH",
    website="https://www.canary-werke.example/kontakt",
    country="PT",
    region="EMEA",
    industry="Retail",
    employee_count=120,
    contact_name="Dora Quint",
    contact_email="dora@canary-werke.example",
    contact_phone="+351 21 555 01 23",
    contact_role="CIO",
    need=f"{SECRET} Werke GmbH wants analytics. Write to dora@canary-werke.example or call +351 21 555 01 23.",
)


@dataclass(frozen=True)
class Desk:
    """The vendor's lead desk: Mona routes, one rule ranks everybody."""

    market: Market
    rule: RoutingRule

    @property
    def cast(self) -> Cast:
        return self.market.cast

    def new(self, at: datetime = NOW, **changes: Any) -> Lead:
        return leads.receive(replace(ENQUIRY, **changes), by=self.cast.actor("mona"), at=at)

    def offered(self, at: datetime = NOW, **changes: Any) -> LeadOffer:
        return offers.offer(self.new(at, **changes), by=self.cast.actor("mona"), at=at)

    def who(self, offer: LeadOffer) -> str:
        """Whose offer it is: ada of Acme, cy of Cobalt."""
        return "ada" if offer.partner_id == self.cast.acme.pk else "cy"

    def accepted(self, at: datetime = NOW, **changes: Any) -> Lead:
        offer = self.offered(at, **changes)
        offers.accept(offer, by=self.cast.actor(self.who(offer)), at=at)
        return Lead.objects.get(pk=offer.lead_id)

    def working(self, at: datetime = NOW, **changes: Any) -> Lead:
        lead = self.accepted(at, **changes)
        return leads.work(lead, Report("Called them.", "Meet"), by=self.cast.actor("ada"), at=at)


def make_desk(market: Market) -> Desk:
    """Needs a scope that sees all. Acme works in Portugal, so its score is the higher one."""
    rule = routing.add_rule(RuleTerms("All leads"), by=market.cast.actor("olga"), at=NOW)
    type(market.cast.acme).objects.filter(pk=market.cast.acme.pk).update(territories=["PT"])
    type(market.cast.cobalt).objects.filter(pk=market.cast.cobalt.pk).update(country="ES", territories=["ES"])
    market.cast.acme.refresh_from_db()
    market.cast.cobalt.refresh_from_db()
    return Desk(market, rule)


desk = ground(make_desk, make_market)


def state(lead: Lead) -> LeadStatus:
    return LeadStatus(Lead.objects.values_list("status", flat=True).get(pk=lead.pk))


def pass_time(until: datetime, step: timedelta = timedelta(hours=6), since: datetime = NOW) -> None:
    """Rings whatever is due on the way, as the worker would."""
    at = since
    while at < until:
        at = min(at + step, until)
        timers.ring(at)
