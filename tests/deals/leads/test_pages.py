"""The pages about leads, of both sides."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from deals import lead_links
from deals.enums import LeadStatus, OfferStatus
from deals.models import Lead, LeadOffer, LeadRanking, Registration, RoutingRule
from deals.services import offers
from partners.models import Member
from tests.deals.leads.conftest import SECRET
from tests.deals.test_portal import signed_in
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now(time_machine_at):
    """Pages ask the clock; offers of the tests are made at NOW."""


@pytest.fixture
def time_machine_at():
    import time_machine  # noqa: PLC0415 - only here

    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        yield


def verb(offer: LeadOffer, name: str) -> str:
    return reverse("portal:lead_offer_verb", args=[offer.reference, name])


def at_lead(lead: Lead, name: str) -> str:
    return reverse("portal:lead_verb", args=[lead.reference, name])


# --- partner


def test_an_offer_is_listed_first_and_accepted_on_its_page(desk):
    offer, ada = desk.offered(), signed_in(desk.cast.ada)
    page = ada.get(reverse("portal:leads"))
    assert [task.href for task in page.context["offers"]] == [offer.get_absolute_url()]
    assert ada.get(offer.get_absolute_url()).context["may_answer"] is True
    answer = ada.post(verb(offer, "accept"))
    lead = Lead.objects.get()
    assert (answer.status_code, answer.url, lead.status) == (302, lead.get_absolute_url(), LeadStatus.ACCEPTED)
    page = ada.get(lead.get_absolute_url())
    assert (page.status_code, lead.contact_email in page.content.decode()) == (200, True)


def test_declining_asks_for_a_reason(desk):
    offer, ada = desk.offered(), signed_in(desk.cast.ada)
    assert ada.post(verb(offer, "decline"), {"code": ""}).status_code == 422
    answer = ada.post(verb(offer, "decline"), {"code": "no_capacity", "reason": "Full until May."})
    offer.refresh_from_db()
    assert (answer.url, offer.status, offer.decline_reason) == (
        "/portal/leads/",
        OfferStatus.DECLINED,
        "Full until May.",
    )
    page = ada.get(reverse("portal:leads"))
    assert page.context["lead"] == "You answered 1 of 1 leads of the last 12 months in time."
    assert [outcome for _title, outcome, _o in page.context["missed"]] == [
        "Ada declined this lead. It went to another partner."
    ]


def test_progress_is_reported_and_the_lead_turned_into_a_registration(desk):
    lead, ada = desk.accepted(), signed_in(desk.cast.ada)
    assert ada.post(at_lead(lead, "work"), {"text": ""}).status_code == 422
    ada.post(at_lead(lead, "work"), {"text": "Called Dora.", "next_step": "Demo"})
    page = ada.get(lead.get_absolute_url())
    assert [m.said for m in page.context["timeline"]][-1] == "Called Dora."
    first, second = ada.post(at_lead(lead, "convert")), ada.post(at_lead(lead, "convert"))
    deal = Registration.objects.get()
    assert (first.url, second.url) == (reverse("portal:deal_edit", args=[deal.reference]),) * 2
    form = ada.get(first.url).context["form"]
    assert form["contact_email"].value() == lead.contact_email


def test_a_lead_is_closed_without_a_deal(desk):
    lead, ada = desk.accepted(), signed_in(desk.cast.ada)
    ada.post(at_lead(lead, "close"), {"code": "no_need", "reason": "They build it themselves."})
    lead.refresh_from_db()
    assert (lead.status, lead.disqualified_code) == (LeadStatus.DISQUALIFIED, "no_need")


def test_home_says_which_lead_waits(desk):
    desk.offered(product=desk.market.product)
    home = signed_in(desk.cast.ada).get(reverse("portal:home"))
    assert [task.label for task in home.context["tasks"]] == [f"Accept a lead: {desk.market.product.name}, Portugal"]


def test_who_only_looks_answers_nothing(desk):
    offer = desk.offered()
    Member.objects.filter(user=desk.cast.ada).update(role="viewer")
    viewer = signed_in(desk.cast.ada)
    assert viewer.get(offer.get_absolute_url()).context["may_answer"] is False
    assert viewer.post(verb(offer, "accept")).status_code == 403


def test_the_other_partner_finds_nothing(desk):
    offer, cy = desk.offered(), signed_in(desk.cast.cy)
    lead = Lead.objects.get()
    addresses = [offer.get_absolute_url(), lead.get_absolute_url()]
    assert [cy.get(address).status_code for address in addresses] == [404, 404]
    assert cy.post(verb(offer, "accept")).status_code == 404
    offers.accept(offer, by=desk.cast.actor("ada"), at=NOW)
    assert [cy.get(address).status_code for address in addresses] == [404, 404]


def test_before_it_accepted_a_partner_finds_no_lead(desk):
    desk.offered()
    ada, lead = signed_in(desk.cast.ada), Lead.objects.get()
    assert ada.get(lead.get_absolute_url()).status_code == 404
    assert ada.post(at_lead(lead, "work"), {"text": "x"}).status_code == 404


def test_no_page_names_the_company_before(desk):
    offer, ada = desk.offered(), signed_in(desk.cast.ada)
    for address in ("/portal/", "/portal/leads/", offer.get_absolute_url()):
        page = ada.get(address).content.decode()
        assert [
            word for word in (SECRET, "Zyxel", "Werke", "Dora", "Quint", "555", "canary-werke") if word in page
        ] == []


# --- the link


def link(offer: LeadOffer, user) -> str:
    return reverse("lead_answer", args=[lead_links.token(offer, user)])


def test_opening_the_link_does_nothing(desk):
    offer, nobody = desk.offered(), Client()
    for method in ("get", "head", "options"):
        getattr(nobody, method)(link(offer, desk.cast.ada))
    offer.refresh_from_db()
    page = nobody.get(link(offer, desk.cast.ada))
    assert (page.status_code, offer.status) == (200, OfferStatus.OFFERED)
    words = page.content.decode()
    assert [word for word in ("Zyxel", "Werke", "Dora", "555", "canary-werke") if word in words] == []


def test_the_link_accepts_in_the_name_of_its_person(desk):
    offer = desk.offered()
    answer = Client().post(link(offer, desk.cast.ada), {"answer": "accept"})
    offer.refresh_from_db()
    assert (answer.status_code, offer.status, offer.answered_label) == (200, OfferStatus.ACCEPTED, "Ada")
    assert "dora@" not in answer.content.decode()


def test_the_link_declines_with_a_reason(desk):
    offer, nobody = desk.offered(), Client()
    assert nobody.post(link(offer, desk.cast.ada), {"answer": "decline"}).status_code == 422
    answer = nobody.post(link(offer, desk.cast.ada), {"answer": "decline", "code": "not_our_region"})
    offer.refresh_from_db()
    assert (answer.status_code, offer.status) == (200, OfferStatus.DECLINED)


def test_who_clicks_second_reads_what_happened(desk):
    offer = desk.offered()
    Client().post(link(offer, desk.cast.ada), {"answer": "accept"})
    late = Client().post(link(offer, desk.cast.bo), {"answer": "decline", "code": "other"})
    assert (late.status_code, late.context["reason"]) == (409, "Ada accepted this lead.")
    assert Client().get(link(offer, desk.cast.bo)).status_code == 410


def test_the_link_dies_with_the_offer(desk, time_machine_at):
    import time_machine  # noqa: PLC0415 - only here

    offer = desk.offered()
    with time_machine.travel(offer.due_at, tick=False):
        assert Client().get(link(offer, desk.cast.ada)).status_code == 410
        assert Client().post(link(offer, desk.cast.ada), {"answer": "accept"}).status_code == 409
    assert Lead.objects.get().status == LeadStatus.OFFERED


def test_the_link_is_worth_what_its_person_may_do_now(desk):
    offer = desk.offered()
    assert Client().post(link(offer, desk.cast.cy), {"answer": "accept"}).status_code == 404
    Member.objects.filter(user=desk.cast.ada).update(role="viewer")
    assert Client().post(link(offer, desk.cast.ada), {"answer": "accept"}).status_code == 404
    Member.objects.filter(user=desk.cast.ada).update(role="sales", ended_at=NOW)
    assert Client().post(link(offer, desk.cast.ada), {"answer": "accept"}).status_code == 404
    assert Client().get(reverse("lead_answer", args=["made-up"])).status_code == 404
    assert Lead.objects.get().status == LeadStatus.OFFERED


# --- console

TYPED = {
    "account_name": "Contoso Ltd", "website": "contoso.com", "country": "PT", "need": "Reports", "temperature": "hot",
    "source": "event", "product": "",
}  # fmt: skip


def test_a_lead_is_entered_offered_and_shown_with_its_ranking(desk):
    mona = signed_in(desk.cast.mona)
    assert mona.post(reverse("admin:lead_new"), TYPED | {"website": "nowhere"}).status_code == 422
    answer = mona.post(reverse("admin:lead_new"), TYPED)
    lead = Lead.objects.get()
    assert (answer.url, lead.owner, lead.temperature) == (lead.get_console_url(), desk.cast.mona, "hot")
    assert mona.get(lead.get_console_url()).context["ranking"] is None
    mona.post(reverse("admin:lead_verb", args=[lead.reference, "offer"]), {"partner": ""})
    page = mona.get(lead.get_console_url())
    assert [(p.number, p.name) for p in page.context["ranking"].places] == [(1, "Acme"), (2, "Cobalt")]
    assert "works in Portugal" in page.content.decode()


def test_a_partner_is_chosen_by_hand_and_the_lead_taken_back(desk):
    lead, mona = desk.new(), signed_in(desk.cast.mona)
    act = lambda name, **data: mona.post(reverse("admin:lead_verb", args=[lead.reference, name]), data)  # noqa: E731
    act("offer", partner=str(desk.cast.cobalt.pk))
    assert LeadOffer.objects.get().partner == desk.cast.cobalt
    assert act("recall", text="").status_code == 422
    act("recall", text="They asked for somebody near.")
    lead.refresh_from_db()
    assert lead.status == LeadStatus.RETURNED
    act("disqualify", code="duplicate", reason="")
    lead.refresh_from_db()
    assert lead.status == LeadStatus.DISQUALIFIED


def test_who_is_known_already_is_shown_to_us(desk):
    deal = desk.market.approved()
    lead = desk.new(account_name="Contoso", website="contoso.com")
    other = desk.new(account_name="Contoso Limited", website="www.contoso.com/x")
    page = signed_in(desk.cast.mona).get(lead.get_console_url())
    assert [fact.label for fact in page.context["known"]] == [f"Registration {deal.reference}"]
    assert page.context["twins"] == [other]


def test_new_and_returned_leads_wait_in_the_queue(desk):
    desk.new(account_name="Fresh Ltd", website="fresh.example")
    page = signed_in(desk.cast.mona).get(reverse("admin:index"))
    assert [row.cells[:2] for row in page.context["table"].rows] == [("Fresh Ltd", "Lead")]
    assert len(signed_in(desk.cast.mona).get(reverse("admin:leads")).context["table"].rows) == 1


def test_a_lead_is_corrected_while_it_is_with_us(desk):
    lead, mona = desk.new(), signed_in(desk.cast.mona)
    address = reverse("admin:lead_edit", args=[lead.reference])
    form = mona.get(address).context["form"]
    typed = {name: form[name].value() if form[name].value() is not None else "" for name in form.fields}
    assert mona.post(address, typed | {"account_name": ""}).status_code == 422
    mona.post(address, typed | {"account_name": "Fabrikam AG", "currency": "EUR"})
    lead.refresh_from_db()
    assert (lead.account_name, lead.normal_name, lead.currency, lead.owner) == (
        "Fabrikam AG", "fabrikam", "EUR", desk.cast.mona,
    )  # fmt: skip
    offers.offer(lead, by=desk.cast.actor("mona"), at=NOW)
    assert mona.post(address, typed).status_code == 422


RULE = {
    "name": "Hot in Iberia", "is_active": "on", "countries": "pt, ES", "temperatures": ["hot"], "mode": "ranked",
    "answer_hours": "8", "offers": "2", "territory": "50", "capacity": "50",
}  # fmt: skip


def test_rules_are_written_ordered_and_switched_off(desk):
    olga = signed_in(desk.cast.olga)
    assert olga.post(reverse("admin:routing_new"), RULE | {"countries": "Portugal"}).status_code == 422
    assert olga.post(reverse("admin:routing_new"), RULE | {"mode": "direct"}).status_code == 422
    olga.post(reverse("admin:routing_new"), RULE)
    made = RoutingRule.objects.get(name="Hot in Iberia")
    assert (made.match, made.weights["territory"]) == ({"countries": ["PT", "ES"], "temperatures": ["hot"]}, 50)
    olga.post(reverse("admin:routing_verb", args=[made.public_id, "earlier"]))
    page = olga.get(reverse("admin:routing"))
    assert [(r["rule"].name, r["condition"]) for r in page.context["rules"]] == [
        ("Hot in Iberia", "country PT, ES; hot"), ("All leads", "Every lead"),
    ]  # fmt: skip
    off = {name: value for name, value in RULE.items() if name != "is_active"}
    olga.post(reverse("admin:routing_rule", args=[made.public_id]), off)
    made.refresh_from_db()
    assert made.is_active is False


def test_others_see_the_rules_and_edit_none(desk):
    mona = signed_in(desk.cast.mona)
    assert mona.get(reverse("admin:routing")).status_code == 200
    assert mona.get(reverse("admin:routing_new")).status_code == 403
    assert mona.post(reverse("admin:routing_verb", args=[desk.rule.public_id, "later"])).status_code == 403


def test_the_test_box_says_who_would_get_a_lead_and_stores_nothing(desk):
    asked = {"country": "ES", "temperature": "warm", "source": "inbound"}
    page = signed_in(desk.cast.mona).get(reverse("admin:routing"), asked)
    assert (page.context["fits"], page.context["best"]) == (desk.rule, "Cobalt")
    assert [p.name for p in page.context["ranking"].places] == ["Cobalt", "Acme"]
    assert (Lead.objects.count(), LeadRanking.objects.count(), LeadOffer.objects.count()) == (0, 0, 0)
    type(desk.rule).objects.update(match={"countries": ["BR"]})
    page = signed_in(desk.cast.mona).get(reverse("admin:routing"), asked)
    assert (page.context["fits"], page.context["passed_over"][0][1]) == (None, "another country")
