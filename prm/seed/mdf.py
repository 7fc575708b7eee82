"""Market funds of the demo: budgets in three currencies over two years, and requests, claims and payments in every
state, told by the services themselves."""

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal

from core.models import Delivery, DeliveryState, Timer
from mdf import services
from mdf.enums import ActivityType as A
from mdf.models import Allocation, Budget, FundTerms
from mdf.particulars import BudgetPlan, Grant, Sum
from partners.models import Program
from prm.seed.book import RATES
from prm.seed.mdf_life import HOME, Stage, Tale, Telling
from tiers.benefits import Granting
from tiers.models import ProgramMembership

FEWEST = 8  # partners
BEGUN = 200  # days ago, about when the present period of the budgets began
PERIODS = 3  # the present one and those before
BUDGET, GRANT, OWN = 180_000, 26_000, 30_000  # dollars: a budget, the part of one of HANDS partners, Acme's
HANDS = 4  # partners of a currency that have a story here
TERMS = {
    "share_percent": 50,
    "share_by_tier": [{"tier": "gold", "percent": 60}, {"tier": "platinum", "percent": 75}],
    "accruals": [{"percent": 2, "of": "paid_revenue", "span": "quarter", "cap": 2500, "expires_months": 12}],
}
BENEFITS = ("co_marketing_budget", "mdf_allocation")
THIN = Decimal("3.5")  # times what is asked: less than the program expects

# Acme's own story: what the cards show.
OURS = (
    Tale("Acme", A.EVENT, "Webinar: a year without spreadsheets", -292, 10_000, "reconciled", 60, asked=5_000, lasts=0),
    Tale("Acme", A.EVENT, "Feira da Indústria, Porto", -402, 8_000, "reconciled", 100, Decimal(6), foreign="EUR",
         place="Porto"),
    Tale("Acme", A.DIGITAL, "Search advertisements, autumn", -118, 4_400, "reconciled", 100, Decimal(8), lasts=21),
    Tale("Acme", A.CONTENT, "Guide: from quote to cash", -640, 3_000, "lapsed", 100, Decimal(6)),
    Tale("Acme", A.WORKSHOP, "Workshop with three customers", -11, 3_600, "completed", 100, place="Lisbon", lasts=0),
    Tale("Acme", A.EVENT, "Webinar: the second year", 44, 10_000, "fresh", 100, Decimal(9), asked=5_000, lasts=0),
    Tale("Acme", A.CONTENT, "Customer film with Conservas Mar Alto", 70, 5_000, "draft"),
)  # fmt: skip
NAMES = {
    A.EVENT: ("Stand at the regional fair", "Breakfast for finance leaders", "Partner day", "Evening at the museum"),
    A.DIGITAL: ("Search advertisements", "Advertisements for the new edition", "Retargeting of the spring"),
    A.CONTENT: ("Report on the state of the trade", "Three customer stories", "Guide for buyers"),
    A.WORKSHOP: ("Hands-on day", "Workshop for controllers", "Migration clinic"),
    A.OTHER: ("Direct mail to 400 companies",),
}
PLACES = {A.EVENT: ("", "Downtown", "Trade centre", ""), A.WORKSHOP: ("Our office",)}
# (kind, start in days from now, cost in dollars, end), dealt out among the partners of all currencies in turn
OTHERS = (
    (A.EVENT, -700, 9_000, "reconciled"), (A.DIGITAL, -655, 5_200, "reconciled"), (A.EVENT, -612, 12_000, "reconciled"),
    (A.CONTENT, -585, 4_000, "lapsed"), (A.EVENT, -540, 15_000, "reconciled"), (A.WORKSHOP, -486, 2_900, "reconciled"),
    (A.EVENT, -498, 7_500, "cancelled"), (A.DIGITAL, -388, 8_800, "clawed_back"), (A.EVENT, -425, 11_000, "reconciled"),
    (A.EVENT, -370, 9_700, "reconciled"), (A.DIGITAL, -322, 5_900, "reconciled"), (A.EVENT, -262, 13_000, "reconciled"),
    (A.OTHER, -255, 4_200, "declined"), (A.EVENT, -214, 10_500, "reconciled"), (A.EVENT, -104, 24_000, "reconciled"),
    (A.EVENT, -93, 7_700, "rejected"), (A.DIGITAL, -72, 5_500, "paid"), (A.EVENT, -57, 26_000, "ordered"),
    (A.EVENT, -61, 9_900, "instalment"), (A.CONTENT, -52, 4_800, "failed"), (A.WORKSHOP, -47, 3_700, "payable"),
    (A.EVENT, -40, 8_600, "claim_questioned"), (A.DIGITAL, -36, 6_400, "claim_rejected"),
    (A.EVENT, -30, 10_200, "claim_withdrawn"), (A.EVENT, -24, 7_100, "claimed"), (A.WORKSHOP, -20, 2_800, "claimed"),
    (A.DIGITAL, -16, 5_700, "claim_draft"), (A.DIGITAL, -1, 6_000, "running"), (A.CONTENT, 33, 4_100, "approved"),
    (A.EVENT, 41, 6_800, "withdrawn"), (A.EVENT, 36, 9_400, "in_review"), (A.DIGITAL, 31, 7_200, "in_review"),
    (A.WORKSHOP, 38, 3_900, "late"), (A.EVENT, 55, 30_000, "endorsed"), (A.EVENT, 47, 11_600, "questioned"),
    (A.CONTENT, 43, 5_300, "offered"), (A.DIGITAL, 60, 4_900, "draft"),
)  # fmt: skip
PARTLY = ("offered", "endorsed")


