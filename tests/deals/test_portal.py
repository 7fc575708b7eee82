"""Partners' pages about deals."""

import pytest
from django.test import Client
from django.urls import reverse

from core.ids import uuid7
from deals import services
from deals.enums import Status
from deals.models import Registration
from deals.particulars import Question
from partners.models import Member
from tests.factories import NOW, Cast

pytestmark = pytest.mark.django_db


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def words(market, **changes) -> dict:
    return {
        "draft": str(uuid7()),
        "website": "contoso.com",
        "account_name": "Contoso Ltd",
        "country": "PT",
        "contact_name": "Rui Alves",
        "contact_email": "rui@contoso.com",
        "product": str(market.product.pk),
        "amount": "48,000",
        "expected_close_on": "2099-01-31",
        **changes,
    }


@pytest.fixture
def ada(cast: Cast) -> Client:
    return signed_in(cast.ada)


def test_the_form_sends_a_registration_into_review(market, ada):
    answer = ada.post(reverse("portal:deal_new"), words(market))
    deal = Registration.objects.get()
    assert (answer.status_code, answer.url) == (302, deal.get_absolute_url())
    assert (deal.status, deal.partner, deal.created_by) == (Status.IN_REVIEW, market.cast.acme, market.cast.ada)


def test_a_second_click_finds_the_first_registration(market, ada):
    typed = words(market)
    first = ada.post(reverse("portal:deal_new"), typed)
    second = ada.post(reverse("portal:deal_new"), typed)
    assert (second.status_code, second.url) == (302, first.url)
    assert Registration.objects.count() == 1


def test_looking_at_the_form_stores_nothing(market, ada):
    assert ada.get(reverse("portal:deal_new")).status_code == 200
    assert Registration.objects.count() == 0


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("website", "nowhere", "Enter the customer's website, like contoso.com."),
        ("amount", "1e2", "Enter an amount like 48000 or 48,000.50."),
        ("amount", "-5", "Enter an amount like 48000 or 48,000.50."),
        ("amount", "١٢٣", "Enter an amount like 48000 or 48,000.50."),
        ("amount", "0", "Enter an amount above 0."),
        ("expected_close_on", "2001-01-01", "Expected close date must be today or later."),
    ],
)
def test_what_does_not_fit_is_said_in_words_and_kept(market, ada, field, typed, said):
    answer = ada.post(reverse("portal:deal_new"), words(market, **{field: typed}))
    assert answer.status_code == 422
    assert answer.context["form"].errors[field] == [said]
    assert answer.context["form"][field].value() == typed


def test_a_draft_keeps_what_is_typed_even_when_it_does_not_fit_yet(market, ada):
    typed = words(market, amount="", website="nowhere", account_name="Contoso")
    answer = ada.post(reverse("portal:deal_draft"), typed)
    draft = Registration.objects.get()
    assert answer.json() == {"reference": draft.reference, "url": reverse("portal:deal_edit", args=[draft.reference])}
    assert (draft.status, draft.account_name, draft.amount) == (Status.DRAFT, "Contoso", None)
    ada.post(reverse("portal:deal_new"), typed | {"website": "contoso.com", "amount": "48000"})
    draft.refresh_from_db()
    assert draft.status == Status.IN_REVIEW


@pytest.mark.parametrize(("by", "verdict"), [("nobody", "clear"), ("cy", "conflict"), ("ada", "yours")])
def test_the_live_check_gives_a_verdict_and_no_name(market, ada, by, verdict):
    if by != "nobody":
        market.sent(by)
    answer = ada.get(reverse("portal:deal_check"), {"website": "www.contoso.com", "account_name": "Contoso"})
    assert answer.context["advice"].verdict == verdict
    assert b"Cobalt" not in answer.content


def test_fishing_with_the_live_check_ends_after_thirty_a_minute(market, ada):
    market.sent("cy")
    ask = lambda: ada.get(reverse("portal:deal_check"), {"website": "contoso.com"}).context["advice"].verdict  # noqa: E731
    assert [ask() for _try in range(32)][-3:] == ["conflict", "unknown", "unknown"]


def test_a_rival_finds_no_page(market, cast):
    deal = market.sent("ada")
    assert signed_in(cast.cy).get(deal.get_absolute_url()).status_code == 404


def test_a_question_is_answered_on_the_deals_page(market, ada):
    deal = market.sent()
    services.ask(deal, Question("Who is the buyer?", ("contact_name",)), by=market.cast.actor("mona"), at=NOW)
    assert b"Who is the buyer?" in ada.get(deal.get_absolute_url()).content
    answer = ada.post(
        reverse("portal:deal_verb", args=[deal.reference, "answer"]), {"text": "Rui", "contact_name": "Rui S"}
    )
    deal.refresh_from_db()
    assert (answer.status_code, deal.status, deal.contact_name) == (302, Status.IN_REVIEW, "Rui S")


@pytest.mark.parametrize("verb", ["approve", "reject", "nonsense"])
def test_the_portal_has_no_verbs_of_the_vendor(market, ada, verb):
    deal = market.sent()
    assert ada.post(reverse("portal:deal_verb", args=[deal.reference, verb])).status_code == 404


def test_a_decided_registration_cannot_be_withdrawn_any_more(market, ada):
    deal = market.approved()
    answer = ada.post(reverse("portal:deal_verb", args=[deal.reference, "withdraw"]))
    deal.refresh_from_db()
    assert (answer.status_code, deal.status) == (409, Status.APPROVED)


def test_the_list_pages_by_key(market, ada):
    for n in range(27):
        market.draft(account_name=f"Customer {n:02}")
    first = ada.get(reverse("portal:deals"))
    table = first.context["table"]
    assert (len(table.rows), bool(table.pager.older), table.pager.newer) == (25, True, "")
    second = ada.get(reverse("portal:deals") + table.pager.older).context["table"]
    assert [r.cells[0] for r in second.rows] == ["Customer 01", "Customer 00"]
    back = ada.get(reverse("portal:deals") + second.pager.newer).context["table"]
    assert [r.cells[0] for r in back.rows] == [r.cells[0] for r in table.rows]


def test_home_shows_what_needs_me_and_my_open_deals(market, ada):
    deal = market.sent()
    services.ask(deal, Question("Who is the buyer?"), by=market.cast.actor("mona"), at=NOW)
    home = ada.get(reverse("portal:home"))
    assert [t.label for t in home.context["tasks"]] == ["Answer a question on Contoso Ltd"]
    assert home.status_code == 200


def test_a_viewer_sees_the_list_and_is_offered_no_registration(market, cast):
    Member.objects.filter(user=cast.ada).update(role="viewer")
    viewer = signed_in(cast.ada)
    assert viewer.get(reverse("portal:deals")).context["may_register"] is False
    assert viewer.get(reverse("portal:deal_new")).status_code == 403
