"""Channel managers who are kept to their regions: whom they see, who decides that, and what happens at the borders."""

from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import User
from core.actor import Actor
from core.clock import now
from core.errors import Forbidden
from core.models import Event
from core.scope import scope
from deals import services as deals
from deals.models import Account, Opportunity
from deals.particulars import Approval
from partners import queries, services
from partners.actors import actor_for, with_places
from partners.models import HouseRules, Partner
from partners.particulars import Away, Care, NewCare, Regions, Sight
from tests.deals.conftest import Market, make_market
from tests.factories import NOW, PartnerFactory, StaffFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def mia(cast) -> User:
    """The west's channel manager. Acme is in the west, Cobalt in the east, with Mona."""
    Partner.objects.filter(pk=cast.acme.pk).update(region="West", manager=None)
    Partner.objects.filter(pk=cast.cobalt.pk).update(region="East")
    return StaffFactory(name="Mia", staff_role="channel_manager")


@pytest.fixture
def kept(cast, mia) -> Actor:
    root = cast.actor("root")
    services.give_regions(mia, Regions(("West",)), by=root, at=NOW)
    services.keep_managers(Sight(True), by=root, at=NOW)
    return actor_for(mia)


@pytest.fixture
def market(cast) -> Market:
    return make_market(cast)


def sees(person: User) -> list[str]:
    return list(Partner.objects.visible_to(actor_for(person)).order_by("name").values_list("name", flat=True))


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def said(client: Client, path: str) -> list[str]:
    return [str(one) for one in client.get(path).context["messages"]]


# --- who sees what ----------------------------------------------------------------------------------------------------


def test_managers_see_all_until_the_house_keeps_them(cast, mia):
    services.give_regions(mia, Regions(("West",)), by=cast.actor("root"), at=NOW)
    assert sees(mia) == ["Acme", "Cobalt"]
    assert actor_for(mia).sees_all


def test_a_kept_manager_sees_the_partners_of_her_regions(kept, mia):
    assert sees(mia) == ["Acme"]


def test_who_manages_a_partner_sees_it_wherever_it_is(kept, cast):
    assert sees(cast.mona) == ["Cobalt"]


def test_the_backup_of_a_partner_sees_it(kept, cast, mia):
    Partner.objects.filter(pk=cast.cobalt.pk).update(backup=mia)
    assert sees(mia) == ["Acme", "Cobalt"]


def test_who_stands_in_sees_what_the_absent_one_manages(kept, cast, mia):
    today = now().date()
    away = Away(person=cast.mona, delegate=mia, first_day=today, last_day=today + timedelta(days=3))
    row = services.be_away(away, by=cast.actor("olga"), at=now())
    assert sees(mia) == ["Acme", "Cobalt"]
    services.be_back(row, by=cast.actor("olga"), at=now())
    assert sees(mia) == ["Acme"]


def test_a_manager_without_regions_sees_whom_she_looks_after(kept):
    assert sees(StaffFactory(staff_role="channel_manager")) == []


@pytest.mark.parametrize("name", ["mark", "olga", "finn", "eve", "root"])
def test_everybody_else_at_the_vendor_sees_all(kept, cast, name):
    assert sees(getattr(cast, name)) == ["Acme", "Cobalt"]


def test_switching_it_off_restores_what_was(kept, cast, mia):
    services.keep_managers(Sight(False), by=cast.actor("root"), at=NOW)
    assert sees(mia) == ["Acme", "Cobalt"]


def test_the_rule_is_read_with_the_person(kept, mia, django_assert_num_queries):
    read = with_places().get(pk=mia.pk)
    with django_assert_num_queries(0):
        assert actor_for(read).reach is not None


# --- who says so ------------------------------------------------------------------------------------------------------


def test_the_switch_is_told_in_the_log(kept):
    event = Event.objects.get(type="house_rules.changed")
    assert event.data == {"changes": {"managers_by_region": [False, True]}}


def test_a_change_of_regions_is_told_in_the_log(kept, cast, mia):
    services.give_regions(mia, Regions(("West", "North")), by=cast.actor("root"), at=NOW)
    event = Event.objects.filter(type="user.regions_changed").latest("id")
    assert event.data == {"changes": {"regions": [["West"], ["North", "West"]]}}


@pytest.mark.parametrize("name", ["mona", "olga", "eve"])
def test_only_administrators_switch_it(cast, mia, name):
    with pytest.raises(Forbidden):
        services.keep_managers(Sight(True), by=cast.actor(name), at=NOW)
    with pytest.raises(Forbidden):
        services.give_regions(mia, Regions(("West",)), by=cast.actor(name), at=NOW)
    assert HouseRules.objects.count() == 0


def test_the_page_switches_it_and_shows_what_it_means(cast, mia):
    root = browser(cast.root)
    root.post(f"/admin/staff/{mia.public_id}/regions/", {"names": ["West"]})
    assert queries.regions_of(mia) == ["West"]
    assert root.post("/admin/regions/", {"sight": "own"}).status_code == 302
    page = root.get("/admin/regions/")
    rows = [(row.cells[0], row.cells[2]) for row in page.context["table"].rows]
    assert rows == [("Mia", 1), ("Mona", 1)]
    assert [(f.label, f.value) for f in page.context["facts"]] == [
        ("Regions without a manager", "East"), ("Partners without a region", 0),
    ]  # fmt: skip


