"""How partners rose and fell: tiers by the rules in force, week by week, with who decided."""

from bisect import bisect_right
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from core.actor import SYSTEM
from core.calendar import working_days_after
from deals.rules import Policy
from prm.seed.people import House, World, actor
from tiers import rules
from tiers.enums import ReviewStatus
from tiers.explained import explain
from tiers.models import Assessment, Fact, ProgramMembership, Tier, TierReview
from tiers.queries import gained
from tiers.services.reviews import REVIEW_WORKING_DAYS
from tiers.windows import year_before
from tiers.words import listing

DEALS, PEOPLE = "closed_deals_12m", "certified_people"
LAST_DECISION = 4  # days ago; what was earned since is still to be decided
POLICY = Policy()
NOBODY = {"Cobalt": 0}  # certified people of those whose story says so


def settle(world: World) -> None:
    """Tiers and terms of every partner, from the deals it closed."""
    for house in world.houses:
        house.wins.sort()
        ladder = _Ladder(world, house)
        ladder.climb()
        for row in house.deals:
            if row.protection_expires_at and row.decided_at:
                row.terms = _terms(world, ladder.tier_on(row.decided_at.date()))


def _terms(world: World, tier: Tier | None) -> dict[str, str | int | None]:
    """What `approve` writes down of the rules of its day."""
    return {
        "program": world.rules.program.key,
        "tier": tier.key if tier else None,
        "margin_percent": str(tier.discount_percent) if tier and tier.discount_percent else None,
        "protection_days": POLICY.protection_days,
        "grace_days": POLICY.grace_days,
    }


class _Ladder:
    """One partner's way through the tiers."""

    def __init__(self, world: World, house: House) -> None:
        self.world, self.house, self.book, self.dice = world, house, world.book, world.book.dice
        self.steps: list[tuple[date, Tier]] = []
        self.certified = self._certify()
        self.judged: dict[Decimal, Tier] = {}  # by closed deals
        self.patience = self.dice.random.randrange(8, 22)  # weeks below before a person decides

    @property
    def membership(self) -> ProgramMembership:
        return self.house.membership

    def _certify(self) -> int:
        """How many certified people the partner has; most of the busy ones have some."""
        people = (
            self.dice.random.randrange(1, 5) if self.dice.chance(0.75 if len(self.house.wins) > 15 else 0.35) else 0
        )
        people = NOBODY.get(self.house.partner.name, people)
        row = Fact(
            partner=self.house.partner, membership=self.membership, metric=PEOPLE, value=people, as_of=self.dice.at
        )
        self.book.add(row, self.dice.at)
        return people

    def tier_on(self, day: date) -> Tier | None:
        return next((tier for since, tier in reversed(self.steps) if since <= day), None)

    def facts(self, day: date) -> dict[str, Decimal]:
        first, last = bisect_right(self.house.wins, year_before(day)), bisect_right(self.house.wins, day)
        return {DEALS: Decimal(last - first), PEOPLE: Decimal(self.certified)}

    def climb(self) -> None:
        """From the entry tier to now: up when earned, down when a person said so after a time below."""
        self._enter()
        day, below, end = self.house.joined, 0, self.dice.today - timedelta(days=LAST_DECISION)
        while day < end:
            day = min(day + timedelta(days=7), end)
            earned, now = self._earned(day), self.steps[-1][1]
            below = below + 1 if earned.rank < now.rank else 0
            if earned.rank > now.rank:
                self._rise(day, earned)
            elif below >= self.patience:
                self._fall(day, earned)
                below = 0

    def _earned(self, day: date) -> Tier:
        facts = self.facts(day)
        if facts[DEALS] not in self.judged:
            verdict = rules.assess(self.world.rules.version.definition, facts)
            rank = verdict.earned.rank if verdict.earned else 0
            tiers = self.world.rules.tiers
            self.judged[facts[DEALS]] = next((t for t in tiers if t.rank == rank), tiers[0])
        return self.judged[facts[DEALS]]

    def _enter(self) -> None:
        entry, at = self.world.rules.tiers[0], self.membership.created_at
        self._give(entry, at, "tier_given", "Entry tier of the program.")

    def _rise(self, day: date, to: Tier) -> None:
        """Proposed by the rules, decided by the partner's manager."""
        book, house, before = self.book, self.house, self.steps[-1][1]
        at = self.dice.past(datetime.combine(day, time(4), UTC))
        review = TierReview(
            partner=house.partner, membership=self.membership, from_tier=before, to_tier=to, proposed_at=at,
            due_at=working_days_after(at, REVIEW_WORKING_DAYS, house.zone), assessment=self._assess(at, to),
        )  # fmt: skip
        moved = {"from": before.key, "to": to.key}
        book.add(review, at)
        book.tell(review, "proposed", at, SYSTEM, partner_id=house.partner.pk, **moved)
        decided, reason = self.dice.later(at, (4, 70), house.zone), "The rules are met."
        review.status, review.decided_at, review.decided_by = ReviewStatus.PROMOTED, decided, house.manager
        review.reason, review.version = reason, 2
        changed = {"status": [str(ReviewStatus.PROPOSED), str(ReviewStatus.PROMOTED)]}
        me = actor(house.manager)
        book.tell(review, "promoted", decided, me, partner_id=house.partner.pk, changes=changed, text=reason)
        self._give(to, decided, "promoted", reason)

    def _assess(self, at: datetime, tier: Tier) -> Assessment:
        facts = self.facts(at.date())
        version = self.world.rules.version
        row = Assessment(
            partner=self.house.partner, membership=self.membership, program_version=version, tier=tier, at=at,
            facts={name: str(value) for name, value in facts.items()},
            explanation=[explain(found) for found in rules.assess(version.definition, facts).tiers],
        )  # fmt: skip
        return self.book.add(row, at)

    def _fall(self, day: date, to: Tier) -> None:
        at = self.dice.working(day, self.house.zone)
        self._give(to, at, "demoted", "Fewer closed deals in the last 12 months than the tier needs.")

    def _give(self, tier: Tier, at: datetime, verb: str, reason: str) -> None:
        row, before = self.membership, self.steps[-1][1] if self.steps else None
        row.tier, row.tier_since, row.tier_reason, row.version = tier, at.date(), reason, row.version + 1
        by = SYSTEM if before is None else actor(self.house.manager)
        self.book.tell(
            row, verb, at, by, partner_id=row.partner_id, changes={"tier": [before.key if before else None, tier.key]},
            tier_name=tier.name, text=reason, gains=str(listing(gained(before, tier))),
        )  # fmt: skip
        self.steps.append((at.date(), tier))
