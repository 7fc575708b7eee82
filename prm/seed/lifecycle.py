"""Who comes to the demo's program now: newcomers on their checklist, applications, terms; told by the services."""

from datetime import datetime, timedelta

from core.actor import SYSTEM
from core.files import Clean, kinds
from core.models import Delivery, DeliveryState
from partners import services
from partners.actors import actor_for
from partners.enums import MemberRole, PartnerStatus, PartnerType
from partners.models import AgreementText, Application, OnboardingAction, Partner, Program
from partners.particulars import Applicant, Handed, Newcomer, Terms
from partners.program_section import set_lifecycle
from prm.seed.people import AGREEMENT, FIRST_DAY
from tiers.particulars import Enrolment
from tiers.services import enrol

PARAGRAPHS = (
    "This agreement says how we sell together. It holds from the day you accept it until one of us ends it.",
    "You may call yourself our partner and use our name and logo as our brand pages say.",
    "A customer that you register and we accept is yours for the time our program states. Nobody else registers it "
    "meanwhile, and our own team sells there with you alone.",
    "What you earn follows from the rules of the program that are in force when a deal is accepted. We pay it every "
    "month, once the customer has paid.",
    "Each of us keeps what it learns about the other's customers and plans to itself, also after the end.",
    "Each of us may end this agreement with 30 days' notice. What was accepted before is carried through.",
)


def play(at: datetime) -> None:
    """Nobody is written to about it."""
    program = Program.objects.filter(status="active").order_by("created_at").first()
    if program is None or not Partner.objects.filter(name="Acme").exists():
        return
    _publish(at)
    set_lifecycle(program, {**program.lifecycle, "self_sign_up": True}, by=SYSTEM, at=at)
    _checklists(at)
    _apply(program, ("Harborlight", "harborlight.example", "Noor Haddad", "noor.haddad@gmail.com"), at, 1.2)
    _apply(program, ("Lumen Loop", "lumenloop.example", "Theo Lindqvist", "theo@lumenloop.example"), at, 0.4)
    _apply(program, ("Acme", "acme.example", "Lia Braga", "lia@acme.example"), at, 0.2)
    for partner in Partner.objects.filter(unvetted_since__isnull=False):
        enrol(Enrolment(partner, program, PartnerType.REFERRAL, at.date()), by=SYSTEM, at=at)
    Delivery.objects.filter(state=DeliveryState.OPEN).delete()


def _publish(at: datetime) -> AgreementText:
    terms = Terms("partner-agreement", AGREEMENT, "3.1", "\n\n".join(PARAGRAPHS))
    return services.publish_text(terms, by=SYSTEM, at=at - timedelta(days=FIRST_DAY))


def _checklists(at: datetime) -> None:
    for partner in Partner.objects.filter(status=PartnerStatus.ONBOARDING).order_by("created_at", "pk"):
        services.begin(partner, at=at - timedelta(days=3))
        services.settle(partner, at=at - timedelta(days=3))
    waiting = OnboardingAction.objects.filter(key="tax_form", status="pending", partner__status="onboarding")
    for action in waiting.select_related("partner").order_by("partner__created_at")[:1]:
        admin = action.partner.members.filter(role=MemberRole.ADMIN, ended_at=None).select_related("user").first()
        if admin:
            form = Clean("tax-form.txt", kinds.TEXT, b"Tax number: 509 442 013\n", "0" * 64)
            sent = Handed("Signed by our accountant.", (form,))
            services.hand_in(action, sent, by=actor_for(admin.user), at=at - timedelta(days=1))


def _apply(program: Program, who: tuple[str, str, str, str], at: datetime, days: float) -> None:
    company, website, name, email = who
    moment = at - timedelta(days=days)
    words = "Our customers ask for it." if company != "Acme" else ""
    wanted = Applicant(program, PartnerType.REFERRAL, company, website, name, email, "PT", words)
    services.apply(wanted, by=SYSTEM, at=moment)
    application = Application.objects.get(email=email)
    services.prove(application, Newcomer(name), None, by=SYSTEM, at=moment + timedelta(minutes=4))
