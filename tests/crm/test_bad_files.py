"""Files as bad as they come: each is refused at the door or ends with line and reason per row, never with a fault."""

import csv
import gzip
import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from core.clock import now
from crm import work
from crm.models import Import, ImportRow
from deals.models import Account
from tests.deals.test_portal import signed_in
from tests.factories import NOW, Cast

pytestmark = pytest.mark.django_db
HEAD = "account,country,employees\n"


@pytest.fixture
def olga(cast: Cast) -> Client:
    return signed_in(cast.olga)


def upload(olga: Client, content: bytes, name: str = "accounts.csv", kind: str = "accounts"):
    file = SimpleUploadedFile(name, content)
    return olga.post(reverse("admin:import_new"), {"kind": kind, "file": file})


def refusal(answer) -> list[str]:
    assert answer.status_code == 422
    return [str(words) for errors in answer.context["form"].errors.values() for words in errors]


def load(olga: Client, answer) -> Import:
    assert answer.status_code == 302, refusal(answer)
    one = Import.objects.get(pk=Import.objects.order_by("-created_at").first().pk)
    assert olga.get(answer.url).status_code == 200
    assert olga.post(f"{answer.url}start/", {}).status_code == 302
    assert olga.get(answer.url).status_code == 200
    work.work(now)
    assert olga.get(answer.url).status_code == 200
    one.refresh_from_db()
    return one


def problems(one: Import) -> list[tuple[int, str]]:
    return list(ImportRow.objects.filter(of=one).order_by("line").values_list("line", "why"))


def names() -> list[str]:
    return sorted(Account.objects.values_list("name", flat=True))


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("accounts.csv", b"", "The file is empty. Choose one with rows."),
        ("accounts.csv", b'account,"country\n', "accounts.csv can't be used: its header has quotes that do not match."),
        ("accounts.csv", b"\n1,2\n", "accounts.csv can't be used: its first row names no columns."),
        ("accounts.csv.gz", gzip.compress(b"", mtime=0), "accounts.csv.gz can't be used: it is empty."),
        ("accounts.csv.gz", b"no gzip", "accounts.csv.gz can't be used: it is damaged."),
        ("accounts.xlsx", b"no zip", "accounts.xlsx can't be used: it is no spreadsheet, or a damaged one."),
        ("accounts.pdf", b"%PDF", "accounts.pdf can't be used: it is no CSV or XLSX file by its name."),
        (
            "accounts.csv",
            ",".join(f"c{n}" for n in range(10_000)).encode() + b"\n",
            "accounts.csv can't be used: it has 10,000 columns, more than 1,000.",
        ),
        (
            "accounts.csv",
            b"x" * 3_000_000,
            "accounts.csv can't be used: its header is longer than 1,000,000 characters.",
        ),
    ],
    ids=["empty", "quotes", "no header", "empty gzip", "no gzip", "no zip", "no kind", "many columns", "long header"],
)
def test_a_file_that_can_not_be_read_is_refused_at_the_door(olga, name, content, why):
    assert refusal(upload(olga, content, name)) == [why]
    assert Import.objects.count() == 0


def test_a_header_alone_fails_in_words(olga):
    one = load(olga, upload(olga, HEAD.encode()))
    assert (one.status, one.error) == ("failed", "The file holds no rows below its header.")


@pytest.mark.parametrize(
    "content",
    [
        f"\ufeff{HEAD}Café,PT,5\n".encode(),
        f"{HEAD}Café,PT,5\n".encode("utf-16"),
        f"{HEAD}Café,PT,5\n".encode("utf-16-le"),
        f"{HEAD}Café,PT,5\n".encode("cp1252"),
        f"{HEAD}Café,PT,5\n".replace("\n", "\r").encode(),
        f"{HEAD}Café,PT,5\n".replace("\n", "\r\n").encode(),
        f"{HEAD}Café,PT,5\n".replace(",", ";").encode(),
        f"{HEAD}Café,PT,5\n".replace(",", "\t").encode(),
    ],
)
def test_usual_encodings_line_ends_and_delimiters_load_alike(olga, content):
    one = load(olga, upload(olga, content))
    assert (one.status, problems(one)) == ("done", [])
    assert list(Account.objects.values_list("name", "country", "employee_count")) == [("Café", "PT", 5)]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (b"\x00A,PT,1\n", "holds a NUL character"),
        (b'"A,PT,1\n', "has quotes that do not match"),
        (b"A,PT\n", "has 2 cells where the header has 3"),
        (b"A,PT,1,2\n", "has 4 cells where the header has 3"),
        (b",PT,1\n", "account must hold 1 to 255 characters"),
        (b"y" * 200_000 + b",PT,1\n", "account must hold 1 to 255 characters"),
        (b"z" * 1_200_000 + b",PT,1\n", "is longer than 1,000,000 characters"),
        (b"A,PT,-3\n", "employees is no whole number: '-3'"),
    ],
)
def test_a_bad_row_is_listed_with_its_line_and_the_others_load(olga, row, why):
    one = load(olga, upload(olga, HEAD.encode() + b"Good,PT,1\n" + row + b"Fine,PT,2\n"))
    assert (one.status, problems(one)) == ("partial", [(3, why)])
    assert names() == ["Fine", "Good"]


