"""The public CRM export of 8,800 opportunities, against a plain count over its files."""

import csv
from collections import Counter
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.db.models import Count, Sum

from core.models import Delivery, Event, ExternalId
from deals.models import Account, Opportunity, OpportunityPartner, Registration
from partners.models import Partner, Product

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data" / "crm_sales_opportunities"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not DATA.exists(), reason=f"LOUD: {DATA} is absent, the real import was not tried"),
]


def table(name: str) -> list[dict[str, str]]:
    with open(DATA / name, encoding="utf-8") as file:
        return list(csv.DictReader(file))


def run(mapping: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
    said = StringIO()
    call_command("import_crm", DATA, mapping=ROOT / "examples" / mapping, stdout=said)
    return [line for line in said.getvalue().splitlines() if not line.startswith("Done in ")]


def in_database() -> dict[str, tuple[int, Decimal]]:
    rows = Opportunity.objects.values_list("stage").annotate(Count("pk"), Sum("amount"))
    return {stage: (count, total) for stage, count, total in rows}


def in_files(sales: list[dict[str, str]], stages: tuple[str, ...]) -> tuple[int, Decimal]:
    found = [row for row in sales if row["deal_stage"] in stages]
    return len(found), sum((Decimal(row["close_value"] or 0) for row in found), Decimal(0))


def test_the_whole_export_loads_and_agrees_with_the_files_and_again_changes_nothing():
    said = run("mapping-crm-sales-opportunities.yaml")
    sales = table("sales_pipeline.csv")
    found = in_database()
    assert found["won"] == in_files(sales, ("Won",)) == (4238, Decimal(10005534))
    assert found["lost"][0] == in_files(sales, ("Lost",))[0] == 2473
    assert found["open"] == (in_files(sales, ("Engaging", "Prospecting"))[0], None) == (2089, None)
    assert Opportunity.objects.filter(opened_on=None).count() == sum(not row["engage_date"] for row in sales) == 500
    assert (Account.objects.count(), Product.objects.count(), Partner.objects.count()) == (85, 7, 35)
    parents = {row["account"]: row["subsidiary_of"] for row in table("accounts.csv") if row["subsidiary_of"]}
    assert dict(Account.objects.exclude(parent=None).values_list("name", "parent__name")) == parents
    assert Account.objects.filter(country="").count() == 0
    by_product = Counter(row["product"].replace("GTXPro", "GTX Pro") for row in sales)
    assert dict(Opportunity.objects.values_list("product__name").annotate(Count("pk"))) == by_product
    by_agent = Counter(row["sales_agent"] for row in sales)
    sourcing = OpportunityPartner.objects.filter(role="sourcing", share_percent=100)
    assert dict(sourcing.values_list("partner__name").annotate(Count("pk"))) == by_agent
    assert dict(Registration.objects.values_list("status").annotate(Count("pk"))) == {"won": 4238, "lost": 2473}
    assert said == [
        "products: 7 rows: 7 created",
        "accounts: 85 rows: 85 created",
        "partners: 35 rows: 35 created",
        "opportunities: 8,800 rows: 8,800 created",
        "program memberships: 35 made",
        "registrations: 6,711 made",
        "Listed:",
        *said[7:],
    ]
    listed = {line.split(":")[1].strip(): line.split(":")[3].split("(")[0].strip() for line in said[7:]}
    assert listed == {"without opened_on": "500", "without account": "1,425", "without amount": "2,089"}
    assert not Delivery.objects.exclude(state="done").exists()
    _again_changes_nothing()


def _again_changes_nothing():
    versions = list(Opportunity.objects.order_by("pk").values_list("pk", "version", "updated_at"))
    events, names = Event.objects.count(), ExternalId.objects.count()
    said = run("mapping-crm-sales-opportunities.yaml")
    assert said[:4] == [
        "products: 7 rows: 7 unchanged",
        "accounts: 85 rows: 85 unchanged",
        "partners: 35 rows: 35 unchanged",
        "opportunities: 8,800 rows: 8,800 unchanged",
    ]
    assert list(Opportunity.objects.order_by("pk").values_list("pk", "version", "updated_at")) == versions
    assert (Event.objects.count(), ExternalId.objects.count()) == (events, names)


def test_with_a_direct_office_and_estimates_the_figures_agree_with_the_files():
    run("mapping-crm-sales-opportunities-direct.yaml")
    sales, west = (
        table("sales_pipeline.csv"),
        {r["sales_agent"] for r in table("sales_teams.csv") if r["regional_office"] == "West"},
    )
    price = {row["product"].replace(" ", ""): Decimal(row["sales_price"]) for row in table("products.csv")}
    theirs = [row for row in sales if row["sales_agent"] not in west]
    assert Partner.objects.count() == 35 - len(west) == 23
    sourced = Opportunity.objects.filter(partners__role="sourcing", stage="won").aggregate(Sum("amount"))["amount__sum"]
    assert sourced == in_files(theirs, ("Won",))[1] == Decimal(6436887)
    assert in_database()["won"] == (4238, Decimal(10005534))
    estimated = Opportunity.objects.filter(amount_estimated=True, stage="open").aggregate(Sum("amount"))["amount__sum"]
    openly = [row for row in sales if row["deal_stage"] in ("Engaging", "Prospecting")]
    assert estimated == sum(price[row["product"].replace(" ", "")] for row in openly) == Decimal(4966215)
    assert Opportunity.objects.filter(partners=None).count() == len(sales) - len(theirs)
    claimed = [r for r in theirs if r["engage_date"] and r["account"]]
    assert Registration.objects.count() == len(claimed)
    assert Registration.objects.filter(status="expired").count() == sum(r["deal_stage"] == "Engaging" for r in claimed)


def test_a_missing_column_loads_nothing_and_says_which(tmp_path):
    for name in ("products.csv", "sales_teams.csv", "sales_pipeline.csv"):
        (tmp_path / name).write_bytes((DATA / name).read_bytes())
    (tmp_path / "accounts.csv").write_text("account,sector\n")
    with pytest.raises(CommandError) as refused:
        call_command("import_crm", tmp_path, mapping=ROOT / "examples" / "mapping-crm-sales-opportunities.yaml")
    assert str(refused.value).splitlines()[:2] == [
        "Nothing was loaded.",
        "accounts.csv: files.accounts.fields.parent: there is no column 'subsidiary_of'; there are account, sector",
    ]
    assert Product.objects.count() == 0
