"""Before it accepted, nothing that a partner reads says who the lead is."""

import json
import re
from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse

from core import timers
from core.deliver import deliver_due
from core.models import Event
from core.scope import scope
from deals import lead_links
from deals.lead_particulars import No
from deals.models import Lead, LeadOffer, LeadRanking
from deals.particulars import Reason
from deals.rules.leads import HIDDEN, masked, size_band
from deals.services import leads, offers
from tests.deals.leads.conftest import SECRET
from tests.factories import NOW

NAMES = ("Contoso Ltd", "Dora Quint")
LATER = NOW + timedelta(days=36500)  # deliveries are due from the day the test runs
SAYS = ("Zyxel", "Werke", "werke.example", "Dora", "Quint", "555 01", "CIO")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Mail dora@contoso.com now", f"Mail {HIDDEN} now"),
        ("Mail dora.q+x@mail.contoso.co.uk", f"Mail {HIDDEN}"),
        ("dora [at] contoso.com", HIDDEN),
        ("See https://contoso.com/x?y=1 first", f"See {HIDDEN} first"),
        ("See contoso.com/careers", f"See {HIDDEN}"),
        ("See www.contoso.de", f"See {HIDDEN}"),
        ("Call +351 21 555 01 23 today", f"Call {HIDDEN} today"),
        ("Call (030) 1234-5678", f"Call {HIDDEN}"),
        ("Call 0049.30.12345", f"Call {HIDDEN}"),
        ("CONTOSO LTD wants it", f"{HIDDEN} wants it"),
        ("Cóntoso, Ltd. wants it", f"{HIDDEN}. wants it"),
        ("Contoso's team", f"{HIDDEN}'s team"),
        ("ContosoCloud", f"{HIDDEN}Cloud"),
        ("con-toso is not known", "con-toso is not known"),
        ("Ask for Mrs Quint or dora", f"Ask for Mrs {HIDDEN} or {HIDDEN}"),
        ("@contoso on social media", f"{HIDDEN} on social media"),
        ("200 people in 3 places by 2027", "200 people in 3 places by 2027"),
        ("A quintet of reports", "A quintet of reports"),
    ],
)
def test_what_points_to_somebody_is_hidden_and_the_rest_stays(text, shown):
    assert masked(text, NAMES) == shown


@pytest.mark.parametrize(
    ("name", "text", "shown"),
    [
        ("HP", "HP needs php people", f"{HIDDEN} needs php people"),
        ("株式会社コントソ", "株式会社コントソは分析が必要", f"{HIDDEN}は分析が必要"),
        ("Müller & Söhne", "MULLER und Sohne", f"{HIDDEN} und {HIDDEN}"),
        ("", "Nothing to hide", "Nothing to hide"),
        (".*", "A dot.", "A dot."),
    ],
)
def test_names_of_every_kind_are_hidden(name, text, shown):
    assert masked(text, [name]) == shown


@pytest.mark.parametrize(
    ("employees", "band"), [(None, ""), (1, "1–49"), (50, "50–249"), (999, "250–999"), (1000, "1,000+")]
)
def test_employees_are_told_as_a_band(employees, band):
    assert size_band(employees) == band


def leaks(words: str) -> list[str]:
    return [word for word in (SECRET, *SAYS) if word in words]


@pytest.mark.django_db
def test_the_teaser_tells_the_need_without_the_name(desk):
    offer = desk.offered(product=desk.market.product)
    assert offer.teaser == {
        "country": "PT", "region": "EMEA", "industry": "Retail", "size": "50–249",
        "product": desk.market.product.name, "temperature": "warm", "source": "inbound",
        "need": f"{HIDDEN} wants analytics. Write to {HIDDEN} or call {HIDDEN}.",
        "why": ["territory", "tier", "capacity"],
    }  # fmt: skip


@pytest.mark.django_db
def test_nothing_a_partner_can_read_before_names_the_lead(desk):
    """Rows and events behind the wall, as the partner's own connection sees them."""
    desk.offered()
    with scope(desk.cast.actor("ada")) as ada:
        rows = [list(model.objects.values()) for model in (Lead, LeadOffer, LeadRanking)]
        events = list(Event.objects.visible_to(ada).values())
        assert [len(found) for found in rows] == [0, 1, 0]
        assert [event["type"] for event in events] == ["lead_offer.offered"]
    assert leaks(json.dumps([rows, events], default=str)) == []


@pytest.mark.django_db
def test_after_it_was_taken_back_the_partner_reads_its_own_part_of_the_story_alone(desk):
    lead = desk.working()
    leads.recall(lead, Reason("They chose another one."), by=desk.cast.actor("mona"), at=NOW)
    with scope(desk.cast.actor("ada")):
        assert (Lead.objects.count(), LeadOffer.objects.get().status) == (0, "recalled")
    offers.offer(lead, by=desk.cast.actor("mona"), at=NOW + timedelta(hours=1))
    with scope(desk.cast.actor("cy")) as cy:
        assert {event.type for event in Event.objects.visible_to(cy)} == {"lead_offer.offered"}


def letters() -> list[tuple[list[str], str]]:
    found = [(letter.to, f"{letter.subject}\n{letter.body}\n{letter.alternatives}") for letter in mail.outbox]
    mail.outbox.clear()
    return found


@pytest.mark.django_db
def test_each_seller_of_the_partner_gets_a_mail_with_a_link_of_its_own(desk):
    offer = desk.offered()
    deliver_due(LATER)
    sent = letters()
    assert sorted(to for to, _words in sent) == [["ada@acme.example"], ["bo@acme.example"]]
    assert [leaks(words) for _to, words in sent] == [[], []]
    links = {re.search(r"answers/leads/([^/\s]+)/", words)[1] for _to, words in sent}
    assert {lead_links.read(link)[0].label for link in links} == {"Ada", "Bo"}
    assert reverse("lead_answer", args=["x"]) == "/answers/leads/x/"
    assert [lead_links.read(link)[1] for link in links] == [offer.pk, offer.pk]


@pytest.mark.django_db
def test_reminders_and_what_was_missed_name_nobody(desk):
    offer = desk.offered()
    timers.ring(offer.due_at - timedelta(minutes=1))
    deliver_due(LATER)
    assert [leaks(words) for _to, words in letters()] == [[], [], [], [], [], []]
    timers.ring(offer.due_at)
    deliver_due(LATER)
    sent = letters()
    assert [leaks(words) for _to, words in sent] == [[]] * len(sent)
    assert {to for whom, _words in sent for to in whom} == {"ada@acme.example", "bo@acme.example", "cy@cobalt.example"}


@pytest.mark.django_db
def test_an_offer_answered_meanwhile_is_mailed_to_nobody(desk):
    offer = desk.offered()
    offers.decline(offer, No("other"), by=desk.cast.actor("ada"), at=NOW)
    deliver_due(LATER)
    assert {to for whom, _words in letters() for to in whom} == {"cy@cobalt.example"}


@pytest.mark.django_db
def test_our_people_are_told_what_came_back_and_what_was_closed(desk):
    first = desk.offered()
    offers.decline(first, No("other"), by=desk.cast.actor("ada"), at=NOW)
    offers.decline(LeadOffer.objects.get(status="offered"), No("other"), by=desk.cast.actor("cy"), at=NOW)
    deliver_due(LATER)
    assert [(to, words.splitlines()[0]) for to, words in letters()] == [
        (["mona@northwind.example"], f"Back with us: {SECRET} Werke GmbH")
    ]
