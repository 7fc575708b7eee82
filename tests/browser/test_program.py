"""Gold edited to six deals: one person drafts it and sees who moves, another publishes it."""

from datetime import date

import pytest
from playwright.sync_api import expect

from core.actor import SYSTEM
from core.clock import now
from core.scope import scope
from partners.models import Partner
from tests.factories import make_cast
from tests.tiers.standing import FILE, closes, many
from tiers import services
from tiers.models import Tier
from tiers.particulars import Enrolment

pytestmark = [pytest.mark.browser, pytest.mark.committed]


@pytest.fixture
def five_deals(site):
    """Acme closed five deals under the default program."""
    with scope(SYSTEM):
        cast = make_cast()
        program = services.load_program(FILE, by=SYSTEM, at=now())[0]
        acme = Partner.objects.get(pk=cast.acme.pk)
        member = services.enrol(Enrolment(acme, program, "reseller", date(2020, 1, 1)), by=SYSTEM, at=now())
        closes(member, *many(5, date(now().year + 1, 11, 1)), at=now())


def test_olga_drafts_gold_at_six_and_root_publishes_it(visit, five_deals):
    olga = visit("olga@northwind.example", 1440)
    olga.goto("/admin/program/versions/")
    olga.get_by_role("button", name="Draft a change").click()
    olga.get_by_role("link", name="Edit").click()
    gold = olga.get_by_role("group", name="Gold")
    gold.get_by_label("Closed deals").fill("6")
    olga.get_by_label("What changes, and why").first.fill("Gold from six closed deals")
    olga.get_by_role("button", name="Save figures").click()
    expect(olga.get_by_text("Gold → Silver")).to_be_visible()
    expect(olga.get_by_role("link", name="Acme")).to_be_visible()
    olga.get_by_role("button", name="Ask for publication").click()
    expect(olga.get_by_text("You wrote this draft. Another person publishes it.")).to_be_visible()
    expect(olga.get_by_role("button", name="Publish")).to_have_count(0)

    root = visit("root@northwind.example", 390)
    root.goto("/admin/?who=all")
    root.get_by_role("link", name="Gold from six closed deals").click()
    root.get_by_role("button", name="Publish").click()
    expect(root.get_by_text("In force").first).to_be_visible()
    with scope(SYSTEM):
        assert Tier.objects.get(key="gold").requires["all"][0]["value"] == 6
