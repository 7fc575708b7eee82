"""What stands open at the cast's companies besides their history: told by the services themselves, days ago."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.text import slugify

from accounts.models import User
from core.actor import Actor
from core.models import Delivery, DeliveryState
from core.timers import ring
from deals import services
from deals.enums import CaseOutcome, LeadSource, OpportunityKind, Side, Stage, Status, TouchKind, VendorSource
from deals.lead_particulars import Ending, Enquiry, No, OfferTo, Report, RuleTerms
from deals.models import ConflictCase, Lead, LeadOffer, Opportunity, Registration
from deals.particulars import Claim, Handover, Reason, Rejection, Resolution, TouchClaim
from deals.services import leads, offers, routing, touches
from partners.actors import actor_for
from partners.models import Product
from tiers.benefits import Granting
from tiers.models import ProgramMembership

FEWEST = 5  # partners


@dataclass
class Scene:
    """Who acts, and when now is."""

    at: datetime
    houses: list[ProgramMembership]
    product: Product

    def ago(self, days: float) -> datetime:
        return self.at - timedelta(days=days)

    def vendor(self, name: str) -> Actor:
        return actor_for(User.objects.get(email=f"{name}@northwind.example"))

    def seller(self, house: ProgramMembership) -> Actor:
        members = house.partner.members.filter(ended_at=None, role__in=("sales", "admin")).select_related("user")
        last = members.order_by("role", "created_at").last()
        assert last
        return actor_for(last.user)

    def sent(self, house: ProgramMembership, name: str, days: float, amount: int = 24_000) -> Registration:
        """A registration of this house, sent so many days ago."""
        domain = f"{slugify(name)}.example"
        who = self.seller(house)
        claim = Claim(
            membership=house, account_name=name, website=f"www.{domain}", country=house.partner.country or "PT",
            contact_name="Inês Prado", contact_email=f"ines.prado@{domain}", product=self.product,
            amount=Decimal(amount), currency=house.partner.default_currency,
            expected_close_on=(self.at + timedelta(days=75)).date(),
            need="Replace a spreadsheet that four teams share.",
        )  # fmt: skip
        return services.submit(services.register(claim, by=who, at=self.ago(days)), by=who, at=self.ago(days - 0.01))

    def approved(self, house: ProgramMembership, name: str, days: float) -> Registration:
        deal = self.sent(house, name, days + 0.8)
        return services.approve(deal, by=self.vendor("mona"), at=self.ago(days))


def play(at: datetime) -> None:
    """Every situation that a deal, a lead or a touch can stand in; nobody is written to about it."""
    names = ("Acme", "Cobalt", "Sable")
    rows = ProgramMembership.objects.filter(status="active", partner__status="active").select_related(
        "partner__manager", "program", "tier"
    )
    granting = Granting.of(rows, at)
    able = [m for m in rows if not any(granting.refusal(m, kind) for kind in ("deal_registration", "leads"))]
    houses = sorted(able, key=lambda m: (names.index(m.partner.name) if m.partner.name in names else 9, m.created_at))
    if len(houses) < FEWEST:
        return
    product = Product.objects.filter(is_active=True).order_by("created_at").first()
    assert product
    scene = Scene(at, houses, product)
    for situation in (_appeals, _extension, _line, _two_hands, _breach, _leads, _touches):
        situation(scene)
    Delivery.objects.filter(state=DeliveryState.OPEN).delete()


def _appeals(scene: Scene) -> None:
    """One appeal waits for somebody else than Mona; one was declined for good."""
    acme, other = scene.houses[0], scene.houses[3]
    mona, olga = scene.vendor("mona"), scene.vendor("olga")
    no = Rejection("not_qualified", "We don't see a budget or a date yet. Come back with both.")
    for house, name in ((acme, "Padaria Cinco Marés"), (other, "Brisa Têxteis")):
        deal = services.reject(scene.sent(house, name, 6), no, by=mona, at=scene.ago(4.5))
        words = Reason("The budget was approved on Friday. The order is due before the summer.")
        services.appeal(deal, words, by=scene.seller(house), at=scene.ago(1.2))
        if house is other:
            late = Reason("The budget is for next year. Register it again in January.")
            services.refuse_appeal(deal, late, by=olga, at=scene.ago(0.6))


def _extension(scene: Scene) -> None:
    """Acme asks for more days on a deal that ends soon."""
    rows = Registration.objects.filter(partner=scene.houses[0].partner, status=Status.EXPIRING)
    deal = rows.select_related("partner", "membership__program").first()
    if deal:
        why = Reason("Their board meets on the 12th. The offer is on the agenda.")
        services.request_extension(deal, why, by=scene.seller(scene.houses[0]), at=scene.ago(0.7))


def _line(scene: Scene) -> None:
    """A second partner waits in line behind Acme."""
    first = scene.approved(scene.houses[0], "Atlântico Frio", 9)
    second = scene.sent(scene.houses[4], "Atlântico Frio", 5)
    case = ConflictCase.objects.filter(registration=second, other_registration=first).first()
    if case:
        told = (
            "Another registration for this customer came earlier. Yours is next in line; we'll tell you when it moves."
        )
        decision = Resolution(CaseOutcome.FIRST_WINS, "The other one is protected.", winner=Side.OTHER, ours_told=told)
        services.resolve(case, decision, by=scene.vendor("mona"), at=scene.ago(3.5))


def _two_hands(scene: Scene) -> None:
    """One deal was revoked by two people, one went to another partner by the customer's letter."""
    mona, olga = scene.vendor("mona"), scene.vendor("olga")
    revoked = scene.approved(scene.houses[3], "Norte Solar", 20)
    why = Reason("The customer says nobody has called since the registration.")
    proposal = services.propose_revocation(revoked, why, by=mona, at=scene.ago(4))
    services.confirm_revocation(proposal, by=olga, at=scene.ago(3))
    moved = scene.approved(scene.houses[1], "Vidro e Luz", 15)
    letter = Handover(scene.houses[2].partner.reference, "Marta Reis, head of purchasing, by mail on Tuesday.")
    services.hand_over(moved, letter, by=olga, at=scene.ago(2))


