"""What becomes of registrations: outcomes over two years, told as stories that end where they must stand now."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from deals.enums import CaseOutcome, RejectReason, Stage, Status, Verdict
from deals.models import Registration
from prm.seed import words
from prm.seed.people import House, World
from prm.seed.stories import Customer, Deal

DAYS = 800  # of history
# of 800 registrations; who collides with somebody comes after those it collides with
SHARES = {
    Status.IN_REVIEW: 20,
    Status.ACTION_REQUIRED: 10,
    Status.DRAFT: 18,
    Status.APPROVED: 66,
    Status.EXPIRING: 22,
    Status.EXPIRED: 76,
    Status.WITHDRAWN: 30,
    Status.RELEASED: 22,
    Status.WON: 254,
    Status.LOST: 172,
    Status.REJECTED: 110,
}
# days since the last thing that happened, where the whole history is not meant
WHEN = {
    Status.ACTION_REQUIRED: (2, 5),
    Status.DRAFT: (1, 12),
    Status.APPROVED: (1, 57),
    Status.EXPIRING: (66, 86),
    Status.EXPIRED: (108, 420),
}
LEAD = {Status.WON: 110, Status.LOST: 110}  # days before it in which the story began
EAGER = {
    "reseller": 5.0,
    "agency": 3.0,
    "referral": 2.5,
    "strategic": 3.0,
    "integration": 1.0,
    "technology": 1.0,
    "oem": 0.7,
}
MONAS_QUEUE = 7  # besides those of Acme and Cobalt
FRESH_DAYS = 40 / 24  # a registration sent within them can't be late
ONE_DAY = timedelta(days=1)
OURS = ("vendor_engaged", "house_account", "existing_customer")


class Teller:
    """Tells registrations of one world: `ago` = days since it was decided, or since the last thing that happened."""

    def __init__(self, world: World) -> None:
        self.world, self.dice = world, world.book.dice

    def day(self, ago: float) -> date:
        return self.dice.today - timedelta(days=ago)

    # --- beginnings

    def new(self, house: House, customer: Customer | None = None) -> Deal:
        if customer is None:
            name, domain = self.world.customer(house.language)
            customer = Customer(name, domain, house.partner.country)
        return Deal(self.world, house, customer)

    def sent(self, house: House, ago: float, customer: Customer | None = None) -> Deal:
        """In review since some days, or since hours where less than two days are meant."""
        dice = self.dice
        at = dice.working(self.day(ago), house.zone) if ago >= 2 else dice.at - timedelta(days=ago)
        begun = at - timedelta(minutes=dice.random.randrange(2, 240))
        return self.new(house, customer).draft(begun).submit(at)

    def approved(self, house: House, ago: float, customer: Customer | None = None) -> Deal:
        """Protected since some days, after the usual ways to a decision; one in twelve came late."""
        late = self.dice.chance(0.08)
        deal = self.sent(house, ago + (self.dice.pick((4, 5, 6)) if late else self.dice.pick((2, 2, 3))), customer)
        at = _sent(deal)
        if self.dice.chance(0.15):
            at = self.dice.later(at, (2, 12), house.zone)
            deal.ask(at, self.dice.pick(words.QUESTIONS[:4]))
            at = self.dice.later(at, (3, 20), house.zone)
            deal.answer(at)
        return deal.approve(self.dice.later(at, (96, 120) if late else (3, 42), house.zone))

    def working_on(self, deal: Deal, until: date) -> Deal:
        """What the partner tells while it sells."""
        assert deal.row.decided_at
        days = min((until - deal.row.decided_at.date()).days, 58)  # before its protection nears the end
        if days > 9 and self.dice.chance(0.5):
            deal.report(self.dice.later(deal.row.decided_at, (96, days * 24 - 48), deal.house.zone))
        return deal

    # --- outcomes, by name of the state

    def in_review(self, house: House) -> Deal:
        return self.sent(house, self.dice.random.uniform(0.05, FRESH_DAYS))

    def late(self, house: House) -> Deal:
        return self.sent(house, self.dice.random.uniform(5, 6.5))

    def draft(self, house: House, ago: float) -> Deal:
        return self.new(house).draft(self.dice.working(self.day(ago), house.zone))

    def action_required(self, house: House, ago: float) -> Deal:
        deal = self.sent(house, ago)
        return deal.ask(self.dice.later(_sent(deal), (3, 24), house.zone), self.dice.pick(words.QUESTIONS))

    def protected(self, house: House, ago: float, customer: Customer | None = None) -> Deal:
        return self.working_on(self.approved(house, ago, customer), self.dice.today)

    def expiring(self, house: House, ago: float) -> Deal:
        deal = self.working_on(self.approved(house, ago), self.day(35))
        return self._near_end(deal)

    def _near_end(self, deal: Deal) -> Deal:
        assert deal.row.protection_expires_at
        return deal.approach_end(self.dice.past(deal.row.protection_expires_at - timedelta(days=30)))

    def lapsed(self, house: House, ago: float) -> Deal:
        deal = self._near_end(self.approved(house, ago))
        assert deal.row.protection_expires_at
        return deal.expire(deal.row.protection_expires_at)

    def expired(self, house: House, ago: float) -> Deal:
        """Now and then the customer bought after all, when nobody was protected any more."""
        deal = self.lapsed(house, ago)
        assert deal.row.grace_until
        after = self.dice.later(deal.row.grace_until, (48, 900))
        return deal.end(Stage.WON, after) if self.dice.chance(0.35) else deal

    def rejected(self, house: House, ago: float, code: str = "") -> Deal:
        code = code or self.dice.pick(RejectReason.values)
        rival = self._ours(ago) if code in OURS else self._theirs(house, ago) if code == "already_registered" else None
        if rival is None:
            code = "not_qualified" if code in (*OURS, "already_registered") else code
            deal = self.sent(house, ago)
            return deal.reject(self.dice.later(_sent(deal), (4, 44), house.zone), code)
        return self._declined_for(house, ago, code, rival)

    def _declined_for(self, house: House, ago: float, code: str, rival: tuple[Customer, Registration | None]) -> Deal:
        customer, other = rival
        deal = self.sent(house, ago, customer)
        case = deal.collide(Verdict.CONFLICT if other else Verdict.CUSTOMER, other, customer)
        at = self.dice.later(_sent(deal), (4, 44), house.zone)
        deal.resolve(case, CaseOutcome.FIRST_WINS, at - timedelta(minutes=9))
        return deal.reject(at, code)

    def _ours(self, ago: float) -> tuple[Customer, None] | None:
        """A customer our own team was talking to then."""
        near = [o for o in self.world.direct if o.opened_on and o.opened_on < self.day(ago + 5)]
        if not near:
            return None
        direct = near[-1 - self.dice.random.randrange(min(40, len(near)))]
        return Customer.known(direct), None

    def _theirs(self, house: House, ago: float) -> tuple[Customer, Registration] | None:
        """A customer another partner's registration protected then."""
        rows = [row for other in self.world.houses if other is not house for row in other.deals]
        held = [row for row in rows if _protected_on(row, self.day(ago))]
        if not held:
            return None
        row = self.dice.pick(held)
        return Customer(row.account_name, row.domain, row.country), row

    def withdrawn(self, house: House, ago: float) -> Deal:
        deal = self.sent(house, ago)
        return deal.withdraw(self.dice.later(_sent(deal), (1, 30), house.zone))

    def released(self, house: House, ago: float) -> Deal:
        deal = self.approved(house, ago + 60)
        assert deal.row.decided_at
        deal.release(self.dice.later(deal.row.decided_at, (240, 1_300), house.zone))
        assert deal.row.closed_at
        return deal.end(Stage.LOST, self.dice.later(deal.row.closed_at, (12, 60), house.zone))

    def won(self, house: House, ago: float) -> Deal:
        return self.closed(house, Stage.WON, ago)

    def lost(self, house: House, ago: float) -> Deal:
        return self.closed(house, Stage.LOST, ago)

    def closed(self, house: House, stage: Stage, ago: float) -> Deal:
        """Closed so many days ago, 15 days to the grace after its approval."""
        span = self.dice.random.triangular(15, 88, 70)
        deal = self.approved(house, ago + span)
        row = deal.row
        assert row.decided_at
        assert row.protection_expires_at
        at = max(self.dice.at - timedelta(days=ago, minutes=self.dice.random.randrange(600)), row.decided_at + ONE_DAY)
        self.working_on(deal, at.date())
        if at > row.protection_expires_at - timedelta(days=30):
            self._near_end(deal)
        if at > row.protection_expires_at:
            deal.expire(row.protection_expires_at)
        return deal.end(stage, at)

    # --- many

    def outcome(self, status: Status) -> Callable[[House, float], Deal]:
        return self.protected if status == Status.APPROVED else getattr(self, str(status))

    def ago(self, status: Status) -> float:
        """Days since the end of a story; of late there are more of them than long ago."""
        if status in WHEN:
            return self.dice.random.uniform(*WHEN[status])
        return 4 + (DAYS - 4) * (1 - self.dice.random.random() ** 0.8)

    def house(self, status: Status, ago: float) -> House:
        """Whose story it is: bigger partners have more. The first three have theirs told apart."""
        first, last = self.day(ago + LEAD.get(status, 70 if status == Status.RELEASED else 10)), self.day(min(ago, 1))
        last = self.day(ago) if status not in WHEN else last
        houses = [h for h in self.world.houses[3:] if h.works_on(first) and h.works_on(last)]
        houses = houses or self.world.houses[-1:]
        return self.dice.weighted(houses, [h.weight * EAGER[h.kind] for h in houses])


