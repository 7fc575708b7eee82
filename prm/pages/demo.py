"""The tour of the demo: stories of three steps, and every person one can be. The demo alone has these addresses."""

from dataclasses import dataclass
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views import View

from accounts.adapter import home_of
from accounts.models import User
from accounts.queries import with_address
from prm.demo import PASSWORD
from prm.nav import address


@dataclass(frozen=True)
class Person:
    """Somebody of the demo's cast."""

    email: str
    name: str
    role: Any

    @property
    def key(self) -> str:
        return self.email.partition("@")[0]


@dataclass(frozen=True)
class Step:
    """What to do as whom: the page it happens on, and the one thing to notice there."""

    key: str
    person: Person
    title: Any
    notice: Any
    lands: str  # name of an address


@dataclass(frozen=True)
class Card:
    """A story in a few steps."""

    number: int
    title: Any
    value: Any
    steps: tuple[Step, ...]


ADA = Person("ada@acme.example", "Ada", _("Sales, Acme"))
BO = Person("bo@acme.example", "Bo", _("Admin, Acme"))
CY = Person("cy@cobalt.example", "Cy", _("Admin, Cobalt"))
MONA = Person("mona@northwind.example", "Mona", _("Channel manager"))
MARK = Person("mark@northwind.example", "Mark", _("Channel marketing"))
OLGA = Person("olga@northwind.example", "Olga", _("Channel operations"))
FINN = Person("finn@northwind.example", "Finn", _("Finance"))
EVE = Person("eve@northwind.example", "Eve", _("Executive"))
ROOT = Person("root@northwind.example", "Root", _("Administrator"))
PARTNERS, VENDOR = (ADA, BO, CY), (MONA, MARK, OLGA, FINN, EVE, ROOT)