def _breach(scene: Scene) -> None:
    """Our own team opened an opportunity on an account that is protected for Acme."""
    deal = scene.approved(scene.houses[0], "Hotéis Miradouro", 12)
    direct = Opportunity.objects.create(
        account=deal.account, name=deal.account_name, product=deal.product, kind=OpportunityKind.NEW, stage=Stage.OPEN,
        amount=Decimal("31000.00"), currency=deal.currency, opened_on=scene.ago(2).date(),
        close_on=(scene.at + timedelta(days=60)).date(), vendor_source=VendorSource.SALES_OUTBOUND,
        owner_email="sam.stone@northwind.example",
    )  # fmt: skip
    services.find_breaches([direct.pk], at=scene.ago(1.9))


def _enquiry(name: str, person: str, **more) -> Enquiry:
    domain = f"{slugify(name)}.example"
    told: dict[str, Any] = {
        "website": domain, "country": "PT", "region": "EMEA", "contact_name": person, "contact_role": "IT lead",
        "contact_email": f"{person.split(maxsplit=1)[0].lower()}@{domain}", "contact_phone": "+351 210 000 000",
        "need": "Wants to see prices and one reference of its size.", "source": LeadSource.MARKETING,
        "industry": "Retail", "employee_count": 180, "amount": Decimal(15_000),
    }  # fmt: skip
    return Enquiry(account_name=name, **told | more)


