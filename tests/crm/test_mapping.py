from pathlib import Path

import pytest
import yaml

from crm import mapping
from crm.mapping import MappingError

EXAMPLES = Path(__file__).parents[2] / "examples"
WHOLE = {
    "schema": 1,
    "files": {
        "products": {"path": "p.csv", "id": "p", "fields": {"name": "p", "list_price": "price"}},
        "partners": {"path": "a.csv", "id": "a", "fields": {"name": "a", "region": "r"}},
        "opportunities": {"path": "o.csv", "id": "o", "fields": {"partner": "a", "product": "p", "stage": "s"}},
    },
}


def problems(path: Path, data) -> list[str]:
    path.write_text(data if isinstance(data, str) else yaml.safe_dump(data))
    with pytest.raises(MappingError) as refused:
        mapping.read(path)
    return [f"{p.path}: {p.reason}" for p in refused.value.problems]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "map.yaml"


@pytest.mark.parametrize("name", ["mapping-crm-sales-opportunities", "mapping-crm-sales-opportunities-direct"])
def test_the_shipped_mappings_are_whole(name):
    found = mapping.read(EXAMPLES / f"{name}.yaml")
    assert set(found.files) == {"products", "accounts", "partners", "opportunities"}
    assert (found.system, found.currency, found.registrations) == ("crm", "USD", True)
    assert (found.estimate, dict(found.direct)) == ((True, {"region": ("West",)}) if "direct" in name else (False, {}))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"schema": 2}, "schema: must be 1"),
        ({"currency": "usd"}, "currency: must be a currency code, like USD"),
        ({"system": "My CRM"}, "system: must be in lower case, like salesforce"),
        ({"date_format": "%m/%d"}, "date_format: must name day, month and year, like %m/%d/%Y"),
        ({"values": {"stage": {"Won": "win"}}}, "values.stage.Won: win is not one of open, won, lost"),
        ({"values": {"country": {"X": "Narnia"}}}, "values.country.X: Narnia is no country code of ISO 3166"),
        ({"aliases": {"product": "x"}}, "aliases.product: must be a table of other names and external ids"),
        ({"registrations": "maybe"}, "registrations: must be from_opportunities or none"),
        ({"estimate": {"amount": "guess"}}, "estimate: can be {amount: product.list_price} alone"),
        ({"direct": {"manager": ["M"]}}, "direct.manager: is no mapped field of partners"),
        ({"direct": {"region": "West"}}, "direct.region: must be a list of words"),
        ({"files": []}, "files: must be a table"),
        ({"files": {"products": {**WHOLE["files"]["products"], "path": "../p.csv"}}},
         "files.products.path: must lie in the directory of the import"),
        ({"files": {"products": {**WHOLE["files"]["products"], "path": "/p.csv"}}},
         "files.products.path: must lie in the directory of the import"),
        ({"files": {"products": {"path": "p.csv", "fields": {"name": "p"}}}}, "files.products.id: is missing"),
        ({"files": {"products": {**WHOLE["files"]["products"], "fields": {"nam": "p"}}}},
         "files.products.fields.nam: is unknown; known are currency, family, list_price, name, sku"),
        ({"files": {"widgets": {}}}, "files.widgets: is unknown; known are accounts, opportunities, partners, products, revenue_events"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(path, change, told):
    assert problems(path, {**WHOLE, **change}) == [told]


def test_an_unknown_key_is_told_with_the_known_ones(path):
    (told,) = problems(path, {**WHOLE, "regsitrations": "none"})
    assert told.startswith("regsitrations: is unknown; known are aliases, currency, ")


def test_everything_wrong_is_told_at_once(path):
    assert len(problems(path, {**WHOLE, "schema": 7, "currency": "?", "registrations": "x"})) == 3


@pytest.mark.parametrize("text", ["", "- 1", "a: [}", "x: !!python/object:os.system y", "? [1]\n: 2"])
def test_what_is_no_table_is_refused(path, text):
    assert len(problems(path, text)) == 1


def test_a_key_twice_is_refused(path):
    assert problems(path, "schema: 1\nschema: 1\n") == [": is no YAML: line 1: the key schema occurs twice"]


def test_words_stay_words(path):
    path.write_text(yaml.safe_dump(WHOLE) + "values: {country: {Norge: NO, 007: US}}\n")
    assert mapping.read(path).values["country"] == {"Norge": "NO", "007": "US"}
