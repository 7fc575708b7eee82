"""What a partner sees of its own figures."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from core.actor import SYSTEM
from core.money import Money
from metrics import cards, services
from partners.actors import actor_for
from tests.factories import MemberFactory, make_cast
from tests.metrics.world import NOW, TODAY, opportunity, partner, register, roles, sourced
from tiers import services as tiers

pytestmark = pytest.mark.django_db
FILE = Path(__file__).resolve().parents[2] / "examples" / "program-default.yaml"


@pytest.fixture
def acme():
    """A partner in the default program, with Ada's colleague as its person."""
    made = partner(name="Acme Two")
    program = tiers.load_program(FILE, by=SYSTEM, at=NOW)[0]
    made.membership.program, made.membership.tier = program, program.tiers.get(rank=1)
    made.membership.save()
    made.person = MemberFactory(partner=made).user
    return made


def actor(one):
    return actor_for(one.person)


def test_a_partner_sees_its_own_figures_in_the_reporting_currency(acme):
    sourced(acme, amount="1000")
    sourced(acme, stage="won", amount="250.50")
    sourced(partner(), amount="9000")
    services.recompute(at=NOW)
    card = cards.home_card(actor(acme), acme, NOW)
    assert (card.pipeline, card.open_count, card.won, card.won_count, card.approved, card.is_active) == (
        Money(1000, "USD"), 1, Money(250.5, "USD"), 1, "2 of 2", True,
    )  # fmt: skip


def test_the_rows_behind_the_tier_say_what_counts_until_when_and_what_does_not(acme):
    counts = sourced(acme, stage="won", closed=TODAY - timedelta(days=10))
    for more in ({"kind": "renewal"}, {"stage": "lost"}, {"closed": TODAY - timedelta(days=400)}):
        sourced(acme, **{"stage": "won", "opened": TODAY - timedelta(days=500)} | more)
    helped = opportunity(stage="won")
    roles(acme, helped, "technology")
    rows = cards.closed_deals(actor(acme), acme.membership, NOW)
    assert [(r.day, r.falls_out_on) for r in rows.counted] == [(counts.closed_on, counts.closed_on.replace(year=2027))]
    assert sorted(r.why_not for r in rows.left_out) == [
        "Before 24 Nov 2025", "Lost", "Renewals don't count", "Your role in it doesn't count",
    ]  # fmt: skip


def test_home_and_tier_page_show_the_cards(acme):
    for _deal in range(2):
        sourced(acme, stage="won")
    register(acme, opportunity())
    services.recompute(at=NOW)
    client = Client()
    client.force_login(acme.person)
    home, page = client.get("/portal/"), client.get("/portal/tier/")
    assert (home.status_code, page.status_code) == (200, 200)
    assert page.context["card"].title == "You meet everything for Silver"
    assert "Answer by" in page.context["card"].waiting
    assert [len(rows["counted"].rows) for rows in page.context["behind"]] == [2]


def test_the_console_shows_a_proposed_move_and_takes_the_decision(acme):
    cast = make_cast()
    sourced(acme, stage="won")
    services.recompute(at=NOW)
    client = Client()
    client.force_login(cast.mona)
    review = acme.membership.reviews.get()
    page = client.get(f"/admin/tier-reviews/{review.reference}/")
    assert page.status_code == 200
    sent = client.post(f"/admin/tier-reviews/{review.reference}/promote/", {"reason": "Well earned"})
    acme.membership.refresh_from_db()
    assert (sent.status_code, acme.membership.tier.name) == (302, "Silver")


def test_putting_off_without_words_shows_the_form_again(acme):
    cast = make_cast()
    sourced(acme, stage="won")
    services.recompute(at=NOW)
    client = Client()
    client.force_login(cast.mona)
    review = acme.membership.reviews.get()
    assert client.post(f"/admin/tier-reviews/{review.reference}/defer/", {"reason": ""}).status_code == 422


def test_an_executive_sees_the_move_but_has_no_buttons(acme):
    cast = make_cast()
    sourced(acme, stage="won")
    services.recompute(at=NOW)
    client = Client()
    client.force_login(cast.eve)
    page = client.get(f"/admin/tier-reviews/{acme.membership.reviews.get().reference}/")
    assert (page.status_code, b"/promote/" in page.content, b"/defer/" in page.content) == (200, False, False)