def _leads(scene: Scene) -> None:
    """Leads in every state: new, offered, working, gone stale, converted, closed, and one nobody took."""
    mark, acme, cobalt = scene.vendor("mark"), scene.houses[0], scene.houses[1]
    olga = scene.vendor("olga")
    for terms in (
        RuleTerms("Hot leads in Europe", {"regions": ["EMEA"], "temperatures": ["hot"]}, answer_hours=4, offers=2),
        RuleTerms("Everything else"),
    ):
        routing.add_rule(terms, by=olga, at=scene.ago(200))
    leads.receive(_enquiry("Casa Lume", "Nuno Vaz", product=scene.product), by=mark, at=scene.ago(0.2))
    _offered(scene, "Ponte Nova Log", "Sara Mota", acme, 0.1, temperature="hot")
    working = _accepted(scene, "Quinta do Vale", "Rui Gil", acme, 9)
    report = Report("Met them on site. They compare us with one other.", "Demo on Thursday")
    leads.work(working, report, by=scene.seller(acme), at=scene.ago(3))
    _accepted(scene, "Farol Clinics", "Ana Luz", cobalt, 12)
    won = _accepted(scene, "Serra Mobile", "Ivo Melo", acme, 15)
    draft = leads.begin_deal(won, by=scene.seller(acme), at=scene.ago(13))
    Registration.objects.filter(pk=draft.pk).update(expected_close_on=(scene.at + timedelta(days=50)).date())
    draft.refresh_from_db()
    if draft.product_id:
        services.submit(draft, by=scene.seller(acme), at=scene.ago(0.3))
    gone = _accepted(scene, "Baía Seguros", "Lia Cruz", scene.houses[2], 20)
    leads.disqualify(
        gone, Ending("no_budget", "Not before next year."), by=scene.seller(scene.houses[2]), at=scene.ago(14)
    )
    offer = _offered(scene, "Moinho Digital", "Rui Pena", cobalt, 2)
    offers.decline(offer, No("no_capacity", "We are full until March."), by=scene.seller(cobalt), at=scene.ago(1.5))
    ring(scene.at)  # clocks that ran out meanwhile


def _offered(scene: Scene, name: str, person: str, house: ProgramMembership, days: float, **more) -> LeadOffer:
    mark = scene.vendor("mark")
    lead = leads.receive(_enquiry(name, person, product=scene.product, **more), by=mark, at=scene.ago(days + 0.2))
    leads.qualify(lead, by=mark, at=scene.ago(days + 0.1))
    return offers.offer(lead, OfferTo(house.partner), by=mark, at=scene.ago(days))


def _accepted(scene: Scene, name: str, person: str, house: ProgramMembership, days: float) -> Lead:
    offer = offers.accept(
        _offered(scene, name, person, house, days), by=scene.seller(house), at=scene.ago(days) + timedelta(minutes=50)
    )
    return Lead.objects.select_related("partner", "membership__partner", "product").get(pk=offer.lead_id)


def _untouched() -> list[Opportunity]:
    """Open deals of our own team, the latest first, on accounts that no partner has registered."""
    rows = Opportunity.objects.filter(
        stage=Stage.OPEN, partners=None, opened_on__isnull=False, amount__gt=0,
        kind__in=(OpportunityKind.NEW, OpportunityKind.EXPANSION),
    )  # fmt: skip
    registered = Registration.objects.filter(account__isnull=False).values("account")
    return list(rows.exclude(account__in=registered).order_by("-opened_on", "pk")[:8])


def _touches(scene: Scene) -> None:
    """What partners did for deals of our own team. Of Acme's one is confirmed, one waits for the owner, and one's deal
    isn't found; those of others our own people entered."""
    acme, mona = scene.houses[0], scene.vendor("mona")
    ada = scene.seller(acme)
    direct = _untouched()
    told = [
        (TouchKind.JOINT_CALL, 6, "Joined the call with their head of operations."),
        (TouchKind.EXECUTIVE_INTRODUCTION, 4, "Introduced our contact to their new managing director."),
    ]
    made = [
        touches.claim(
            TouchClaim(acme.partner, kind, scene.ago(days).date(), opportunity=one, note=note),
            by=ada,
            at=scene.ago(days - 1),
        )
        for (kind, days, note), one in zip(told, direct[:2], strict=False)
    ]
    if made:
        touches.confirm(made[0], by=mona, at=scene.ago(2))
    kinds = (TouchKind.JOINT_CALL, TouchKind.REFERENCE, TouchKind.EXECUTIVE_INTRODUCTION)
    for n, (house, one) in enumerate(zip(scene.houses[1:7], direct[2:], strict=False)):
        seen = scene.ago(9 + 5 * n)
        helped = TouchClaim(house.partner, kinds[n % 3], seen.date(), one, note="Told by our own seller.")
        touches.enter(helped, by=mona, at=seen + timedelta(days=2))
    vague = TouchClaim(acme.partner, TouchKind.REFERENCE, scene.ago(3).date(), account_name="Grupo Horizonte")
    touches.claim(vague, by=ada, at=scene.ago(1))