def test_when_every_row_is_bad_it_failed_and_each_is_listed(olga):
    one = load(olga, upload(olga, HEAD.encode() + b"A,PT\nB,PT\n"))
    assert (one.status, one.error) == ("failed", "No row could be loaded. Each is listed with its reason.")
    assert [line for line, _why in problems(one)] == [2, 3]


def test_a_column_that_comes_twice_fails_in_words(olga):
    answer = upload(olga, b"account,country,account\nA,PT,B\n")
    one = load(olga, answer)
    assert one.status == "failed"
    assert one.error.splitlines()[0].endswith("the column 'account' occurs twice")
    assert names() == []


def test_a_file_without_a_known_column_waits_for_a_meaning(olga):
    answer = upload(olga, b"foo,bar\n1,2\n")
    assert answer.status_code == 302
    page = olga.post(f"{answer.url}start/", {})
    assert page.status_code == 422
    assert Import.objects.get().status == "draft"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../accounts.csv", "accounts.csv"),
        ("C:\\temp\\accounts.csv", "accounts.csv"),
        ("a\u202ecsv.exe.csv", "acsv.exe.csv"),
        ("😀" * 70 + ".csv", "😀" * 70 + ".csv"),
        ("n" * 300 + ".csv", None),
        ('"quoted".csv', '"quoted".csv'),
    ],
)
def test_file_names_are_shown_clean_and_never_become_paths(olga, name, shown):
    answer = upload(olga, f"{HEAD}A,PT,1\n".encode(), name)
    one = load(olga, answer)
    assert one.status == "done"
    assert len(one.name) <= 100 and (shown is None or one.name == shown)


def test_the_file_of_bad_rows_put_right_loads_and_runs_no_formula(olga):
    rows = b'"=1+1",PT,x\n"+49 ""Q"" 5\nlines",PT,y\n@sum,PT\n'
    one = load(olga, upload(olga, HEAD.encode() + b"Good,PT,1\n" + rows))
    address = reverse("admin:import_problems", args=[one.public_id, "accounts"])
    answer = olga.get(address)
    assert answer["Content-Disposition"] == 'attachment; filename="not-loaded-accounts.csv"'
    text = answer.content.decode("utf-8-sig")
    table = list(csv.reader(io.StringIO(text)))
    assert table == [
        ["line", "reason", "account", "country", "employees"],
        ["3", "employees is no whole number: 'x'", "'=1+1", "PT", "x"],
        ["4", "employees is no whole number: 'y'", '\'+49 "Q" 5\nlines', "PT", "y"],
        ["6", "has 2 cells where the header has 3", "'@sum", "PT"],
    ]
    right = text.replace(",x\r\n", ",7\r\n").replace(",y\r\n", ",8\r\n").replace("'@sum,PT", "'@sum,PT,9")
    again = load(olga, upload(olga, right.encode()))
    assert (again.status, problems(again)) == ("done", [])
    assert dict(Account.objects.values_list("name", "employee_count")) == {
        "Good": 1, "=1+1": 7, '+49 "Q" 5\nlines': 8, "@sum": 9,
    }  # fmt: skip


def sheet(rows: list[list]) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def test_a_spreadsheet_tells_its_bad_rows_by_their_numbers(olga):
    noon, day = NOW.replace(tzinfo=None), NOW.date()
    rows = [
        ["account", "country", "employees", "customer since"],
        ["Café", "PT", 5, day],
        [],
        ["Noon", "PT", 7.0, noon],
    ]
    one = load(olga, upload(olga, sheet([*rows, ["Half", "PT", 1.5, None]]), "accounts.xlsx"))
    assert (one.status, problems(one)) == (
        "partial",
        [
            (4, "customer since is no day like %Y-%m-%d: '2026-11-23 12:00:00'"),
            (5, "employees is no whole number: '1.5'"),
        ],
    )
    assert list(Account.objects.values_list("name", "employee_count", "customer_since")) == [("Café", 5, day)]


def test_a_spreadsheet_of_the_right_shape_loads_whole(olga):
    one = load(olga, upload(olga, sheet([["account", "employees"], ["A", 5], ["B", 7.0], ["C", None]]), "a.xlsx"))
    assert (one.status, problems(one)) == ("done", [])
    assert sorted(Account.objects.values_list("name", "employee_count")) == [("A", 5), ("B", 7), ("C", None)]
