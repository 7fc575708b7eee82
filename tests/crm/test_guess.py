"""Which column is which field, by its name and its words."""

import pytest

from crm import guess


@pytest.mark.parametrize(
    ("kind", "columns", "fields", "one"),
    [
        (
            "opportunities",
            ["Id", "Name", "AccountId", "StageName", "Amount", "CurrencyIsoCode", "CreatedDate", "CloseDate", "LeadSource", "Type"],
            {
                "name": "Name", "account": "AccountId", "stage": "StageName", "kind": "Type", "amount": "Amount",
                "currency": "CurrencyIsoCode", "opened_on": "CreatedDate", "closed_on": "CloseDate",
                "vendor_source": "LeadSource",
            },
            "Id",
        ),
        ("accounts", ["Company name", "Web-Site", "Number of employees"], {"name": "Company name", "website": "Web-Site", "employees": "Number of employees"}, "Company name"),
        ("partners", ["partner_id", "Partner", "Territory"], {"name": "Partner", "region": "Territory"}, "partner_id"),
        ("products", ["Code", "Title", "Unit Price"], {"name": "Title", "sku": "Code", "list_price": "Unit Price"}, "Title"),
        ("products", ["x", "y"], {}, "x"),
    ],
)  # fmt: skip
def test_columns_are_guessed_from_their_names(kind, columns, fields, one):
    found = guess.fields_of(kind, columns)
    assert (found, guess.id_of(kind, columns, found)) == (fields, one)


@pytest.mark.parametrize(
    ("days", "form"),
    [
        (["2026-12-31"], "%Y-%m-%d"),
        (["1/2/2026", "12/31/2026"], "%m/%d/%Y"),
        (["1/2/2026", "31/12/2026"], "%d/%m/%Y"),
        (["31.12.2026", ""], "%d.%m.%Y"),
        (["12/31/26"], "%m/%d/%y"),
        (["soon"], "%Y-%m-%d"),
        ([], "%Y-%m-%d"),
    ],
)
def test_the_way_days_are_written_is_guessed_from_all_of_them(days, form):
    assert guess.date_format(days) == form


def test_words_of_stages_and_countries_are_guessed():
    words = {"s": ["Closed Won", "Closed Lost", "Negotiation", "won"], "c": ["Germany", "USA", "PT", "Atlantis"]}
    assert guess.values_of("opportunities", {"stage": "s"}, words) == {
        "stage": {"Closed Won": "won", "Closed Lost": "lost", "Negotiation": "open", "won": "won"}
    }
    assert guess.values_of("accounts", {"country": "c"}, words) == {"country": {"Germany": "DE", "USA": "US"}}
