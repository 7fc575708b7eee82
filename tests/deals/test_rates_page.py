"""Exchange rates as a file: all rows or none, and every wrong row by its line."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from deals.models import ExchangeRate

pytestmark = pytest.mark.django_db


@pytest.fixture
def finn(client, cast):
    client.force_login(cast.finn)
    return client


def load(client, text: str | bytes):
    body = text if isinstance(text, bytes) else text.encode()
    return client.post("/admin/rates/load/", {"file": SimpleUploadedFile("r.csv", body), "source": "ECB"})


def faults(page) -> list[str]:
    return page.context["form"].errors["file"]


def stored() -> list[tuple[str, str, Decimal]]:
    rows = ExchangeRate.objects.order_by("currency", "day").values_list("currency", "day", "rate")
    return [(currency, day.isoformat(), rate) for currency, day, rate in rows]


def test_rates_are_in_force_from_their_days_on_and_a_later_file_takes_their_place(finn):
    assert load(finn, "currency,day,rate\nEUR,2026-11-02,1.0834\nBRL,2026-11-02,0.18\n").status_code == 302
    assert load(finn, "currency;day;rate\nEUR;2026-11-02;1.09\n").status_code == 302
    assert stored() == [("BRL", "2026-11-02", Decimal("0.18")), ("EUR", "2026-11-02", Decimal("1.09"))]
    assert "1.09" in finn.get("/admin/rates/").content.decode()


def test_every_wrong_row_is_told_and_none_is_loaded(finn):
    page = load(finn, "currency,day,rate\nEUR,2026-11-02,1.08\neur,2026-11-02,1\nBRL,02.11.2026,1\nGBP,2026-11-02,\"1,25\"\n"
                      "USD,2026-11-02,1\nCHF,2026-02-30,1\nCAD,2026-11-02,0\nEUR,2026-11-02,1.09\n")  # fmt: skip
    assert page.status_code == 422
    assert faults(page) == [
        "Line 3: “eur” is no currency like EUR.",
        "Line 4: “02.11.2026” is no day like 2026-11-30.",
        "Line 5: “1,25” is no rate above zero like 1.0834.",
        "Line 6: USD is the reporting currency: its rate is always 1. Leave it out.",
        "Line 7: “2026-02-30” is no day like 2026-11-30.",
        "Line 8: “0” is no rate above zero like 1.0834.",
        "Line 9: EUR of 2026-11-02 stands twice.",
    ]
    assert stored() == []


@pytest.mark.parametrize(("text", "said"), [
    ("a,b\n1,2\n", "The first line must name the columns currency, day and rate."),
    ("currency,day,rate\n", "The file holds no rates."),
    (b"currency,day,rate\n\xff\xfe", "Save the file as UTF-8."),
    ("currency,day,rate\n\0", "This is not a CSV file."),
])  # fmt: skip
def test_what_is_no_file_of_rates_says_so(finn, text, said):
    assert faults(load(finn, text)) == [said]


def test_of_many_wrong_rows_twenty_are_told_and_the_rest_counted(finn):
    page = load(finn, "currency,day,rate\n" + "x,2026-11-02,1\n" * 30)
    assert (len(faults(page)), faults(page)[-1]) == (21, "And 10 more lines.")


def test_who_may_not_edit_rates_brings_none(client, cast):
    for name in ("mona", "eve", "root"):
        client.force_login(getattr(cast, name))
        assert load(client, "currency,day,rate\nEUR,2026-11-02,1.08\n").status_code == 403
    assert stored() == []
