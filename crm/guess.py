"""Which column is probably which of our fields, and what its words mean. Pure; a person looks before it counts."""

import re
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Words
from datetime import datetime
from types import MappingProxyType
from typing import Any

from crm.fields import COUNTRIES, FIELDS, SINGULAR
from partners.countries import NAMES

DATE_FORMATS = ("%Y-%m-%d", "%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y/%m/%d", "%m/%d/%y", "%d/%m/%y")
_HEADS: Words[str, Words[str, str]] = MappingProxyType(
    {
        "products": {
            "name": "product, product name, title",
            "sku": "sku, code, product code, part number, article number",
            "family": "series, category, product family, line, product line",
            "list_price": "price, sales price, unit price, listprice",
            "currency": "currency code, currency iso code",
        },
        "accounts": {
            "name": "account, account name, company, company name, customer, customer name, organisation, organization",
            "parent": "parent account, parent company, subsidiary of, parent account id, belongs to",
            "industry": "sector, branch",
            "employees": "employee count, number of employees, headcount, staff",
            "country": "office location, location, billing country, country code, land",
            "website": "web site, url, domain, homepage, web",
            "customer_since": "since",
        },
        "partners": {
            "name": "partner, partner name, sales agent, agent, reseller, company, account, account name",
            "region": "regional office, territory, area",
            "manager": "partner manager, channel manager, owner, account manager",
            "country": "country code, land, location",
            "website": "web site, url, domain, homepage",
            "joined_on": "joined, partner since, since, start date",
            "type": "partner type, category",
        },
        "opportunities": {
            "name": "opportunity, opportunity name, deal name, deal, title",
            "account": "account name, account id, company, company name, customer, customer name",
            "product": "product name, product id, sku",
            "partner": "partner name, partner account, sales agent, agent, reseller, partner id",
            "stage": "deal stage, status, opportunity stage, sales stage, stage name",
            "kind": "type, opportunity type, deal type",
            "amount": "close value, value, deal value, revenue, deal amount, total",
            "list_amount": "list value",
            "currency": "currency code, currency iso code",
            "opened_on": "engage date, created, created date, created on, open date, opened, start date, created at",
            "close_on": "expected close date, expected close, close date expected",
            "closed_on": "close date, closed, closed date, closed on, won date",
            "vendor_source": "source, lead source",
            "owner": "owner email, owner e mail, sales rep",
        },
        "revenue_events": {
            "opportunity": "opportunity id, opportunity name, deal, deal id, deal name, order, order id",
            "event_kind": "kind, type, document type, transaction type, event",
            "occurred_on": "date, day, invoice date, payment date, posting date, document date",
            "amount": "net amount, net, value, total",
            "currency": "currency code, currency iso code",
            "service_start": "service from, period start, start date",
            "service_end": "service until, period end, end date",
        },
    }
)
_STAGES = ((r"won|closed.?won|gewonnen|gagn", "won"), (r"lost|closed|cancel|disqualif|abandon|verloren", "lost"))
_COUNTRIES = MappingProxyType(
    {name.lower(): code for code, name in NAMES.items() if code in COUNTRIES}
    | {"usa": "US", "united states of america": "US", "uk": "GB", "england": "GB", "great britain": "GB"}
    | {"korea": "KR", "holland": "NL", "türkiye": "TR", "turkey": "TR", "philipines": "PH", "czech republic": "CZ"}
)


def _plain(head: str) -> str:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", head)
    return " ".join(re.sub(r"[\W_]+", " ", spaced.lower()).split())


def fields_of(kind: str, columns: Sequence[str]) -> dict[str, str]:
    """Our fields by their probable columns; each column once."""
    by_head = {_plain(column): column for column in reversed(columns) if column}
    found: dict[str, str] = {}
    for name in FIELDS[kind]:
        heads = [_plain(name), *_HEADS[kind].get(name, "").split(", "), f"{SINGULAR[kind]} {_plain(name)}"]
        column = next((by_head[head] for head in heads if head in by_head and by_head[head] not in found.values()), "")
        if column:
            found[name] = column
    return found


def id_of(kind: str, columns: Sequence[str], fields: Words[str, str]) -> str:
    """The column that probably names a record: an id, else its name."""
    by_head = {_plain(column): column for column in reversed(columns) if column}
    one = SINGULAR[kind]
    heads = (f"{one} id", "id", "external id", "record id", "crm id", f"{one} number", "key", "deal id")
    known = next((by_head[head] for head in heads if head in by_head), "")
    return known or fields.get("name") or fields.get("sku") or next((column for column in columns if column), "")


def date_format(words: Iterable[str]) -> str:
    """The one that all these days have, else the usual one."""
    found = [word.strip() for word in words if word.strip()]
    fits = (form for form in DATE_FORMATS if found and all(_reads(word, form) for word in found))
    return next(fits, DATE_FORMATS[0])


def _reads(word: str, form: str) -> bool:
    try:
        datetime.strptime(word, form)
    except ValueError:
        return False
    return True


def values_of(kind: str, fields: Words[str, str], words: Words[str, Sequence[str]]) -> dict[str, dict[str, str]]:
    """What the words of the CRM probably mean: stages, countries, our own words in other spelling."""
    found: dict[str, dict[str, str]] = {}
    for name, column in fields.items():
        rule = FIELDS[kind][name]
        theirs = [word for word in words.get(column, ()) if word]
        if name == "stage":
            found[name] = {word: _stage(word) for word in theirs}
        elif rule.choices:
            ours = {_plain(label): value for value, label in rule.choices.choices}
            found[name] = {word: ours[_plain(word)] for word in theirs if _plain(word) in ours}
        elif rule.kind == "country":
            found[name] = {word: _COUNTRIES[word.lower()] for word in theirs if word.lower() in _COUNTRIES}
    return {name: meant for name, meant in found.items() if meant}


def _stage(word: str) -> str:
    return next((stage for pattern, stage in _STAGES if re.search(pattern, word, re.IGNORECASE)), "open")


def mapping_of(kind: str, path: str, columns: Sequence[str], words: Words[str, Sequence[str]]) -> dict[str, Any]:
    """A whole mapping for one file, as in a mapping file; empty when no column looks like one of ours."""
    fields = fields_of(kind, columns)
    if not fields:
        return {}
    days = [
        word for name, column in fields.items() if FIELDS[kind][name].kind == "date" for word in words.get(column, ())
    ]
    one = {"path": path, "id": id_of(kind, columns, fields), "fields": fields}
    guessed = {"schema": "1", "date_format": date_format(days), "files": {kind: one}}
    values = values_of(kind, fields, words)
    return guessed | ({"values": values} if values else {})