CARDS = (
    Card(
        1,
        _("Ada registers in 60 seconds, Mona approves, Eve's pipeline rises"),
        _("One deal from the partner's screen to the executive's figure, without a mail in between."),
        (
            Step(
                "1-register", ADA, _("Register a deal"),
                _("Type any company: whether somebody else has it is answered while you type, never whose it is."),
                "portal:deal_new",
            ),
            Step(
                "1-approve", MONA, _("Approve it"),
                _("Her queue is sorted by promise: late ones first, then Ada's deal with its two working days."),
                "admin:index",
            ),
            Step(
                "1-pipeline", EVE, _("See it counted"),
                _("Partner-sourced pipeline has grown by the value of the deal, and the figure opens to its row."),
                "metrics:dashboard",
            ),
        ),
    ),
    Card(
        2,
        _("Two partners, one customer, two spellings: decided side by side"),
        _("The one sent first comes first, neither learns who the other is, and the receipt proves the moment."),
        (
            Step(
                "2-check", CY, _("See what Cobalt reads"),
                _("“Mar-Alto Conservas” waits for us, late. Nothing here tells that Acme has the same customer."),
                "portal:deals",
            ),
            Step(
                "2-decide", MONA, _("Decide between the two"),
                _("Open Cobalt's “Mar-Alto Conservas”, then the conflict: both sides and what the rules say."),
                "admin:index",
            ),
            Step(
                "2-receipt", ADA, _("Take Acme's receipt"),
                _("Open “Conservas Mar Alto” and download the receipt. Change one byte: the check page says so."),
                "portal:deals",
            ),
        ),
    ),
    Card(
        3,
        _("Our direct team opens a deal on Acme's protected account"),
        _("A breach is found at once, both sides see it, and it counts in our own promise."),
        (
            Step(
                "3-partner", ADA, _("See the breach"),
                _("“Hotéis Miradouro” says that our own team opened a deal, and what happens next."),
                "portal:deals",
            ),
            Step(
                "3-manager", MONA, _("Settle it"),
                _("It stands in her queue beside the decisions. Her reason is what Acme reads."),
                "admin:index",
            ),
            Step(
                "3-promise", ADA, _("Read our promise"),
                _("Answers in time, appeals that were right, protected deals we touched: for Acme and for everybody."),
                "portal:promise",
            ),
        ),
    ),
    Card(
        4,
        _("The certificate that was missing for Platinum turns green"),
        _("A tier is arithmetic on show: the rows that count, those that don't and why, and who decided."),
        (
            Step(
                "4-partner", CY, _("See the one step to Platinum"),
                _("All deals are there, nobody is certified. Below stand the deals that don't count, each with why."),
                "portal:tier",
            ),
            Step(
                "4-figure", MONA, _("Enter the certificate, and decide"),
                _("Open Cobalt, then its program. Enter 1 certified person as a figure: the move up waits at once."),
                "admin:partners_partner_changelist",
            ),
            Step(
                "4-reviews", MONA, _("Look at the other tiers"),
                _("Who is at risk until when, whose notice has run, who is on a tier by decision, and who said so."),
                "admin:tier_reviews",
            ),
        ),
    ),
    Card(
        5,
        _("Gold edited to 6 deals: who moves, what it costs, from which day"),
        _("A rule is tried on every partner before it holds, and two people are needed to publish it."),
        (
            Step(
                "5-draft", OLGA, _("Open the draft"),
                _("“Gold from six closed deals”: who would move, each by name, and the arithmetic of the cost."),
                "admin:program_versions",
            ),
            Step(
                "5-publish", ROOT, _("Publish it"),
                _("It stands in Root's queue. Olga wrote it, so she is refused; choose the day from which it holds."),
                "admin:index",
            ),
            Step(
                "5-undo", OLGA, _("Take it back"),
                _("Open the version in force and undo it: the rules of before become the next version."),
                "admin:program_versions",
            ),
        ),
    ),
    Card(
        6,
        _("A $5,000 webinar: from the request to what came of it"),
        _("The rules are on the screen before anybody asks, and every dollar stands in one place until it is paid."),
        (
            Step(
                "6-ask", BO, _("Ask for market funds"),
                _("Type a webinar that costs $10,000 and ask for $5,000: the three criteria answer while you type."),
                "portal:mdf_new",
            ),
            Step(
                "6-approve", MONA, _("Approve a part"),
                _("Open the webinar that Acme just sent: set it to $3,000, judge the criteria, see what is left."),
                "admin:index",
            ),
            Step(
                "6-claim", BO, _("Claim, from a phone"),
                _("“Workshop with three customers” is over: its proofs are the form, and the sum to be paid is shown."),
                "portal:mdf",
            ),
            Step(
                "6-pay", FINN, _("Pay"),
                _("What is payable by when, each with its sum. Who decided a claim can't pay it; Finn can."),
                "admin:mdf_claims",
            ),
            Step(
                "6-return", EVE, _("See what came of it"),
                _("Open “MDF return”: last year's webinar was paid $3,000, its forecast stands beside what came."),
                "metrics:dashboard",
            ),
        ),
    ),
    Card(
        7,
        _("The same partner asks again"),
        _("A promise is measured: what came of the last webinar stands beside the next one."),
        (
            Step(
                "7-record", MONA, _("Open “Webinar: the second year”"),
                _("Its record stands beside it: paid, forecast, what came, and how far the forecasts were off."),
                "admin:index",
            ),
            Step(
                "7-own", BO, _("Read it as the partner"),
                _("Acme reads its own record beside the form before it asks."),
                "portal:mdf_new",
            ),
        ),
    ),
    Card(
        8,
        _("Seven partners, one per type, and the earning line each gets"),
        _("A margin is kept, a commission paid, a license fee invoiced: each line shows its rule and its sum."),
        (
            Step(
                "8-types", FINN, _("See what each type earns"),
                _("The rules of all seven types, and under each the latest line with its arithmetic."),
                "admin:earning_types",
            ),
            Step(
                "8-run", OLGA, _("Approve a payout run"),
                _("Finn made the run that waits. Whoever made it can't approve it above the limit; Olga can."),
                "admin:payout_runs",
            ),
            Step(
                "8-partner", BO, _("Read it as the partner"),
                _("What is payable and when, what is coming and on what it waits, and the margin Acme keeps."),
                "portal:earnings",
            ),
        ),
    ),
    Card(
        9,
        _("A customer refunds half"),
        _("What was earned is never edited: the refund makes a line of its own, below zero, with its arithmetic."),
        (
            Step(
                "9-refund", FINN, _("See the negative line"),
                _("“What a refund takes back”, at the end: so much of so much went back, and so did that part."),
                "admin:earning_types",
            ),
            Step(
                "9-journal", FINN, _("See it in the books"),
                _("The journal of the month holds both lines; what we owe at its end agrees to the cent."),
                "admin:payout_runs",
            ),
        ),
    ),
)  # fmt: skip
STEPS = {step.key: step for card in CARDS for step in card.steps}
PEOPLE = {person.key: person for person in (*PARTNERS, *VENDOR)}


class Tour(View):
    """GET shows the stories; POST with `door` signs in as the person of a step, or of the list, and goes there."""

    def dispatch(self, request, *args, **kwargs):
        if not settings.PRM_DEMO:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get(self, request) -> HttpResponse:
        context = {
            "heading": _("Ten minutes at Northwind"),
            "lead": _(
                "A vendor, its partners, two years of deals: all invented, all yours to try. Nothing leaves here."
            ),
            "cards": CARDS,
            "groups": ((_("At the partners"), PARTNERS), (_("At Northwind, the vendor"), VENDOR)),
            "password": PASSWORD,
        }
        return render(request, "pages/demo.html", context)

    def post(self, request) -> HttpResponse:
        door = request.POST.get("door", "")
        step, person = STEPS.get(door), PEOPLE.get(door)
        user = _user(step.person if step else person)
        get_adapter(request).login(request, user)
        return redirect((address(step.lands) if step else "") or home_of(user))


def _user(person: Person | None) -> User:
    user = with_address(person.email) if person else None
    if user is None or not user.is_active:
        raise Http404
    return user


patterns = [path("demo/", Tour.as_view(), name="demo")] if settings.PRM_DEMO else []
