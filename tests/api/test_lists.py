"""Lists: filters, windows, cursors, sparse fields, expansions, and a fixed number of queries."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deals.models import Opportunity, OpportunityPartner
from tests.api.conftest import api_for, said
from tests.factories import ContactFactory, MembershipFactory, PartnerFactory, TierFactory

REFUSED = [
    ("accounts?limit=0", "invalid_parameter"),
    ("accounts?limit=-1", "invalid_parameter"),
    ("accounts?limit=1001", "invalid_parameter"),
    ("accounts?limit=1e3", "invalid_parameter"),
    ("accounts?limit=%D9%A1", "invalid_parameter"),
    ("accounts?limit=1000000000000", "invalid_parameter"),
    ("accounts?page=3", "unknown_parameter"),
    ("accounts?sort=name", "unknown_parameter"),
    ("accounts?name__regex=.*", "unknown_parameter"),
    ("accounts?partner=ptr_1", "unknown_parameter"),
    ("accounts?limit=1&limit=2", "invalid_parameter"),
    ("accounts?country=Portugal", "invalid_parameter"),
    ("accounts?country[in]=PT,XX", "invalid_parameter"),
    ("accounts?owner_partner_id=7", "invalid_parameter"),
    ("accounts?updated_since=yesterday", "invalid_parameter"),
    ("accounts?updated_since=2026-01-01", "invalid_parameter"),
    ("accounts?updated_since=0001-01-01T00:00:00%2B14:00", "invalid_parameter"),
    ("accounts?include_deleted=yes", "invalid_parameter"),
    ("accounts?include=rows", "invalid_parameter"),
    ("accounts?fields=name,secret", "invalid_parameter"),
    ("accounts?fields=", "invalid_parameter"),
    ("accounts?expand=owner_partner.parent_partner.parent_partner", "invalid_parameter"),
    ("accounts?expand=secret", "invalid_parameter"),
    ("accounts?external_id=salesforce", "invalid_parameter"),
    ("accounts?cursor=xyz", "invalid_cursor"),
]


@pytest.mark.parametrize(("path", "code"), REFUSED)
def test_what_is_not_understood_is_refused(crm, path, code):
    assert said(crm.get(path)) == (400, code)


def test_filters_leave_what_they_name(crm):
    for name, country in (("A", "PT"), ("B", "ES"), ("C", "FR")):
        crm.post("accounts", {"name": name, "country": country, "external_ids": [{"system": "erp", "id": f"x:{name}"}]})

    def names(query: str) -> list[str]:
        return [row["name"] for row in crm.get(f"accounts?{query}").json()["data"]]

    assert names("country=PT") == ["A"]
    assert names("country[in]=PT,FR") == ["A", "C"]
    assert names("external_id=erp:x:B") == ["B"]
    assert names("name=C&country=PT") == []
    assert crm.get("accounts?include=count&limit=1").json()["count"] == 3


def test_updated_since_is_inclusive_and_updated_before_is_not(crm):
    first, second = (crm.post("accounts", {"name": name}).json() for name in "AB")
    since = crm.get(f"accounts?updated_since={second['updated_at']}").json()["data"]
    before = crm.get(f"accounts?updated_before={second['updated_at']}").json()["data"]
    assert [row["id"] for row in since] == [second["id"]]
    assert [row["id"] for row in before] == [first["id"]]
    assert [r["id"] for r in crm.get(f"accounts?created_since={first['created_at']}").json()["data"]] == [
        first["id"],
        second["id"],
    ]


def test_a_walk_with_the_smallest_pages_meets_every_row_once(crm):
    made = {crm.post("accounts", {"name": f"N{n}"}).json()["id"] for n in range(7)}
    walked = [row["id"] for row in crm.all("accounts?limit=2")]
    assert len(walked) == 7
    assert set(walked) == made


def test_a_cursor_belongs_to_its_filters(crm):
    for n in range(3):
        crm.post("accounts", {"name": f"N{n}", "country": "PT"})
    cursor = crm.get("accounts?limit=1&country=PT").json()["next_cursor"]
    assert crm.get(f"accounts?limit=2&country=PT&fields=name&cursor={cursor}").status_code == 200
    assert said(crm.get(f"accounts?limit=1&cursor={cursor}")) == (400, "invalid_cursor")
    assert said(crm.get(f"contacts?limit=1&cursor={cursor}")) == (400, "invalid_cursor")
    assert said(crm.get(f"accounts?limit=1&country=PT&cursor={cursor}x")) == (400, "invalid_cursor")


def test_the_next_page_is_on_the_configured_address_whatever_host_says(crm, settings):
    settings.BASE_URL = "https://partners.northwind.example"
    settings.ALLOWED_HOSTS = ["*"]
    for n in range(2):
        crm.post("accounts", {"name": f"N{n}"})
    page = crm.get("accounts?limit=1", Host="evil.example", X_Forwarded_Host="evil.example").json()
    assert page["next"].startswith("https://partners.northwind.example/api/v1/accounts?limit=1&cursor=")


def test_sparse_fields_leave_out_the_rest(crm):
    crm.post("accounts", {"name": "A", "country": "PT"})
    rows = crm.get("accounts?fields=country,version").json()["data"]
    assert [list(row) for row in rows] == [["object", "id", "version", "country"]]


def test_expansions_go_two_steps_and_stop_at_what_the_key_may_read(cast):
    membership = MembershipFactory(partner=cast.acme)
    TierFactory(program=membership.program, rank=77)
    crm = api_for()
    row = crm.get("program_memberships?expand=partner,program.tiers").json()["data"][0]
    assert row["partner"]["name"] == "Acme"
    assert {tier["rank"] for tier in row["program"]["tiers"]} == {membership.tier.rank, 77}
    narrow = api_for(scopes="program_memberships:read")
    answer = narrow.get("program_memberships?expand=partner")
    assert said(answer) == (403, "insufficient_scope")
    assert answer.json()["scope"] == "partners:read"


def queries(api, path: str) -> int:
    with CaptureQueriesContext(connection) as found:
        assert api.get(path).status_code == 200
    return len(found)


@pytest.mark.parametrize(
    "path",
    [
        "partners?expand=program_memberships.program",
        "contacts?expand=partner",
        "opportunities",
        "accounts",
        "program_memberships?expand=partner,program.tiers",
        "deal_registrations",
        "tiers",
        "programs",
    ],
)
def test_a_list_costs_the_same_queries_at_one_and_at_three_rows(cast, path):
    crm = api_for()

    def one_more(n: int):
        partner = PartnerFactory()
        ContactFactory(partner=partner)
        MembershipFactory(partner=partner)
        opportunity = Opportunity.objects.create(name=f"O{n}")
        OpportunityPartner.objects.create(opportunity=opportunity, partner=partner, role="selling")
        crm.post("accounts", {"name": f"A{n}", "external_ids": [{"system": "erp", "id": str(n)}]})

    one_more(0)
    queries(crm, path)  # the first use of a key in a minute is noted
    few = queries(crm, path)
    one_more(1)
    one_more(2)
    assert queries(crm, path) == few
