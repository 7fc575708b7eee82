"""A real pipeline: the figures against a plain count over the files."""

import csv
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from shutil import copytree

import pytest
from django.core.management import call_command

from core.actor import SYSTEM
from metrics import queries, services
from metrics.windows import BEGINNING, Period, trailing
from tests.metrics.world import NOW
from tests.sampled import LONG

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data" / "crm_sales_opportunities"
EXAMPLES = ROOT / "examples"
EVER = Period(BEGINNING, NOW.date())


@pytest.fixture
def files():
    if not DATA.exists():
        pytest.skip("LOUD SKIP: ../shared/data is absent, so the figures were not compared with a real pipeline")
    with (DATA / "sales_pipeline.csv").open() as pipeline, (DATA / "sales_teams.csv").open() as teams:
        regions = {row["sales_agent"]: row["regional_office"] for row in csv.DictReader(teams)}
        return list(csv.DictReader(pipeline)), regions


def day(words):
    month, of_month, year = words.split("/")
    return date(int(year), int(month), int(of_month))


def load(mapping, folder=DATA):
    call_command("import_crm", folder, mapping=EXAMPLES / mapping, verbosity=0)
    return services.recompute(at=NOW)


@pytest.mark.django_db
@pytest.mark.slow
def test_every_partner_ours_to_count(files):
    rows, _regions = files
    load("mapping-crm-sales-opportunities.yaml")
    stages = Counter(row["deal_stage"] for row in rows)
    won = sum(Decimal(row["close_value"]) for row in rows if row["deal_stage"] == "Won")
    found = queries.totals(NOW.date())
    assert (found.won_count, found.won_amount, found.lost_count) == (stages["Won"], won, stages["Lost"])
    assert (found.open_count, found.open_without_amount, found.open_without_opened_on) == (2089, 2089, 500)
    assert (found.won_count, found.won_amount) == (4238, Decimal(10_005_534))
    revenue = queries.metric("partner_sourced_revenue_percent", SYSTEM, at=NOW, period=EVER)
    pipeline = queries.metric("partner_sourced_pipeline", SYSTEM, at=NOW)
    assert (revenue.value, revenue.rows) == (Decimal("100.0"), 4238)
    assert (pipeline.value, pipeline.rows) == (Decimal("0.00"), 0)
    past = date(2017, 6, 30)
    by_then = [row for row in rows if row["deal_stage"] == "Won" and day(row["close_date"]) <= past]
    then = queries.metric("partner_sourced_revenue_percent", SYSTEM, at=NOW, period=trailing(past))
    assert (queries.totals(past).won_count, then.rows) == (len(by_then), len(by_then))
    assert then.denominator == sum(Decimal(row["close_value"]) for row in by_then)


def thinned(rows, folder):
    """Every fifth opportunity of the export, in a folder of its own."""
    kept = rows[::5]
    copytree(DATA, folder, dirs_exist_ok=True)
    with (folder / "sales_pipeline.csv").open("w", newline="") as pipeline:
        writer = csv.DictWriter(pipeline, kept[0])
        writer.writeheader()
        writer.writerows(kept)
    return kept


def list_price(row):
    with (DATA / "products.csv").open() as products:
        prices = {one["product"]: Decimal(one["sales_price"]) for one in csv.DictReader(products)}
    return prices[row["product"].replace("GTXPro", "GTX Pro")]


@pytest.mark.django_db
@pytest.mark.slow
@pytest.mark.sampled
def test_the_west_is_ours_and_open_deals_are_estimated(files, tmp_path):
    """Read from a fifth of the export; `make fuzz`: from all of it."""
    rows, regions = files
    rows, folder = (rows, DATA) if LONG else (thinned(rows, tmp_path), tmp_path)
    load("mapping-crm-sales-opportunities-direct.yaml", folder)
    won = [row for row in rows if row["deal_stage"] == "Won"]
    total = sum(Decimal(row["close_value"]) for row in won)
    partners = sum(Decimal(row["close_value"]) for row in won if regions[row["sales_agent"]] != "West")
    estimated = sum(list_price(row) for row in rows if row["deal_stage"] in {"Engaging", "Prospecting"})
    revenue = queries.metric("partner_sourced_revenue_percent", SYSTEM, at=NOW, period=EVER)
    assert (revenue.numerator, revenue.denominator) == (partners, total)
    assert revenue.value == (100 * partners / total).quantize(Decimal("0.1"))
    assert queries.totals(NOW.date()).estimated_open_amount == estimated
    assert not LONG or (partners, total, estimated) == (6_436_887, 10_005_534, 4_966_215)
