"""What went wrong in other partner portals, tried here for deals and leads. The classes of fault are public."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import reverse

from core.actor import SYSTEM, Actor
from core.models import Event
from core.scope import scope
from deals import services
from deals.enums import Status
from deals.models import Lead, Opportunity, Registration
from partners.actors import actor_for
from tests.api.conftest import api_for
from tests.deals.test_portal import signed_in
from tests.factories import NOW

pytestmark = pytest.mark.django_db
SECRET = "Quiet Harbour"


def by_form(market, tmp_path) -> None:
    words = {
        "website": "quiet-harbour.example", "account_name": SECRET, "country": "PT", "contact_name": "Rui",
        "contact_email": "rui@quiet-harbour.example", "product": str(market.product.pk), "amount": "5000",
        "expected_close_on": "2027-06-30", "draft": "01900000-0000-7000-8000-000000000001",
    }  # fmt: skip
    assert signed_in(market.cast.cy).post("/portal/deals/new/", words).status_code == 302


def by_staff(market, tmp_path) -> None:
    claim = replace(market.cobalt, account_name=SECRET, website="quiet-harbour.example")
    services.register(claim, by=actor_for(market.cast.mona), at=NOW)


def by_api(market, tmp_path) -> None:
    _post(api_for(market.cast.cobalt), market)


def by_crm(market, tmp_path) -> None:
    _post(api_for(), market)


def _post(api, market) -> None:
    body = {"partner_id": market.cast.cobalt.public_id, "account_name": SECRET, "website": "quiet-harbour.example"}
    assert api.post("deal_registrations", body).status_code == 201


def by_import(market, tmp_path) -> None:
    (tmp_path / "deals.csv").write_text(
        f"id,customer,agent,stage,opened\n1,{SECRET},{market.cast.cobalt.name},Engaging,2026-09-01\n"
    )
    (tmp_path / "customers.csv").write_text(f"customer\n{SECRET}\n")
    (tmp_path / "map.yaml").write_text(
        "schema: 1\ncurrency: USD\ndate_format: '%Y-%m-%d'\nfiles:\n"
        "  accounts: {path: customers.csv, id: customer, fields: {name: customer}}\n"
        "  partners: {path: deals.csv, id: agent, fields: {name: agent}}\n"
        "  opportunities: {path: deals.csv, id: id, fields:"
        " {account: customer, partner: agent, stage: stage, opened_on: opened}}\n"
        "values: {stage: {Engaging: open}}\nregistrations: from_opportunities\n"
    )
    call_command("import_crm", str(tmp_path), "--mapping", str(tmp_path / "map.yaml"))


WAYS = [by_form, by_staff, by_api, by_crm, by_import]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_however_a_deal_came_a_rival_finds_no_row_of_it(market, tmp_path, way):
    """A row rule with an escape hatch for one way of creating showed every partner all applications."""
    way(market, tmp_path)
    with scope(SYSTEM):
        made = [*Registration.objects.filter(account_name=SECRET), *Opportunity.objects.filter(account__name=SECRET)]
    assert made
    ada, api = signed_in(market.cast.ada), api_for(market.cast.acme)
    pages = ["/portal/", "/portal/deals/", "/portal/deals/?q=quiet"]
    pages += [row.get_absolute_url() for row in made if isinstance(row, Registration)]
    texts = [ada.get(page).content.decode() for page in pages]
    texts += [api.get(name).content.decode() for name in ("deal_registrations", "opportunities", "accounts", "events")]
    assert [text for text in texts if SECRET in text] == []
    gone = [api.get(f"{_resource(row)}/{row.public_id}").status_code for row in made]
    assert gone == [404] * len(made)


def _resource(row) -> str:
    return "deal_registrations" if isinstance(row, Registration) else "opportunities"


KEPT = {
    "status": "approved", "verdict": "clear", "submitted_at": "2026-01-01T00:00:00Z", "decided_at": None,
    "decided_by_user_id": None, "protection_expires_at": "2030-01-01T00:00:00Z", "grace_until": None, "terms": {},
    "opportunity_id": None, "account_id": None, "rejection_code": "incomplete", "id": "x", "version": 7,
}  # fmt: skip


@pytest.mark.parametrize("field", KEPT)
def test_what_the_vendor_manages_a_partner_does_not_patch(market, field):
    """A partner raised its own stage, tier and owner by patching fields that only staff should set."""
    deal = market.draft()
    before = Registration.objects.values().get(pk=deal.pk)
    answer = api_for(market.cast.acme).patch(f"deal_registrations/{deal.public_id}", {field: KEPT[field]}, deal.version)
    assert answer.status_code == 400
    assert Registration.objects.values().get(pk=deal.pk) == before


def test_a_draft_of_another_partner_is_not_moved_by_its_id_in_the_body(market):
    """Saving a draft with a foreign id in the body carried it over to the attacker."""
    theirs = market.draft("cy", account_name=SECRET)
    words = {"draft": str(theirs.pk), "account_name": "Mine", "website": "mine.example"}
    answer = signed_in(market.cast.ada).post("/portal/deals/draft/", words)
    theirs.refresh_from_db()
    assert (answer.status_code >= 400, theirs.partner_id, theirs.account_name) == (
        True, market.cast.cobalt.pk, SECRET,
    )  # fmt: skip


def test_a_deal_is_not_filed_under_a_rivals_membership(market):
    """A check on existing parents forgot the path that creates a child under a foreign one."""
    body = {"partner_id": market.cast.acme.public_id, "account_name": "Mine"}
    body["membership_id"] = market.cobalt.membership.public_id
    answer = api_for(market.cast.acme).post("deal_registrations", body)
    assert (answer.status_code, Registration.objects.count()) == (400, 0)


def test_the_answer_of_the_live_check_gives_no_names(market):
    """A helper that turns ids into names leaked the names of others."""
    market.sent("cy", account_name=SECRET, website="quiet-harbour.example")
    ada = signed_in(market.cast.ada)
    asked = [{"website": "quiet-harbour.example"}, {"account_name": SECRET.upper(), "country": "PT"}]
    texts = [ada.get(reverse("portal:deal_check"), one).content.decode() for one in asked]
    names = [market.cast.cobalt.name, SECRET, "rui@"]
    assert [name for name in names for text in texts if name in text] == []


def test_scope_and_permission_are_both_asked(market):
    """Records of one's own company were open to people without the right for them."""
    viewer = Actor("Vic", "partner", partner_ids=frozenset({market.cast.acme.pk}))
    deal = market.sent()
    with scope(viewer), pytest.raises(Exception, match="Ask your administrator"):
        services.withdraw(deal, by=viewer, at=NOW)