def play(at: datetime) -> None:
    """Nobody is written to about it; reminders of days that have passed don't ring."""
    program = Program.objects.filter(key="default").first()
    houses = _houses(at)
    if program is None or sum(map(len, houses.values())) < FEWEST:
        return
    FundTerms.objects.create(program=program, data=TERMS)
    stage, tales = Stage.now(at), _tales(houses)
    wanted = [(tale, member, _period(stage, stage.day(tale.starts))) for tale, member in tales]
    funds = _funds(stage, program, {(member, period) for _tale, member, period in wanted})
    for number, (tale, member, period) in enumerate(wanted):
        Telling(stage, tale, member, funds[(member.pk, period)], number).tell()
    _accrue(program, at)
    Timer.objects.filter(subject_type__startswith="mdf_", due_at__lte=at, done_at=None).update(done_at=at)
    Delivery.objects.filter(state=DeliveryState.OPEN).delete()


def _accrue(program: Program, at: datetime) -> None:
    """What partners' business set aside for them in the last two quarters that are over, each on the day after it."""
    for day in (at - timedelta(days=92), at):
        for run in services.accruals.due(program, day.date()):
            services.accruals.accrue(run, at=datetime.combine(run.span.last + timedelta(days=1), at.time(), at.tzinfo))


def _houses(at: datetime) -> dict[str, list[ProgramMembership]]:
    """Currency → memberships to which the program grants market funds, Acme first."""
    rows = ProgramMembership.objects.filter(
        status="active", partner__status="active", partner__default_currency__in=RATES, program__key="default"
    ).select_related("partner", "program", "tier")
    granting = Granting.of(rows, at)
    found = defaultdict(list)
    for member in sorted(rows, key=lambda m: (m.partner.name != "Acme", m.created_at, m.pk)):
        if not all(granting.refusal(member, kind) for kind in BENEFITS):
            found[member.partner.default_currency].append(member)
    return {currency: members[:HANDS] for currency, members in found.items()}


def _period(stage: Stage, day: date) -> int:
    """Which period of the budgets a day is in: 0 is the present one, 1 the one before."""
    return next(n for n in range(PERIODS) if _begins(stage, n) <= day)


def _begins(stage: Stage, period: int) -> date:
    first = (stage.at - timedelta(days=BEGUN)).date().replace(day=1)
    return first.replace(year=first.year - period)


def _funds(stage: Stage, program: Program, wanted: set[tuple[ProgramMembership, int]]) -> dict:
    """(membership, period) → what the partner may use, out of the budget of its currency and period."""
    found: dict = {}
    budgets: dict = {}
    hands = Counter(currency for currency, _pk in {(m.partner.default_currency, m.pk) for m, _period in wanted})
    for member, period in sorted(wanted, key=lambda pair: (-pair[1], pair[0].created_at, pair[0].pk)):
        place = (member.partner.default_currency, period)
        if place not in budgets:
            budgets[place] = _budget(stage, program, *place)
        found[(member.pk, period)] = _allocation(stage, budgets[place], member, GRANT * HANDS // hands[place[0]])
    return found


def _at_start(stage: Stage, first: date) -> datetime:
    return stage.at.replace(year=first.year, month=first.month, day=1)


def _budget(stage: Stage, program: Program, currency: str, period: int) -> Budget:
    """Asked for by Olga, granted by Finn before the period begins."""
    first, last = _begins(stage, period), _begins(stage, period - 1) - timedelta(days=1)
    at = _at_start(stage, first) - timedelta(days=60)
    olga, finn = stage.staff["olga"], stage.staff["finn"]
    plan = BudgetPlan(program, f"Market funds {first:%Y}/{last:%y}, {currency}", currency, first, last)
    budget = services.budgets.plan_budget(plan, by=olga, at=at)
    amount = Decimal(BUDGET) * RATES[currency]
    change = services.budgets.ask_change(budget, Sum(amount, "The plan of the year"), by=olga, at=at)
    services.budgets.grant_change(change, by=finn, at=at + timedelta(days=2))
    if period == 0 and currency == HOME:
        more = Sum(Decimal(20_000), "Two partners joined in spring and plan fairs.")
        services.budgets.ask_change(budget, more, by=olga, at=stage.ago(2))
    budget.refresh_from_db()
    return budget


def _allocation(stage: Stage, budget: Budget, member: ProgramMembership, part: int) -> Allocation:
    dollars = OWN if member.partner.name == "Acme" else part
    grant = Grant(member.partner, dollars * RATES[budget.currency])
    at = _at_start(stage, budget.period_start) - timedelta(days=50)
    return services.budgets.allocate(budget, grant, by=stage.staff["mark"], at=at)


def _tales(houses: dict[str, list[ProgramMembership]]) -> list[tuple[Tale, ProgramMembership]]:
    """Acme's tales, then the others', dealt out so that every currency has some of each kind."""
    acme = next(m for m in houses[HOME] if m.partner.name == "Acme")
    hands = [[m for m in members if m is not acme] for _currency, members in sorted(houses.items())]
    hands = [hand for hand in hands if hand]
    told = [(tale, acme) for tale in OURS]
    for number, (kind, starts, cost, end) in enumerate(OTHERS):
        members = hands[number % len(hands)]
        member = members[(number // len(hands)) % len(members)]
        titles, places = NAMES[kind], PLACES.get(kind, ("",))
        tale = Tale(
            member.partner.name, kind, titles[number % len(titles)], starts, cost, end,
            granted=60 if end in PARTLY else 100, multiple=THIN if number % 9 == 4 else Decimal(5 + number % 6),
            place=places[number % len(places)], lasts=14 if kind == A.DIGITAL else 1,
        )  # fmt: skip
        told.append((tale, member))
    return told
