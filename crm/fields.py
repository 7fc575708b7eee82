"""Which fields of which kinds of record a mapping may name, and which words they take."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.db.models import TextChoices

from deals.enums import Coverage, OpportunityKind, RevenueKind, Stage, VendorSource
from partners.enums import PartnerType

_ISO_3166 = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC
CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD
GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH
KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW
MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC
SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY
UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
COUNTRIES = frozenset(_ISO_3166.split())


@dataclass(frozen=True, slots=True)
class Field:
    """How a cell becomes a value: `kind` names the rule, `column` where it goes, `limit` the longest text."""

    kind: str
    column: str = ""
    limit: int = 0
    choices: type[TextChoices] | None = None
    audited: bool = False  # state, money and dates: events tell before and after


def _text(column: str, limit: int) -> Field:
    return Field("text", column, limit)


FIELDS: Mapping[str, Mapping[str, Field]] = MappingProxyType(
    {
        "products": {
            "name": _text("name", 120),
            "sku": _text("sku", 60),
            "family": _text("family", 60),
            "list_price": Field("amount", "list_price", audited=True),
            "currency": Field("currency", "currency", audited=True),
        },
        "accounts": {
            "name": _text("name", 200),
            "parent": Field("reference", "parent_id"),
            "industry": _text("industry", 80),
            "employees": Field("count", "employee_count"),
            "country": Field("country", "country"),
            "website": Field("domain", "domain", 255),
            "customer_since": Field("date", "customer_since", audited=True),
            "coverage": Field("choice", "coverage", choices=Coverage, audited=True),
        },
        "partners": {
            "name": _text("name", 200),
            "region": _text("region", 60),
            "manager": _text("", 150),
            "country": Field("country", "country"),
            "website": Field("domain", "domain", 255),
            "joined_on": Field("date", "joined_on", audited=True),
            "type": Field("choice", "", choices=PartnerType),
        },
        "opportunities": {
            "name": _text("name", 200),
            "account": Field("reference", "account_id"),
            "product": Field("reference", "product_id"),
            "partner": Field("reference"),
            "stage": Field("choice", "stage", choices=Stage, audited=True),
            "kind": Field("choice", "kind", choices=OpportunityKind),
            "amount": Field("amount", "amount", audited=True),
            "list_amount": Field("amount", "list_amount", audited=True),
            "currency": Field("currency", "currency", audited=True),
            "opened_on": Field("date", "opened_on", audited=True),
            "close_on": Field("date", "close_on", audited=True),
            "closed_on": Field("date", "closed_on", audited=True),
            "vendor_source": Field("choice", "vendor_source", choices=VendorSource),
            "owner": Field("email", "owner_email", 254),
        },
        "revenue_events": {
            "opportunity": Field("reference", "opportunity_id"),
            "event_kind": Field("choice", "kind", choices=RevenueKind, audited=True),
            "occurred_on": Field("date", "occurred_on", audited=True),
            "amount": Field("amount", "amount", audited=True),
            "currency": Field("currency", "currency", audited=True),
            "service_start": Field("date", "service_start", audited=True),
            "service_end": Field("date", "service_end", audited=True),
        },
    }
)
SINGULAR = {
    "products": "product", "accounts": "account", "partners": "partner", "opportunities": "opportunity",
    "revenue_events": "revenue_event",
}  # fmt: skip
REFERENCES = frozenset({"product", "account", "partner", "opportunity"})
_BY_NAME = {name: one for fields in FIELDS.values() for name, one in fields.items()}


def wrong_word(name: str, word: str) -> str | None:
    """Why this word can't stand for the field (or the setting) `name`; None when it can."""
    one = _BY_NAME.get(name, Field(name))
    if name == "system" and not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", word):
        return "must be in lower case, like salesforce"
    if one.kind == "currency" and not re.fullmatch(r"[A-Z]{3}", word):
        return "must be a currency code, like USD"
    if one.kind == "country" and word not in COUNTRIES:
        return f"{word} is no country code of ISO 3166"
    if one.choices and word not in one.choices.values:
        return f"{word} is not one of {', '.join(one.choices.values)}"
    return f"is longer than {one.limit} characters" if one.limit and len(word) > one.limit else None
