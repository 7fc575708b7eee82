"""Partners of every type in one program, deals that are won, customers that pay and are refunded."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from core.actor import SYSTEM
from deals import services as deals
from deals.enums import OpportunityKind, PartnerRole, Stage, Status
from deals.models import Account, Opportunity, OpportunityPartner, Registration
from deals.particulars import Closing, Revenue
from earnings.models import EarningLine
from earnings.services import settle
from partners.models import Program
from tests.factories import NOW, MembershipFactory, ProgramFactory, RevenueRuleFactory, TierFactory
from tests.ground import ground
from tiers.models import ProgramMembership, Tier

WON = date(2026, 6, 1)


@dataclass
class Trade:
    """A program with its partners; every deal is won on WON unless said otherwise."""

    program: Program
    tier: Tier
    members: dict[str, ProgramMembership] = field(default_factory=dict)

    def member(self, kind: str = "referral", name: str = "") -> ProgramMembership:
        name = name or kind
        if name not in self.members:
            self.members[name] = MembershipFactory(program=self.program, tier=self.tier, partner_type=kind)
        return self.members[name]

    def rule(self, partner_type: str = "referral", **more):
        return RevenueRuleFactory(program=self.program, partner_type=partner_type, **more)

    def deal(
        self, *parts: tuple[ProgramMembership, str], amount="10000", won: date | None = WON, **more
    ) -> Opportunity:
        """An opportunity with its roles, won on a day and settled, or open."""
        values = {"currency": "USD", "kind": OpportunityKind.NEW, "account": Account.objects.create(name="Customer")}
        deal = Opportunity.objects.create(amount=Decimal(amount), opened_on=WON - timedelta(days=60), **values | more)
        for membership, role, *share in parts:
            OpportunityPartner.objects.create(
                opportunity=deal,
                partner=membership.partner,
                membership=membership,
                role=role,
                share_percent=share[0] if share else None,
            )
        return self.win(deal, won) if won else deal

    def win(self, deal: Opportunity, day: date = WON) -> Opportunity:
        deals.close(deal, Closing(Stage.WON, day, None), by=SYSTEM, at=NOW)
        return self.settled(deal)

    def reopen(self, deal: Opportunity) -> Opportunity:
        deals.reopen(deal, by=SYSTEM, at=NOW)
        return self.settled(deal)

    def settled(self, deal: Opportunity) -> Opportunity:
        settle([deal.pk], at=NOW)
        deal.refresh_from_db()
        return deal

    def referred(self, **more) -> Opportunity:
        return self.deal((self.member("referral"), PartnerRole.SOURCING, Decimal(100)), **more)

    def registered(self, deal: Opportunity, membership: ProgramMembership, day: date, **terms) -> Registration:
        """A registration of the deal that was approved on a day."""
        at = NOW.replace(year=day.year, month=day.month, day=day.day)
        return Registration.objects.create(
            partner=membership.partner,
            membership=membership,
            status=Status.WON,
            opportunity=deal,
            account_name="Customer",
            amount=1,
            submitted_at=at,
            decided_at=at,
            decided_label="Mona",
            terms=terms,
        )

    def revenue(self, deal: Opportunity, kind: str, amount, day: date = WON, **more):
        told = Revenue(kind, day, Decimal(amount), **more)
        made = deals.enter_revenue(deal, told, by=SYSTEM, at=NOW)
        self.settled(deal)
        return made

    def pays(self, deal: Opportunity, amount="10000", day: date = WON + timedelta(days=10), **more):
        return self.revenue(deal, "payment", amount, day, **more)

    def refunds(self, deal: Opportunity, amount="5000", day: date = WON + timedelta(days=40), **more):
        return self.revenue(deal, "refund", amount, day, **more)

    def removes(self, event) -> None:
        deals.remove_revenue(event, by=SYSTEM, at=NOW)
        self.settled(event.opportunity)


def lines(*fields, **narrow) -> list:
    """What the lines hold, oldest first."""
    return list(EarningLine.objects.filter(**narrow).order_by("pk").values_list(*fields))


def amounts(**narrow) -> list[tuple[str, str]]:
    """(amount, state) of each line, oldest first."""
    return [(f"{amount:f}", status) for amount, status in lines("amount", "status", **narrow)]


def make_trade() -> Trade:
    program = ProgramFactory(key="partner", name="Partner program")
    return Trade(program, TierFactory(program=program, rank=1, key="registered", name="Registered"))


trade = ground(make_trade)
