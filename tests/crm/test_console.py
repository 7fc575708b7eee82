"""The pages of imports, from upload to result."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from core.clock import now
from crm import work
from crm.models import Import, ImportRow, SavedMapping
from deals.models import Opportunity
from tests.deals.test_portal import signed_in
from tests.factories import Cast

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data" / "crm_sales_opportunities"
pytestmark = pytest.mark.django_db
DEALS = (
    "Opportunity ID,Account,Sales Agent,Deal Stage,Engage Date,Close Date,Close Value\n"
    "1,Initech,Ann,Closed Won,13/2/2026,14/3/2026,90\n"
    "2,Initech,Ann,Closed Lost,1/2/2026,,x\n"
    "3,Initech,Ann,Prospecting,1/2/2026,,\n"
)


@pytest.fixture
def olga(cast: Cast) -> Client:
    return signed_in(cast.olga)


def upload(client: Client, content: str | bytes = DEALS, kind: str = "opportunities", **more):
    raw = content.encode() if isinstance(content, str) else content
    return client.post(
        reverse("admin:import_new"), {"kind": kind, "file": SimpleUploadedFile("deals.csv", raw), **more}
    )


def tables(page) -> list[list[list]]:
    return [[list(row.cells) for row in table.rows] for table in page.context["previews"]]


def words(cells) -> list[str]:
    return [getattr(cell, "text", cell) for cell in cells]


def filled(page) -> dict:
    """What the form on the page would send."""
    form = page.context["meaning"]
    return {name: form[name].value() or "" for name in form.fields if form[name].value() not in (None, False)}


def test_columns_words_and_days_are_guessed_and_shown_with_the_first_rows(olga):
    page = olga.get(upload(olga).url)
    one = Import.objects.get()
    assert one.mapping == {
        "schema": "1",
        "date_format": "%d/%m/%Y",
        "files": {
            "opportunities": {
                "path": "opportunities.csv",
                "id": "Opportunity ID",
                "fields": {
                    "account": "Account", "partner": "Sales Agent", "stage": "Deal Stage", "amount": "Close Value",
                    "opened_on": "Engage Date", "closed_on": "Close Date",
                },
            }
        },
        "values": {"stage": {"Closed Won": "won", "Closed Lost": "lost", "Prospecting": "open"}},
    }  # fmt: skip
    assert [words(row) for row in tables(page)[0]] == [
        [2, "1", "Initech", "Ann", "won", "90.00", "2026-02-13", "2026-03-14", ""],
        [3, "2", "Initech", "Ann", "lost", "Close Value is no amount like 1234.50: 'x'", "2026-02-01", "", ""],
        [4, "3", "Initech", "Ann", "open", "", "2026-02-01", "", ""],
    ]


def test_another_meaning_is_kept_shown_and_saved_for_the_next_file(olga):
    address = upload(olga).url
    told = filled(olga.get(address)) | {"field_amount": "", "save_as": "Our CRM", "system": "ours"}
    lost = next(name for name, value in told.items() if value == "lost")
    answer = olga.post(f"{address}explain/", told | {lost: "open"})
    assert (answer.status_code, answer.url) == (302, f"{address}#preview")
    page = olga.get(address)
    assert words(tables(page)[0][1]) == [3, "2", "Initech", "Ann", "open", "2026-02-01", "", ""]
    saved = SavedMapping.objects.get()
    assert (saved.name, saved.data["system"], saved.data["values"]["stage"]["Closed Lost"]) == (
        "Our CRM",
        "ours",
        "open",
    )
    upload(olga, saved="Our CRM")
    assert Import.objects.order_by("-created_at").first().mapping == saved.data


def test_a_meaning_that_can_not_be_is_told_at_the_form(olga):
    address = upload(olga).url
    told = filled(olga.get(address)) | {"currency": "dollars", "field_partner": "", "registrations": "on"}
    page = olga.post(f"{address}explain/", told)
    assert page.status_code == 422
    assert [str(e) for errors in page.context["form"].errors.values() for e in errors] == [
        "Ensure this value has at most 3 characters (it has 7)."
    ]
    page = olga.post(f"{address}explain/", told | {"currency": "usd"})
    assert [str(e) for e in page.context["form"].non_field_errors()] == [
        "Currency: must be a currency code, like USD",
        "need files.opportunities.fields.partner",
    ]


def test_the_whole_way_check_load_and_rows_to_put_right(olga):
    accounts = SimpleUploadedFile("a.csv", b"account\nInitech\n")
    olga.post(reverse("admin:import_new"), {"kind": "accounts", "file": accounts})
    partners = SimpleUploadedFile("p.csv", b"sales agent\nAnn\n")
    olga.post(reverse("admin:import_new"), {"kind": "partners", "file": partners})
    for one in Import.objects.all():
        olga.post(reverse("admin:import_verb", args=[one.public_id, "start"]))
    address = upload(olga).url
    assert olga.post(f"{address}check/").status_code == 302
    waiting = olga.get(address)
    assert waiting.context["label"] == "Waiting for a worker"
    piece = olga.get(f"{address}progress/", headers={"HX-Request": "true"})
    assert (piece.status_code, piece.templates[0].name) == (200, "parts/progress.html")
    work.work(now)
    assert olga.get(f"{address}progress/")["HX-Refresh"] == "true"
    checked = olga.get(address)
    assert checked.context["counts"].caption == "What a load would do"
    assert [list(row.cells) for row in checked.context["counts"].rows] == [["Opportunities", 2, 0, 0, 0, 1]]
    assert Opportunity.objects.count() == 0
    olga.post(f"{address}start/")
    work.work(now)
    done = olga.get(address)
    assert done.context["status"].text == "Done in part"
    assert [words(row.cells) for row in done.context["problems"].rows] == [
        [3, "Opportunities", "2", "Invalid", "Close Value is no amount like 1234.50: 'x'"]
    ]
    assert Opportunity.objects.count() == 2
    listed = olga.get(reverse("admin:imports")).context["table"].rows
    assert words(listed[0].cells)[:4] == ["deals.csv", "Done in part", 3, 1]


def test_stop_go_on_and_discard_from_the_page(olga):
    address = upload(olga).url
    olga.post(f"{address}start/")
    olga.post(f"{address}stop/")
    assert set(olga.get(address).context["menu"]) == {"go_on", "discard"}
    assert olga.post(f"{address}start/").status_code == 409
    olga.post(f"{address}discard/")
    page = olga.get(address)
    assert (page.context["status"].text, page.context["menu"]) == ("Discarded", {})
    assert (
        olga.get(reverse("admin:import_problems", args=[Import.objects.get().public_id, "opportunities"])).status_code
        == 404
    )


def test_who_may_not_import_sees_none_of_it(cast, olga):
    address = upload(olga).url
    mona = signed_in(cast.mona)
    for page in (reverse("admin:imports"), reverse("admin:import_new"), address, f"{address}progress/"):
        assert mona.get(page).status_code == 403
    assert mona.post(f"{address}start/").status_code == 403
    assert signed_in(cast.ada).get(address).status_code == 403
    assert Import.objects.get().status == "draft"


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ({}, "Add the mapping file that says which file holds what."),
        (
            {"mapping": b"schema: 1\nfiles: {accounts: {path: a.csv, id: x, fields: {name: x}}}"},
            "The mapping does not name deals.csv.",
        ),
        ({"mapping": b"a: [b"}, None),
        ({"mapping": b"schema: 2\nfiles: {}"}, "m.yaml: schema: must be 1"),
    ],
)
def test_several_files_need_a_mapping_that_names_them(olga, sent, why):
    more = {name: SimpleUploadedFile("m.yaml", content) for name, content in sent.items()}
    answer = upload(olga, kind="several", **more)
    found = [str(e) for errors in answer.context["form"].errors.values() for e in errors]
    assert answer.status_code == 422
    assert why is None or why in found


@pytest.mark.skipif(not DATA.exists(), reason=f"LOUD: {DATA} is absent, the real import was not tried")
def test_a_whole_export_loads_by_its_mapping_file(olga):
    names = ("products.csv", "accounts.csv", "sales_teams.csv", "sales_pipeline.csv")
    files = [SimpleUploadedFile(name, (DATA / name).read_bytes()) for name in names]
    mapping = (ROOT / "examples" / "mapping-crm-sales-opportunities.yaml").read_bytes()
    told = {"kind": "several", "file": files, "mapping": SimpleUploadedFile("map.yaml", mapping)}
    address = olga.post(reverse("admin:import_new"), told).url
    page = olga.get(address)
    assert [table.caption.split(" as ")[0] for table in page.context["previews"]] == [
        "Products", "Accounts", "Partners", "Opportunities",
    ]  # fmt: skip
    assert {type(cell) for table in tables(page) for row in table for cell in row} == {int, str}
    olga.post(f"{address}start/")
    work.work(now)
    page = olga.get(address)
    assert [list(row.cells) for row in page.context["counts"].rows] == [
        ["Products", 7, 0, 0, 0, 0],
        ["Accounts", 85, 0, 0, 0, 0],
        ["Partners", 35, 0, 0, 0, 0],
        ["Opportunities", 8800, 0, 0, 0, 0],
    ]
    assert (page.context["status"].text, ImportRow.objects.count(), Opportunity.objects.count()) == ("Done", 0, 8800)


@pytest.mark.skipif(not DATA.exists(), reason=f"LOUD: {DATA} is absent, the real import was not tried")
@pytest.mark.parametrize(
    ("kind", "name", "fields"),
    [
        ("products", "products.csv", {"name": "product", "family": "series", "list_price": "sales_price"}),
        (
            "accounts",
            "accounts.csv",
            {"name": "account", "parent": "subsidiary_of", "industry": "sector", "employees": "employees", "country": "office_location"},
        ),
        ("partners", "sales_teams.csv", {"name": "sales_agent", "region": "regional_office", "manager": "manager"}),
        (
            "opportunities",
            "sales_pipeline.csv",
            {
                "account": "account", "product": "product", "partner": "sales_agent", "stage": "deal_stage",
                "amount": "close_value", "opened_on": "engage_date", "closed_on": "close_date",
            },
        ),
    ],
)  # fmt: skip
def test_the_columns_of_a_real_export_are_guessed(olga, kind, name, fields):
    upload(olga, (DATA / name).read_bytes(), kind)
    meant = Import.objects.get().mapping
    assert meant["files"][kind]["fields"] == fields
    assert "date_format" not in meant or meant["date_format"] in ("%Y-%m-%d", "%m/%d/%Y")


def test_other_names_are_told_one_a_line(olga):
    address = upload(olga).url
    told = filled(olga.get(address)) | {"aliases": "account: Initech = Initech Inc.\nPartner:Ann=Ann B = C"}
    assert olga.post(f"{address}explain/", told).status_code == 302
    assert Import.objects.get().mapping["aliases"] == {
        "account": {"Initech": "Initech Inc."}, "partner": {"Ann": "Ann B = C"},
    }  # fmt: skip
    page = olga.get(address)
    assert words(tables(page)[0][0])[2:4] == ["Initech Inc.", "Ann B = C"]
    assert page.context["meaning"]["aliases"].value() == "account: Initech = Initech Inc.\npartner: Ann = Ann B = C"
    wrong = olga.post(f"{address}explain/", told | {"aliases": "colour: a = b"})
    assert [str(e) for e in wrong.context["form"].errors["aliases"]] == [
        "Write “colour: a = b” as kind: other name = name. Kinds are account, product, partner."
    ]
