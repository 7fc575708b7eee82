"""The figures as the API tells them."""

import pytest

from metrics.definitions import KEYS
from tests.api.conftest import api_for, said


def test_every_metric_is_listed_with_its_definition(crm):
    found = crm.get("metrics").json()
    assert [one["key"] for one in found["data"]] == list(KEYS)
    assert all(one["definition"] for one in found["data"])


def test_a_metric_opens_by_group_and_period(crm):
    path = "metrics/partner_sourced_revenue_percent?period_start=2026-01-01&period_end=2026-03-31&group_by=month"
    found = crm.get(path).json()
    assert (found["value"], found["unit"], found["period_start"], found["period_end"]) == (
        None,
        "percent",
        "2026-01-01",
        "2026-03-31",
    )
    assert [group["key"] for group in found["groups"]] == ["2026-01", "2026-02", "2026-03"]


@pytest.mark.parametrize(
    "query",
    [
        "period_start=2999-01-01",
        "period_start=2026-02-01&period_end=2026-01-01",
        "as_of=today",
        "group_by=colour",
        "tier=gold",
    ],
)
def test_what_is_not_understood_is_refused(crm, query):
    assert crm.get(f"metrics/mdf_roi?{query}").status_code == 400


def test_figures_are_for_those_who_may_read_them(cast):
    assert said(api_for(cast.acme).get("metrics")) == (403, "permission_denied")
    assert said(api_for(scopes="partners:read").get("metrics/mdf_roi")) == (403, "insufficient_scope")
    assert said(api_for().get("metrics/profit")) == (404, "not_found")