def _sent(deal: Deal) -> datetime:
    assert deal.row.submitted_at
    return deal.row.submitted_at


def _protected_on(row: Registration, day: date) -> bool:
    """Whether it had been protected for some days then."""
    if row.decided_at is None or row.protection_expires_at is None:
        return False
    return row.decided_at.date() < day - timedelta(days=9) and day < row.protection_expires_at.date()


def fill(world: World, number: int) -> None:
    """So many registrations more, in the shares of all states."""
    teller, total = Teller(world), sum(SHARES.values())
    counts = {status: round(number * share / total) for status, share in SHARES.items()}
    counts[Status.WON] += number - sum(counts.values())
    _queue(teller, counts.pop(Status.IN_REVIEW))
    for status, count in counts.items():
        tell = teller.outcome(status)
        for _n in range(count):
            ago = teller.ago(status)
            tell(teller.house(status, ago), ago)


def _queue(teller: Teller, number: int) -> None:
    """What waits for a decision: some of Mona's, two of them late, and others'; a few near our own team's customers."""
    world, today = teller.world, teller.dice.today
    at_work = [house for house in world.houses[3:] if house.works_on(today)] or world.houses[-1:]
    of_mona = [house for house in at_work if house.manager is world.staff["mona"]] or at_work
    others = [house for house in at_work if house.manager is not world.staff["mona"]] or at_work
    for n in range(number):
        houses = of_mona if n < MONAS_QUEUE else others
        house, late = houses[n % len(houses)], n in (0, 1, MONAS_QUEUE, MONAS_QUEUE + 1)
        if n % 6 == 2:
            _with_rival(teller, house, n)
        else:
            (teller.late if late else teller.in_review)(house)


def _with_rival(teller: Teller, house: House, n: int) -> None:
    """Our own team works with this customer already."""
    still = [direct for direct in teller.world.direct if direct.stage == Stage.OPEN]
    if not still:
        return
    customer = Customer.known(still[n % len(still)])
    deal = teller.sent(house, teller.dice.random.uniform(0.05, FRESH_DAYS), customer)
    deal.collide(Verdict.CUSTOMER, None, customer)
