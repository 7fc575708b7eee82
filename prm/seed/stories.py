"""The life of one registration, step by step as the services would have written it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.text import slugify

from core.actor import SYSTEM, Actor
from deals import rules
from deals.enums import CaseOutcome, CaseStatus, Motion, PartnerRole, Side, Stage, Status, Verdict
from deals.models import Account, ConflictCase, Opportunity, OpportunityPartner, Registration
from deals.normalise import normal_name
from prm.seed import words
from prm.seed.people import House, World, actor

POLICY = rules.Policy()
MOTIONS = {
    "referral": Motion.REFER,
    "strategic": Motion.CO_SELL,
    "technology": Motion.REFER,
    "integration": Motion.REFER,
}


@dataclass(frozen=True)
class Customer:
    """An end customer as somebody types it; `account` and its direct `opportunity` when we know it already."""

    name: str
    domain: str
    country: str
    account: Account | None = None
    opportunity: Opportunity | None = None

    @classmethod
    def known(cls, direct: Opportunity) -> "Customer":
        """The customer of a deal of our own team."""
        assert direct.account
        account = direct.account
        return cls(account.name, account.domain, account.country, account, direct)


class Deal:
    """A registration that is told forwards. Each step moves the row and writes the event of its service."""

    def __init__(self, world: World, house: House, customer: Customer, amount: Decimal | None = None) -> None:
        self.world, self.house, self.customer = world, house, customer
        self.book, self.dice = world.book, world.book.dice
        self.seller = self.dice.pick(house.sellers[:3])
        self.amount = amount or self.dice.amount(29_000, house.currency)
        self.row = Registration(partner=house.partner, membership=house.membership)
        self.opportunity: Opportunity | None = None
        house.deals.append(self.row)

    @property
    def me(self) -> Actor:
        return actor(self.seller)

    @property
    def judge(self) -> Actor:
        return actor(self.house.manager)

    # --- telling

    def _tell(self, verb: str, at: datetime, by: Actor, **data: Any) -> None:
        self.book.tell(self.row, verb, at, by, partner_id=self.row.partner_id, **data)

    def _move(self, verb: str, at: datetime, by: Actor, to: Status, **data: Any) -> "Deal":
        moved = {"status": [str(self.row.status), str(to)]}
        self.row.status, self.row.version = to, self.row.version + 1
        self._tell(verb, at, by, changes=moved, **data)
        return self

    # --- before the decision

    def draft(self, at: datetime) -> "Deal":
        self._fill(at.date())
        self.row.created_by = self.seller
        self.book.add(self.row, at)
        self._tell("created", at, self.me)
        return self

    def _fill(self, day: date) -> None:
        row, dice, customer = self.row, self.dice, self.customer
        first, last = self.world.person(self.house.language)
        row.motion = MOTIONS.get(self.house.kind, Motion.RESELL)
        row.account_name, row.country, row.domain = customer.name, customer.country, customer.domain
        row.website, row.normal_name = f"https://www.{customer.domain}", normal_name(customer.name)
        row.contact_name, row.contact_role = f"{first} {last}", dice.pick(words.JOBS)
        row.contact_email = f"{slugify(first)}.{slugify(last)}@{customer.domain}"
        row.product, row.amount, row.currency = dice.pick(self.world.products), self.amount, self.house.currency
        row.expected_close_on = day + timedelta(days=dice.random.randrange(35, 120))
        row.need, row.how_found = dice.pick(words.NEEDS), dice.pick(words.FOUND)
        row.competitor = dice.pick(words.COMPETITORS) if dice.chance(0.4) else ""

    def submit(self, at: datetime) -> "Deal":
        row = self.row
        row.submitted_at, row.verdict = at, Verdict.CLEAR
        row.due_at = rules.decision_due(POLICY, row.motion, at, self.house.zone)
        self._move("submitted", at, self.me, Status.SUBMITTED)
        return self._move("taken_up", at, SYSTEM, Status.IN_REVIEW)

    def ask(self, at: datetime, question: tuple[str, tuple[str, ...]]) -> "Deal":
        row, (text, fields) = self.row, question
        assert row.due_at
        row.clock_left, row.due_at = rules.clock_left(row.due_at, at, self.house.zone), None
        row.question, row.opened_fields = text, list(fields)
        return self._move("questioned", at, self.judge, Status.ACTION_REQUIRED, text=text, opened_fields=list(fields))

    def answer(self, at: datetime) -> "Deal":
        row = self.row
        assert row.clock_left is not None
        row.due_at = rules.clock_resumed(row.clock_left, at, self.house.zone)
        row.clock_left, row.question, row.opened_fields = None, "", []
        self._move("answered", at, self.me, Status.SUBMITTED, text=self.dice.pick(words.ANSWERS), fields={})
        return self._move("taken_up", at, SYSTEM, Status.IN_REVIEW)

    def withdraw(self, at: datetime) -> "Deal":
        self.row.closed_at, self.row.due_at, self.row.clock_left = at, None, None
        return self._move("withdrawn", at, self.me, Status.WITHDRAWN)

    # --- conflicts

    def collide(self, verdict: Verdict, other: Registration | None, customer: Customer) -> ConflictCase:
        """The duplicate check found another registration, or our own team, with this domain; a case stands open."""
        assert self.row.submitted_at
        self.row.verdict = verdict
        case = ConflictCase(
            partner=self.house.partner, registration=self.row, other_registration=other, other_account=customer.account,
            other_opportunity=customer.opportunity, verdict=verdict, score=Decimal("1.0000"),
            parts={"domain": True, "name": other is None},
        )  # fmt: skip
        return self.book.add(case, self.row.submitted_at)

    def resolve(self, case: ConflictCase, outcome: CaseOutcome, at: datetime) -> None:
        case.status, case.outcome = CaseStatus.RESOLVED, outcome
        case.winner = Side.OTHER if outcome == CaseOutcome.FIRST_WINS else ""
        case.reason = words.DECISIONS["ours" if case.other_opportunity else outcome]
        case.decided_at, case.decided_by, case.version = at, self.house.manager, 2
        moved = {"status": ["open", "resolved"], "outcome": ["", str(outcome)]}
        self.book.tell(case, "resolved", at, self.judge, changes=moved)

    # --- the decision

    def reject(self, at: datetime, code: str) -> "Deal":
        text = words.REJECTIONS[code]
        self._late(at)
        self.row.rejection_code, self.row.due_at = code, None
        self._decide(at, text)
        return self._move("rejected", at, self.judge, Status.REJECTED, text=text, rejection_code=code)

    def _late(self, at: datetime) -> None:
        """An answer that came after its clock had run out was escalated then."""
        due = self.row.due_at
        if due and at > due:
            self.book.tell(self.row, "escalated", due, SYSTEM, percent=100, due_at=due.isoformat())

    def _decide(self, at: datetime, reason: str) -> None:
        self.row.decided_at, self.row.decided_by, self.row.decided_label = at, self.house.manager, self.judge.label
        self.row.decision_reason = reason

    def approve(self, at: datetime) -> "Deal":
        row, note = self.row, self.dice.pick(words.NOTES_OF_APPROVAL)
        self._late(at)
        row.protection_expires_at, row.grace_until = rules.protection(POLICY, at, self.house.zone)
        row.account = self.customer.account or self._open_account(at)
        row.opportunity = self.opportunity = self._open_opportunity(at, row.account)
        row.due_at = None
        self._decide(at, note)
        self.house.done.append(("registration", at))
        return self._move(
            "approved", at, self.judge, Status.APPROVED, text=note, amount=str(row.amount), currency=row.currency,
            protected_until=row.protection_expires_at.isoformat(), opportunity=self.opportunity.public_id,
        )  # fmt: skip

    def _open_account(self, at: datetime) -> Account:
        row, customer = self.row, self.customer
        account = Account(
            name=row.account_name, normal_name=row.normal_name, domain=customer.domain, country=row.country,
            industry=self.dice.pick(words.INDUSTRIES), uses=self.dice.random.sample(words.ADJACENT, 2),
        )  # fmt: skip
        return self.book.add_told(account, at, self.judge)

    def _open_opportunity(self, at: datetime, account: Account) -> Opportunity:
        row = self.row
        opportunity = Opportunity(
            account=account, name=row.account_name, product=row.product, amount=row.amount, currency=row.currency,
            opened_on=at.date(), close_on=row.expected_close_on, owner_email=self.house.manager.email,
            crm_stage="Proposal", probability_percent=Decimal(self.dice.pick((30, 40, 50, 60))),
        )  # fmt: skip
        self.book.add_told(opportunity, at, self.judge, partner_id=row.partner_id)
        for role in rules.roles_of(row.motion):
            share = Decimal(100) if role == PartnerRole.SOURCING else None
            part = OpportunityPartner(
                opportunity=opportunity, partner=self.house.partner, membership=self.house.membership, role=role,
                share_percent=share,
            )  # fmt: skip
            self.book.add(part, at)
        return opportunity

    # --- after the decision

    def report(self, at: datetime) -> "Deal":
        """The partner tells the next step."""
        step = self.dice.pick(words.NEXT_STEPS)
        before, self.row.next_step, self.row.version = self.row.next_step, step, self.row.version + 1
        self._tell("updated", at, self.me, fields={"next_step": [before, step]})
        return self

    def approach_end(self, at: datetime) -> "Deal":
        return self._move("expiring", at, SYSTEM, Status.EXPIRING)

    def expire(self, at: datetime) -> "Deal":
        return self._move("expired", at, SYSTEM, Status.EXPIRED)

    def release(self, at: datetime) -> "Deal":
        self.row.closed_at = at
        return self._move("released", at, self.me, Status.RELEASED, text=self.dice.pick(words.RELEASES))

    def end(self, stage: Stage, at: datetime) -> "Deal":
        """The opportunity closes, and the registration with it where its grace has not ended."""
        row, opportunity = self.row, self.opportunity
        assert opportunity
        close(self.world, opportunity, stage, at, self.judge, reader=self.house)
        if stage == Stage.WON:
            self.house.won(opportunity, rules.roles_of(row.motion))
        within = row.grace_until is not None and at < row.grace_until
        if row.status in (Status.APPROVED, Status.EXPIRING, Status.EXPIRED) and (stage == Stage.LOST or within):
            row.closed_at = at
            self._move(str(stage), at, self.judge, Status(str(stage)))
        return self


def close(
    world: World, row: Opportunity, stage: Stage, at: datetime, by: Actor, *, reader: House | None = None
) -> None:
    """Ends an opportunity. Who sourced it may read so."""
    data = {"stage": ["open", str(stage)], "closed_on": [None, at.date().isoformat()]}
    row.stage, row.closed_on, row.version = stage, at.date(), row.version + 1
    row.crm_stage, row.probability_percent = f"Closed {stage}", Decimal(100 if stage == Stage.WON else 0)
    world.book.tell(row, str(stage), at, by, partner_id=reader.partner.pk if reader else None, changes=data)
    if stage == Stage.WON and row.account and row.account.customer_since is None:
        row.account.customer_since = at.date()
