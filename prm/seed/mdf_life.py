"""The life of one request for market funds, step by step by the services themselves, days ago."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from accounts.models import User
from core.actor import Actor
from core.calendar import end_of_local_day
from core.files import Clean, keep, kinds
from core.money import round_money
from deals.enums import TouchKind
from deals.models import Opportunity
from deals.particulars import TouchClaim
from deals.services import touches
from mdf import services
from mdf.enums import Criterion, ProofKind
from mdf.models import Activity, Allocation, Claim, InvoiceLine, Payment, Proof, Request
from mdf.particulars import (
    ActivityPlan,
    ClaimDecision,
    ClaimPlan,
    Decision,
    Invoiced,
    Line,
    Look,
    Measurement,
    Order,
    Outcome,
    Plan,
    Result,
    Ruling,
    Shown,
    Words,
)
from mdf.rates import rate_of
from partners.actors import actor_for
from partners.enums import MemberRole
from prm.seed.book import RATES
from prm.seed.mdf_words import LEADS, LINES, METRICS, SUPPLIERS
from tiers.models import ProgramMembership

HOME = "USD"


@dataclass(frozen=True)
class Tale:
    """An activity: whose, which, when it starts (days from now; below zero: ago), its cost in dollars, how it goes."""

    house: str
    kind: str
    title: str
    starts: int
    cost: int
    end: str
    granted: int = 100  # percent of what was asked
    multiple: Decimal = Decimal(7)  # expected pipeline for each unit asked
    asked: int | None = None  # dollars; our share of the cost unless given
    foreign: str = ""  # currency of the invoices, if not the budget's
    lasts: int = 2
    place: str = ""


@dataclass
class Stage:
    """Who acts, and when now is."""

    at: datetime
    staff: dict[str, Actor]
    partners: dict[Any, Actor] = field(default_factory=dict)
    touched: set[Any] = field(default_factory=set)  # opportunities that have a touch already

    @classmethod
    def now(cls, at: datetime) -> "Stage":
        names = ("mona", "mark", "olga", "finn")
        users = {u.email: u for u in User.objects.filter(email__in=[f"{n}@northwind.example" for n in names])}
        return cls(at, {name: actor_for(users[f"{name}@northwind.example"]) for name in names})

    def ago(self, days: float) -> datetime:
        return self.at - timedelta(days=days)

    def day(self, days: float) -> date:
        return (self.at + timedelta(days=days)).date()

    def partner(self, member: ProgramMembership) -> Actor:
        if member.partner_id not in self.partners:
            found = member.partner.members.filter(role=MemberRole.ADMIN, ended_at=None).select_related("user")
            first = found.order_by("created_at", "pk").first()
            assert first
            self.partners[member.partner_id] = actor_for(first.user)
        return self.partners[member.partner_id]


@dataclass
class Telling:
    """One tale, told forwards to where it ends."""

    stage: Stage
    tale: Tale
    member: ProgramMembership
    allocation: Allocation
    number: int

    # --- sums and days

    def sum(self, dollars: Any) -> Decimal:
        return round_money(Decimal(dollars) * RATES[self.allocation.currency], self.allocation.currency)

    @property
    def cost(self) -> Decimal:
        return self.sum(self.tale.cost)

    @property
    def by(self) -> Actor:
        return self.stage.partner(self.member)

    def on(self, days: float) -> datetime:
        """So many days after the start, or now when that is still to come."""
        return min(self.stage.at + timedelta(days=self.tale.starts + days), self.stage.at - timedelta(minutes=20))

    def after(self, days: float) -> datetime:
        return self.on(self.tale.lasts + days)

    # --- the request

    def plan(self, share: Decimal) -> Plan:
        asked = self.sum(self.tale.asked) if self.tale.asked else round_money(self.cost * share / 100, HOME)
        starts = self.stage.day(self.tale.starts)
        first, second = LINES[self.tale.kind]
        part = round_money(self.cost * Decimal("0.7"), self.allocation.currency)
        leads = 12 + 7 * (self.number % 6)
        activity = ActivityPlan(
            activity_type=self.tale.kind, title=self.tale.title, starts_on=starts,
            ends_on=starts + timedelta(days=self.tale.lasts), total_cost=self.cost, asked_amount=asked,
            description="For companies that plan their year now. Two of our customers tell what changed for them.",
            place=self.tale.place, target_segment="Mid-size companies", audience_size=60 + 25 * (self.number % 7),
            target_leads=leads, expected_pipeline=round_money(asked * self.tale.multiple, HOME),
            measurement=Measurement(
                METRICS[self.number % 4], str(leads), "Registered with the tracking code, then in our CRM",
                starts + timedelta(days=self.tale.lasts + 30),
            ),
            lines=(Line(first, part), Line(second, self.cost - part)),
        )  # fmt: skip
        return Plan(self.member, self.tale.title, (activity,), self.allocation)

    def draft(self, at: datetime | None = None) -> Request:
        request = Request(membership=self.member)
        return services.requests.draft(self.plan(request.share_percent), by=self.by, at=at or self.on(-46))

    def sent(self, at: datetime | None = None) -> Request:
        sent = at or self.on(-44)
        return services.requests.submit(self.draft(sent - timedelta(days=2)), by=self.by, at=sent)

    def approved(self) -> Request:
        request = self.decided(self.sent(), self.on(-40))
        if request.accept_by:
            services.deciding.accept(request, by=self.by, at=self.on(-38))
        return request

    def decided(self, request: Request, at: datetime) -> Request:
        for approver in list(request.steps):
            who = self.stage.staff[{"manager": "mona", "operations": "olga", "finance": "finn"}[approver]]
            request = services.deciding.approve(request, self.decision(request), by=who, at=at)
        return request

    def decision(self, request: Request) -> Decision:
        activity = request.activities.get()
        whole = self.tale.granted == 100
        given = round_money(activity.asked_amount * self.tale.granted / 100, activity.currency)
        told = self.tale.multiple >= 5
        verdicts: dict[str, dict[str, Any]] = {criterion: {"met": True, "reason": ""} for criterion in Criterion}
        if not told:
            why = "The expected pipeline is below five times what is asked."
            verdicts[Criterion.RETURN] = {"met": False, "reason": why}
        reason = "" if whole else "We fund what pays back five times; the rest is yours."
        return Decision([Ruling(activity, given, verdicts, reason)], "Good fit with the plan of the year.")

    def running(self) -> Request:
        request = self.approved()
        return services.executing.start(request, at=self.on(0))

    def completed(self) -> Request:
        return services.executing.complete(self.running(), at=end_of_local_day(self.stage.day(
            self.tale.starts + self.tale.lasts), self.member.partner.time_zone))  # fmt: skip

    # --- the claim

    def claim_plan(self, activity: Activity, amount: Decimal) -> ClaimPlan:
        day = activity.ends_on
        currency = self.tale.foreign or activity.currency
        known = rate_of(currency, activity.currency, day, actor=self.by, at=self.stage.at)
        assert known
        lines = list(activity.lines.order_by("place"))
        tax = Decimal("0.23") if self.tale.foreign else Decimal("0.19")
        invoices = []
        for place, line in enumerate(lines):
            net = round_money(line.cost / known.rate, currency)
            invoices.append(
                Invoiced(
                    SUPPLIERS[(self.number + place) % 5], f"{day:%y}-{1000 + 17 * self.number + place}", day, net,
                    currency, recoverable_tax=round_money(net * tax, currency), rate=known.rate, budget_line=line,
                )
            )  # fmt: skip
        host = self.member.partner.domain
        proofs = [
            Shown(kind, link=f"https://www.{host}/{day:%Y-%m}/{kind.replace('_', '-')}") for kind in activity.proofs
        ]
        results = {"leads": str(9 + self.number % 20), "attendees": str(35 + self.number % 40)}
        return ClaimPlan(activity, amount, invoices, proofs, results)

    def claim_draft(self) -> Claim:
        activity = self.completed().activities.get()
        assert activity.approved_amount
        plan = self.claim_plan(activity, activity.approved_amount)
        claim = services.claims.draft(plan, by=self.by, at=self.after(9))
        self._keep_file(claim)
        return claim

    def _keep_file(self, claim: Claim) -> None:
        """One of the proofs is a file instead of a link."""
        proof = claim.proofs.filter(kind__in=(ProofKind.LEAD_LIST, ProofKind.RESULTS, ProofKind.ATTENDEES)).first()
        if proof is None:
            return
        content = LEADS + f"{claim.reference},yes\n".encode()
        clean = Clean(f"{proof.kind}.csv", kinds.TEXT, content, hashlib.sha256(content).hexdigest())
        file = keep(clean, partner_id=claim.partner_id, by=self.by, at=self.after(9), subject=claim)
        Proof.objects.filter(pk=proof.pk).update(file_id=file.pk, file_name=file.name, file_hash=file.sha256, link="")

    def claimed(self) -> Claim:
        return services.claims.submit(self.claim_draft(), by=self.by, at=self.after(10))

    def payable(self) -> Claim:
        claim = self.claimed()
        rows: list[Proof | InvoiceLine] = [*claim.proofs.all(), *claim.invoice_lines.all()]
        looks = ClaimDecision([Look(row, True) for row in rows], "All proofs are there.")
        return services.claims.approve(claim, looks, by=self.stage.staff["mark"], at=self.after(14))

    def ordered(self, part: int = 1) -> Payment:
        claim = self.payable()
        assert claim.approved_amount
        amount = round_money(claim.approved_amount / part, claim.currency)
        return services.payments.order(
            claim, Order(amount, f"NW {claim.reference}"), by=self.stage.staff["finn"], at=self.after(20)
        )

    def paid(self) -> Payment:
        payment = self.ordered()
        if payment.status == "ordered":
            services.payments.release(payment, by=self.stage.staff["olga"], at=self.after(21))
        return payment

    def reconciled(self) -> Payment:
        payment = self.paid()
        self._measured(payment.claim.activity)
        day = Outcome(self.after(24).date())
        return services.payments.settle(payment, day, by=self.stage.staff["finn"], at=self.after(24))

    def _measured(self, activity: Activity) -> None:
        """What came of it: reported when it was asked for, and touches that the owners have confirmed."""
        came = (activity.expected_pipeline or Decimal(0)) * (55 + 13 * (self.number % 6)) / 100
        for days, part in ((30, Decimal("0.4")), (90, Decimal("0.8")), (180, Decimal(1))):
            if self.tale.starts + self.tale.lasts + days < 0:
                told = Result(days, 6 + self.number % 20, round_money(came * part, activity.currency))
                services.results.report(activity, told, by=self.by, at=self.after(days + 1))
        first, last = activity.starts_on, min(activity.ends_on + timedelta(days=170), self.stage.day(-15))
        deals = Opportunity.objects.filter(
            currency=activity.currency, opened_on__range=(first, last), amount__gt=0, kind__in=("new", "expansion"),
            partners__partner=self.member.partner,
        ).exclude(pk__in=self.stage.touched).distinct().order_by("opened_on", "pk")  # fmt: skip
        sum_ = Decimal(0)
        for deal in deals[:6]:
            if sum_ >= came:
                break
            self._touch(activity, deal)
            sum_ += deal.amount or 0

    def _touch(self, activity: Activity, deal: Opportunity) -> None:
        self.stage.touched.add(deal.pk)
        assert deal.opened_on
        on = max(activity.ends_on, deal.opened_on)
        at = datetime.combine(on + timedelta(days=2), self.stage.at.time(), self.stage.at.tzinfo)
        told = TouchClaim(
            self.member.partner, TouchKind.CAMPAIGN_ATTENDANCE, on, deal, note=f"Came to “{activity.title}”.",
            campaign=activity.tracking_code,
        )  # fmt: skip
        touch = touches.claim(told, by=self.by, at=at)
        touches.confirm(touch, by=self.stage.staff["mona"], at=at + timedelta(days=3))

    # --- other ends

    def in_review(self) -> Request:
        return self.sent(self.stage.ago(1.1 + self.number % 3))

    def late(self) -> Request:
        return self.sent(self.stage.ago(9))

    def fresh(self) -> Request:
        return self.sent(self.stage.ago(0.15))

    def endorsed(self) -> Request:
        request = self.sent(self.stage.ago(4))
        return services.deciding.approve(
            request, self.decision(request), by=self.stage.staff["mona"], at=self.stage.ago(2)
        )

    def questioned(self) -> Request:
        words = Words("Which of your customers will be on the stage, and do they agree to be named?")
        return services.deciding.ask(
            self.sent(self.stage.ago(4)), words, by=self.stage.staff["mark"], at=self.stage.ago(2)
        )

    def offered(self) -> Request:
        return self.decided(self.sent(self.stage.ago(6)), self.stage.ago(1.5))

    def rejected(self) -> Request:
        words = Words("The audience is not ours: most of those invited are students. Aim it at buyers.")
        return services.deciding.reject(self.sent(), words, by=self.stage.staff["mark"], at=self.on(-40))

    def declined(self) -> Request:
        words = Words("Gifts are not what these funds are for.")
        return services.deciding.decline(self.sent(), words, by=self.stage.staff["mona"], at=self.on(-40))

    def withdrawn(self) -> Request:
        return services.requests.withdraw(self.sent(), by=self.by, at=self.on(-41))

    def cancelled(self) -> Request:
        words = Words("The organiser called the fair off.")
        return services.deciding.cancel(self.approved(), words, by=self.by, at=self.on(-12))

    def lapsed(self) -> Activity:
        activity = self.completed().activities.get()
        assert activity.claim_due_on
        return services.executing.lapse(activity, at=end_of_local_day(activity.claim_due_on, "UTC"))

    def claim_questioned(self) -> Claim:
        words = Words("The photo shows the hall, not the stand. Send one with both logos.")
        return services.claims.ask(self.claimed(), words, by=self.stage.staff["mark"], at=self.after(12))

    def claim_rejected(self) -> Claim:
        words = Words("The invoice is of last year's fair. Send this year's.")
        return services.claims.reject(self.claimed(), words, by=self.stage.staff["mark"], at=self.after(13))

    def claim_withdrawn(self) -> Claim:
        return services.claims.withdraw(self.claimed(), by=self.by, at=self.after(11))

    def instalment(self) -> Payment:
        return self.ordered(part=2)

    def failed(self) -> Payment:
        outcome = Outcome(failure="The account is closed.")
        return services.payments.fail(self.ordered(), outcome, by=self.stage.staff["finn"], at=self.after(23))

    def clawed_back(self) -> Claim:
        claim = Claim.objects.get(pk=self.reconciled().claim_id)
        words = Words("The supplier paid the partner back: the fair was called off after the claim.")
        return services.payments.claw_back(claim, words, by=self.stage.staff["finn"], at=self.after(50))

    def tell(self) -> Any:
        end: Callable[[], Any] = getattr(self, self.tale.end)
        return end()