def test_what_happened_elsewhere_is_in_no_stream(market):
    """An activity stream showed what the role could not see elsewhere."""
    theirs = market.approved("cy", account_name=SECRET, website="quiet-harbour.example")
    with scope(actor_for(market.cast.ada)) as ada:
        assert Event.objects.visible_to(ada).filter(subject_id=theirs.pk).count() == 0
        assert Event.objects.filter(subject_id=theirs.pk).count() == 0  # the second wall alone
    feed = api_for(market.cast.acme).get("events").content.decode()
    assert [word for word in (SECRET, theirs.public_id, theirs.reference) if word in feed] == []


@pytest.mark.parametrize("status", Status.values)
def test_a_button_is_there_if_and_only_if_the_server_takes_it(market, cast, status):
    """Front end and back end disagreed on who may edit."""
    deal = market.approved()
    values = {"status": status, "rejection_code": "incomplete", "decision_reason": "So.", "appealed_at": None}
    Registration.objects.filter(pk=deal.pk).update(**values)
    ada = signed_in(cast.ada)
    page = ada.get(deal.get_absolute_url(), follow=True).content.decode()
    for verb in ("withdraw", "release", "appeal"):
        address = reverse("portal:deal_verb", args=[deal.reference, verb])
        offered = f'action="{address}"' in page
        taken = ada.post(address, {"text": "Because."}).status_code == 302
        assert (verb, offered) == (verb, taken)
        Registration.objects.filter(pk=deal.pk).update(**values)


def test_sums_on_pages_are_of_ones_own_rows(market, cast):
    """A dashboard was not limited to its tenant."""
    market.approved("cy", account_name=SECRET, website="quiet-harbour.example", amount=Decimal("987654.00"))
    home = signed_in(cast.ada).get("/portal/").content.decode()
    assert [word for word in ("987,654", "987654", SECRET) if word in home] == []


def test_a_lead_is_nobodys_before_it_is_accepted(market):
    """The same wall for leads: the row itself is invisible, whatever door asks."""
    with scope(SYSTEM):
        lead = Lead.objects.create(account_name=SECRET, contact_email="rui@quiet-harbour.example", received_at=NOW)
    for who in ("ada", "cy"):
        with scope(actor_for(getattr(market.cast, who))):
            assert Lead.objects.filter(pk=lead.pk).count() == 0
    assert api_for(market.cast.acme).get(f"leads/{lead.public_id}").status_code == 404


def test_every_incident_about_deals_and_leads_is_tried_here():
    """The list of incidents is read where it is at hand."""
    path = Path(__file__).resolve().parents[3] / "shared" / "data" / "prm_incidents.yaml"
    if not path.exists():
        pytest.skip("prm_incidents.yaml is not beside the repository")
    text = path.read_text()
    missing = [name for name in TRIED if f"id: {name}," not in text]
    assert missing == []


# incident → where it is tried, here and elsewhere
TRIED = {
    "twenty-23597": test_however_a_deal_came_a_rival_finds_no_row_of_it,
    "twenty-21471": test_what_the_vendor_manages_a_partner_does_not_patch,
    "twenty-21816": "tests/laws/test_walls.py: every scoped table is walled by the migrations alone",
    "mm-181": test_a_draft_of_another_partner_is_not_moved_by_its_id_in_the_body,
    "mm-182-183": test_a_deal_is_not_filed_under_a_rivals_membership,
    "mm-194": test_the_answer_of_the_live_check_gives_no_names,
    "mm-147": "tests/api/test_partners_apart.py: every resource, foreign and unused ids alike",
    "mm-124": test_scope_and_permission_are_both_asked,
    "espo-530": test_what_happened_elsewhere_is_in_no_stream,
    "espo-3269": test_a_button_is_there_if_and_only_if_the_server_takes_it,
    "complinks-187": test_sums_on_pages_are_of_ones_own_rows,
}
