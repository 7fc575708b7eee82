"""What each tier and type grants, and that it takes effect: each row with the tier and without it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from core.actor import SYSTEM
from core.errors import Forbidden, IllegalTransition, Refused
from deals import services as deals
from deals.enums import LeadStatus
from deals.lead_particulars import Enquiry, OfferTo
from deals.models import Registration
from deals.particulars import Claim
from deals.services import leads, offers
from partners.models import Partner
from tests.factories import AgreementFactory, ProductFactory
from tests.tiers.standing import AT, fresh, tier
from tiers import benefits, services
from tiers.enums import BenefitStatus
from tiers.models import BenefitRequest, ProgramMembership
from tiers.particulars import Plan, Wish, Words
from tiers.workflow import BENEFIT

pytestmark = pytest.mark.django_db
TIERS = ("Registered", "Silver", "Gold", "Platinum")
GRANTED_FROM = {
    "portal": "Registered", "onboarding": "Registered", "deal_registration": "Registered",
    "co_marketing_budget": "Silver", "leads": "Silver", "training": "Silver",
    "priority_support": "Gold", "joint_pr": "Gold",
    "executive_access": "Platinum", "co_development": "Platinum", "mdf_allocation": "Platinum",
}  # fmt: skip


def on(member, name, partner_type="reseller") -> ProgramMembership:
    ProgramMembership.objects.filter(pk=member.pk).update(tier=tier(name), partner_type=partner_type)
    return fresh(member)


def claim(member, **more) -> Claim:
    told = {
        "account_name": "Contoso Ltd", "website": "contoso.com", "country": "PT", "contact_name": "Rui Alves",
        "contact_email": "rui@contoso.com", "amount": Decimal("48000.00"), "product": ProductFactory(),
        "expected_close_on": (AT + timedelta(days=60)).date(),
    }  # fmt: skip
    return Claim(membership=member, **told | more)


def registers(member, cast, **more) -> Registration:
    ada = cast.actor("ada")
    return deals.submit(deals.register(claim(member, **more), by=ada, at=AT), by=ada, at=AT)


def wants(member, kind, cast):
    return services.ask_for(member, Wish(kind, "Say more"), by=cast.actor("bo"), at=AT)


# --- every row of the table


@pytest.mark.parametrize("kind", GRANTED_FROM)
@pytest.mark.parametrize("name", TIERS)
def test_a_benefit_is_granted_from_its_tier_on_and_refused_below_it(acme, kind, name):
    member, first = on(acme, name), GRANTED_FROM[kind]
    has = TIERS.index(name) >= TIERS.index(first)
    why = f"{benefits.name_of(kind)}: granted from {first} on. The tier now is {name}."
    assert (kind in benefits.grants(member, at=AT), benefits.refusal(member, kind, at=AT)) == (
        has, None if has else why,
    )  # fmt: skip


def test_a_type_grants_what_the_tier_does_not(acme):
    reseller = benefits.refusal(on(acme, "Registered"), "leads", at=AT)
    agency = benefits.refusal(on(acme, "Registered", "agency"), "leads", at=AT)
    assert (reseller, agency) == ("Leads: granted from Silver on. The tier now is Registered.", None)


def test_what_only_a_type_grants_names_the_type(acme, program):
    definition = program.versions.get().definition
    extra = {"types": {"technology": {"benefits": ["lab"]}}}
    services.load_program(definition | extra, by=SYSTEM, at=AT)
    why = benefits.refusal(on(acme, "Gold"), "lab", at=AT)
    assert why == "Lab: granted to this type of partner alone: Technology partner."


def test_what_a_program_does_not_speak_of_is_refused_to_nobody(acme):
    assert benefits.refusal(acme, "parking", at=AT) is None


# --- Registered: the portal, and deal registration


def test_deal_registration_is_taken_where_the_tier_grants_it(acme, cast):
    assert registers(on(acme, "Registered"), cast).status == "in_review"


def test_deal_registration_is_refused_where_the_tier_does_not_grant_it(acme, cast, program):
    definition = program.versions.get().definition
    first = definition["tiers"][0] | {"benefits": ["portal"]}
    services.load_program(definition | {"tiers": [first, *definition["tiers"][1:]]}, by=SYSTEM, at=AT)
    with pytest.raises(Refused) as refusal:
        registers(on(acme, "Registered"), cast)
    assert (refusal.value.code, refusal.value.reason) == (
        "not_granted", "Deal registration: granted from Silver on. The tier now is Registered.",
    )  # fmt: skip


# --- Silver: leads, and what MDF and training ask for


def lead():
    told = Enquiry(account_name="Fabrikam", country="PT", contact_name="Ana", contact_email="ana@fabrikam.example")
    return leads.qualify(leads.receive(told, by=SYSTEM, at=AT), by=SYSTEM, at=AT)


@pytest.mark.parametrize(("name", "kind"), [("Silver", "reseller"), ("Registered", "agency")])
def test_leads_are_offered_where_the_tier_or_the_type_grants_them(acme, name, kind):
    AgreementFactory(partner=acme.partner)
    on(acme, name, kind)
    found = lead()
    offers.offer(found, OfferTo(acme.partner), by=SYSTEM, at=AT)
    assert found.status == LeadStatus.OFFERED


def test_no_lead_is_offered_on_a_tier_that_gets_none(acme):
    AgreementFactory(partner=acme.partner)
    with pytest.raises(Refused) as refusal:
        offers.offer(lead(), OfferTo(acme.partner), by=SYSTEM, at=AT)
    assert refusal.value.reason == (
        "Acme can't get this lead: it gets no leads now (Leads: granted from Silver on. The tier now is Registered)."
    )


@pytest.mark.parametrize("kind", ["co_marketing_budget", "training", "mdf_allocation"])
def test_what_other_apps_guard_is_refused_with_a_code(acme, kind):
    with pytest.raises(Refused) as refusal:
        benefits.require(on(acme, "Registered"), kind, at=AT)
    assert refusal.value.code == "not_granted"
    benefits.require(on(acme, "Platinum"), kind, at=AT)


# --- Gold: the clock on questions, the margin, joint PR


@pytest.mark.parametrize(
    ("name", "due"),
    [("Silver", datetime(2026, 11, 25, 12, tzinfo=UTC)), ("Gold", datetime(2026, 11, 23, 16, tzinfo=UTC))],
)
def test_a_question_is_answered_in_four_working_hours_from_gold_on_and_in_sixteen_below(acme, cast, name, due):
    assert wants(on(acme, name), "question", cast).due_at == due


@pytest.mark.parametrize(("name", "percent"), [("Silver", Decimal(15)), ("Gold", Decimal(20))])
def test_the_margin_is_that_of_the_tier(acme, name, percent):
    assert benefits.margin(on(acme, name)) == percent


def test_an_approved_deal_keeps_the_margin_of_the_tier_it_was_approved_under(acme, cast):
    AgreementFactory(partner=acme.partner)
    deal = deals.approve(registers(on(acme, "Gold"), cast), by=cast.actor("mona"), at=AT)
    services.give_tier(fresh(acme), tier("Silver"), "Fewer deals", by=SYSTEM, at=AT)
    deal.refresh_from_db()
    assert (deal.terms["tier"], deal.terms["margin_percent"]) == ("gold", "20.00")


REQUESTABLE = {"joint_pr": "Gold", "executive_access": "Platinum", "co_development": "Platinum"}
WITHOUT = {"Gold": "Silver", "Platinum": "Gold"}


@pytest.mark.parametrize("kind", REQUESTABLE)
def test_what_the_tier_grants_can_be_asked_for(acme, cast, kind):
    request = wants(on(acme, REQUESTABLE[kind]), kind, cast)
    assert (request.status, request.owner, request.due_at) == (
        "asked",
        cast.mona,
        datetime(2026, 11, 30, 17, tzinfo=UTC),
    )


@pytest.mark.parametrize("kind", REQUESTABLE)
def test_what_the_tier_does_not_grant_can_not_be_asked_for(acme, cast, kind):
    first = REQUESTABLE[kind]
    with pytest.raises(Refused) as refusal:
        wants(on(acme, WITHOUT[first]), kind, cast)
    told = f"{benefits.name_of(kind)}: granted from {first} on. The tier now is {WITHOUT[first]}."
    assert (refusal.value.code, refusal.value.reason, BenefitRequest.objects.count()) == ("not_granted", told, 0)


# --- the life of a request


PLAN = Plan("We do it together.", sponsor="Eve Evans", next_on=date(2026, 12, 10))


def asked(member, cast, kind="joint_pr"):
    return wants(on(member, "Platinum"), kind, cast)


@pytest.mark.parametrize(
    ("kind", "plan", "field"),
    [
        ("joint_pr", Plan(""), "outcome"),
        ("executive_access", Plan("A meeting", next_on=date(2026, 12, 10)), "sponsor"),
        ("executive_access", Plan("A meeting", sponsor="Eve Evans"), "next_on"),
        ("co_development", Plan("A connector by June"), "next_on"),
    ],
)
def test_an_agreement_names_what_its_kind_asks_for(acme, cast, kind, plan, field):
    request = asked(acme, cast, kind)
    with pytest.raises(Refused) as refusal:
        services.agree_to(request, plan, by=cast.actor("mona"), at=AT)
    assert refusal.value.field == field


def test_a_meeting_is_booked_with_a_named_sponsor_and_then_held(acme, cast):
    request = services.agree_to(asked(acme, cast, "executive_access"), PLAN, by=cast.actor("mona"), at=AT)
    assert (request.status, request.sponsor, request.next_on) == ("agreed", "Eve Evans", date(2026, 12, 10))
    services.finish_request(request, Words("They met."), by=cast.actor("mona"), at=AT)
    assert (request.status, request.outcome) == ("done", "They met.")


def test_a_question_is_answered_not_agreed_to(acme, cast):
    request = asked(acme, cast, "question")
    with pytest.raises(Refused):
        services.agree_to(request, PLAN, by=cast.actor("mona"), at=AT)
    services.finish_request(request, Words("By the end of May."), by=cast.actor("mona"), at=AT)
    assert (request.status, request.outcome) == ("done", "By the end of May.")


def test_a_benefit_lost_meanwhile_is_not_agreed_to(acme, cast):
    request = asked(acme, cast)
    on(acme, "Silver")
    request = BenefitRequest.objects.select_related("membership__partner").get(pk=request.pk)
    with pytest.raises(Refused) as refusal:
        services.agree_to(request, PLAN, by=cast.actor("mona"), at=AT)
    assert refusal.value.reason == "Joint press campaigns: granted from Gold on. The tier now is Silver."


def test_what_was_agreed_goes_on_after_the_tier_is_lost(acme, cast):
    request = services.agree_to(asked(acme, cast), PLAN, by=cast.actor("mona"), at=AT)
    on(acme, "Silver")
    services.finish_request(request, Words("Printed in May."), by=cast.actor("mona"), at=AT)
    assert request.status == "done"


def test_words_are_needed_to_ask_to_decline_and_to_finish(acme, cast):
    with pytest.raises(Refused):
        services.ask_for(on(acme, "Gold"), Wish("joint_pr", ""), by=cast.actor("bo"), at=AT)
    request = asked(acme, cast)
    for act in (services.decline_request, services.finish_request):
        with pytest.raises(Refused) as refusal:
            act(request, Words(""), by=cast.actor("mona"), at=AT)
        assert refusal.value.field == "reason"


def test_a_partner_that_does_not_work_with_us_asks_for_nothing(acme, cast):
    Partner.objects.filter(pk=acme.partner_id).update(status="suspended")
    with pytest.raises(IllegalTransition):
        wants(on(acme, "Gold"), "joint_pr", cast)


ACTS = {
    "agree": lambda one, by: services.agree_to(one, PLAN, by=by, at=AT),
    "decline": lambda one, by: services.decline_request(one, Words("x"), by=by, at=AT),
    "finish": lambda one, by: services.finish_request(one, Words("x"), by=by, at=AT),
    "withdraw": lambda one, by: services.withdraw_request(one, by=by, at=AT),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("status", BenefitStatus.values)
def test_in_every_other_state_an_act_is_refused(acme, cast, status, act):
    if status in BENEFIT.steps[act].source:
        return
    request = asked(acme, cast)
    BenefitRequest.objects.filter(pk=request.pk).update(status=status)
    request.refresh_from_db()
    with pytest.raises(IllegalTransition):
        ACTS[act](request, cast.actor("bo" if act == "withdraw" else "olga"))


@pytest.mark.parametrize("name", ["ada", "bo", "finn", "eve", "root"])
def test_who_may_not_decide_decides_nothing(acme, cast, name):
    request = asked(acme, cast)
    for act in ("agree", "decline", "finish"):
        with pytest.raises(Forbidden):
            ACTS[act](request, cast.actor(name))


@pytest.mark.parametrize("name", ["finn", "eve", "root", "mark"])
def test_who_may_not_ask_asks_for_nothing(acme, cast, name):
    with pytest.raises(Forbidden):
        services.ask_for(on(acme, "Gold"), Wish("joint_pr", "Say more"), by=cast.actor(name), at=AT)