def test_a_region_nobody_has_is_no_choice(cast, mia):
    assert browser(cast.root).post(f"/admin/staff/{mia.public_id}/regions/", {"names": ["Mars"]}).status_code == 422


# --- at the borders ---------------------------------------------------------------------------------------------------


def test_a_partner_can_be_moved_out_of_ones_region(kept, cast, mia):
    client = browser(mia)
    here = f"/admin/partners/{cast.acme.reference}/"
    form = client.get(f"{here}edit/").context["form"]
    values = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
    lists = {name: ", ".join(v) for name, v in values.items() if isinstance(v, list)}
    answer = client.post(f"{here}edit/", values | lists | {"region": "East"})
    assert answer["Location"] == "/admin/partners/partner/"
    assert said(client, answer["Location"])[-1] == (
        "Acme is none of the partners you look after now: you don't see it any more. Others do."
    )
    assert Partner.objects.get(pk=cast.acme.pk).region == "East"
    assert client.get(here).status_code == 404


def test_a_partner_can_be_handed_to_somebody_else(kept, cast, mia):
    Partner.objects.filter(pk=cast.cobalt.pk).update(manager=mia)
    cobalt = Partner.objects.get(pk=cast.cobalt.pk)
    with scope(actor_for(mia)):
        services.hand_over(cobalt, NewCare(Care(cast.mona)), by=actor_for(mia), at=NOW)
        assert list(Partner.objects.values_list("name", flat=True)) == ["Acme"]
    assert Partner.objects.get(pk=cobalt.pk).manager == cast.mona


def test_partners_given_away_together_are_said_to_leave_her_sight_before_and_after(kept, cast, mia):
    """Acme stays: it is of her region. Beta stays: she is its backup. Cobalt goes."""
    Partner.objects.filter(pk__in=[cast.acme.pk, cast.cobalt.pk]).update(manager=mia)
    PartnerFactory(name="Beta", region="East", manager=StaffFactory(staff_role="channel_manager"), backup=mia)
    client, path, asked = browser(mia), "/admin/partners/partner/reassign/", {"manager": cast.mona.pk}
    page = client.get(path, asked)
    assert [(row.cells[0], getattr(row.cells[4], "text", "")) for row in page.context["table"].rows] == [
        ("Acme", ""), ("Beta", ""), ("Cobalt", "Out of your sight"),
    ]  # fmt: skip
    assert (page.context["lost"], "you don't see them any more" in page.content.decode()) == (True, True)
    every = [row.id for row in page.context["table"].rows]
    answer = client.post(path, asked | {"partner": every})
    assert said(client, answer["Location"]) == [
        "3 partners go to Mona.",
        "1 partner is none of those you look after now: you don't see it any more. Others do.",
    ]
    assert sees(mia) == ["Acme", "Beta"]


def test_who_is_not_kept_is_told_nothing_about_sight(cast, mia):
    client, path = browser(mia), "/admin/partners/partner/reassign/"
    asked = {"old": cast.mona.pk, "manager": mia.pk}
    page = client.get(path, asked)
    assert (page.context["lost"], {len(row.cells) for row in page.context["table"].rows}) == (False, {4})
    answer = client.post(path, asked | {"partner": [row.id for row in page.context["table"].rows]})
    assert len(said(client, answer["Location"])) == 1


def test_a_partner_of_another_region_can_be_added(kept, cast, mia):
    client = browser(mia)
    values = {"name": "Delta", "region": "East", "partner_type": "reseller", "manager": cast.mona.pk}
    answer = client.post("/admin/partners/partner/new/", values)
    assert answer["Location"] == "/admin/partners/partner/"
    assert Partner.objects.get(name="Delta").region == "East"


def test_an_approval_finds_the_customer_that_another_region_has(kept, mia, market):
    """The rules look at all partners, whoever decides: no second account of the same customer."""
    theirs = market.approved("cy", website="shared.example", account_name="Shared Ltd", country="DE")
    ours = market.sent("ada", website="shared.example", account_name="Shared Ltd", country="DE")
    ours.conflicts.all().delete()
    by = actor_for(mia)
    with scope(by):
        assert not Account.objects.filter(pk=theirs.account_id).exists()
        done = deals.approve(ours, Approval(), by=by, at=NOW)
    assert done.account_id == theirs.account_id
    assert Account.objects.filter(domain="shared.example").count() == 1


def test_the_queue_of_a_kept_manager_holds_her_region(kept, mia, market):
    market.sent("ada", website="west.example", account_name="West Ltd")
    market.sent("cy", website="east.example", account_name="East Ltd")
    page = browser(mia).get("/admin/?who=all").content.decode()
    assert ("West Ltd" in page, "East Ltd" in page) == (True, False)


def test_her_figures_are_those_of_her_partners(kept, mia, market):
    from metrics.queries import metric  # noqa: PLC0415 - figures stand above partners
    from metrics.services import recompute  # noqa: PLC0415

    for who in ("ada", "cy"):
        market.approved(who, website=f"{who}.example", account_name=f"Of {who}")
    recompute(at=NOW)
    by = actor_for(mia)
    with scope(by):
        assert metric("partner_sourced_pipeline", by, at=NOW).rows == 1
        assert [g.label for g in metric("partner_sourced_pipeline", by, at=NOW, group_by="partner").groups] == ["Acme"]
    assert metric("partner_sourced_pipeline", market.cast.actor("eve"), at=NOW).rows == 2
    assert Opportunity.objects.count() == 2
