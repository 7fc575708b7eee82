"""A program's whole file as data: one order of keys, what is wrong with it besides its rules, what differs. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext as _

from partners.currencies import CODES
from partners.enums import PartnerType
from tiers.rules.grammar import Problem

_FIRST = (
    "id", "name", "family", "vendor", "effective", "currency", "window", "promotion", "notice_days", "credits", "types",
    "benefit_texts", "kind", "score", "metrics", "points", "gate", "key", "rank", "unlock", "requires", "all", "any",
    "metric", "op", "value", "unit", "text", "discount_percent", "mdf_accrual_percent", "benefits", "does", "motions",
    "revenue", "title", "type",
)  # fmt: skip
_LAST = ("tiers",)
_PLACE = {key: i for i, key in enumerate(_FIRST)} | {key: len(_FIRST) + 1 for key in _LAST}
_SECOND_NAMES = {"discount_percent": "discount_pct", "mdf_accrual_percent": "mdf_accrual_pct"}
PERCENTS = tuple(_SECOND_NAMES)
PROMOTIONS = ("proposed", "automatic")
MOTIONS = ("refer", "co_sell", "resell")
NAMED_BY = ("key", "name", "id", "kind", "type", "title", "metric")


def normal(value: Any) -> Any:
    """The same data in the one order of keys, without keys that say nothing."""
    if isinstance(value, Mapping):
        known = {str(k): normal(v) for k, v in value.items() if v is not None}
        return {k: known[k] for k in sorted(known, key=lambda k: (_PLACE.get(k, len(_FIRST)), k))}
    return [normal(one) for one in value] if isinstance(value, list | tuple) else value


def tier_key(tier: Mapping[str, Any]) -> str:
    return tier.get("key") or slugify(tier["name"])


def granted(tier: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A tier's benefits as mappings, from any of the three spellings: names, mappings, or one mapping of values."""
    told = tier.get("benefits") or []
    if isinstance(told, Mapping):
        told = [{"kind": kind, "value": value} for kind, value in told.items()]
    return [{"value": True, "unit": ""} | ({"kind": one} if isinstance(one, str) else dict(one)) for one in told]


def percent(tier: Mapping[str, Any], name: str) -> Decimal:
    """`discount_percent` or `mdf_accrual_percent` of a tier, from its own key or its benefit; 0 for none."""
    values = {one["kind"]: one["value"] for one in granted(tier)}
    value = tier.get(name, values.get(name, values.get(_SECOND_NAMES[name], 0)))
    return Decimal(str(value))


# --- what is wrong ----------------------------------------------------------------------------------------------------


def unfit(document: Mapping[str, Any]) -> Iterator[Problem]:
    """What can't be used besides the rules of the tiers, whose faults `problems` tells."""
    key = slugify(str(document.get("id") or ""))
    if not key or len(key) > 60:
        yield Problem("id", _("enter a short name of letters and digits"))
    if not isinstance(document.get("name", ""), str) or len(document.get("name", "")) > 120:
        yield Problem("name", _("enter words, %s letters at most") % 120)
    if document.get("currency") not in (None, *CODES):
        yield Problem("currency", _("enter a currency by its three letters, like USD"))
    if document.get("promotion") not in (None, *PROMOTIONS):
        yield Problem("promotion", _("choose one of: %s") % ", ".join(PROMOTIONS))
    days = document.get("notice_days")
    if days is not None and (not isinstance(days, int) or isinstance(days, bool) or not 0 <= days <= 365):
        yield Problem("notice_days", _("enter a whole number from 0 to 365"))
    yield from _wrong_mapping(document, "benefit_texts", str)
    yield from _wrong_mapping(document, "credits", int)
    yield from _wrong_types(document.get("types"))
    yield from _wrong_tiers(document.get("tiers"))


def _wrong_mapping(document: Mapping[str, Any], name: str, kind: type) -> Iterator[Problem]:
    told = document.get(name)
    if told is None:
        return
    if not isinstance(told, Mapping):
        yield Problem(name, _("enter a line for each key"))
        return
    for key, value in told.items():
        numeric = kind is int and isinstance(value, int | float | Decimal) and not isinstance(value, bool)
        if not (numeric and value >= 0) and not (kind is str and isinstance(value, str)):
            yield Problem(f"{name}.{key}", _("enter words") if kind is str else _("enter a number from 0 on"))


def _wrong_types(told: Any) -> Iterator[Problem]:
    if told is None:
        return
    if not isinstance(told, Mapping):
        yield Problem("types", _("enter a line for each type of partner"))
        return
    for key, one in told.items():
        path = f"types.{key}"
        if key not in PartnerType.values:
            yield Problem(path, _("choose one of: %s") % ", ".join(PartnerType.values))
        elif not isinstance(one, Mapping):
            yield Problem(path, _("enter keys and values"))
        else:
            yield from _wrong_type(path, one)


def _wrong_type(path: str, one: Mapping[str, Any]) -> Iterator[Problem]:
    for name in ("does", "revenue"):
        if not isinstance(one.get(name, ""), str):
            yield Problem(f"{path}.{name}", _("enter words"))
    motions = one.get("motions", [])
    if not isinstance(motions, list) or any(m not in MOTIONS for m in motions):
        yield Problem(f"{path}.motions", _("enter a list of: %s") % ", ".join(MOTIONS))
    yield from _wrong_benefits(f"{path}.benefits", one.get("benefits"))


def _wrong_benefits(path: str, told: Any) -> Iterator[Problem]:
    if told is None or isinstance(told, Mapping):
        return
    if not isinstance(told, list):
        yield Problem(path, _("enter a list of benefits"))
        return
    for i, one in enumerate(told):
        kind = one.get("kind") if isinstance(one, Mapping) else one
        if not isinstance(kind, str) or not kind:
            yield Problem(f"{path}[{i}]", _("enter the key of a benefit, or its kind and value"))


def _wrong_tiers(told: Any) -> Iterator[Problem]:
    keys: dict[str, int] = {}
    for i, tier in enumerate(told if isinstance(told, list) else ()):
        if not isinstance(tier, Mapping) or not isinstance(tier.get("name"), str):
            continue  # told by the reader of rules
        faults = list(_wrong_benefits(f"tiers[{i}].benefits", tier.get("benefits")))
        yield from faults
        if not faults:
            yield from _wrong_percents(f"tiers[{i}]", tier)
        key = tier_key(tier)
        if not isinstance(key, str) or not slugify(key) or len(key) > 60 or keys.setdefault(key, i) != i:
            yield Problem(f"tiers[{i}].key", _("the key %s is missing or given twice") % key)


def _wrong_percents(path: str, tier: Mapping[str, Any]) -> Iterator[Problem]:
    for name in PERCENTS:
        try:
            fine = 0 <= percent(tier, name) <= 100
        except ArithmeticError:
            fine = False
        if not fine:
            yield Problem(f"{path}.{name}", _("enter a percentage from 0 to 100"))


# --- what differs -----------------------------------------------------------------------------------------------------


def differences(before: Any, after: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """`(path, before, after)` for each place that differs; None stands for nothing. Items of lists go by their name."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in list(dict.fromkeys([*before, *after])):
            yield from differences(before.get(key), after.get(key), f"{path}.{key}" if path else key)
    elif isinstance(before, list) and isinstance(after, list) and (names := _named(before, after)):
        old, new = ({names[id(one)]: one for one in rows} for rows in (before, after))
        for key in list(dict.fromkeys([*old, *new])):
            yield from differences(old.get(key), new.get(key), f"{path}[{key}]")
    elif before != after:
        yield path, before, after


def _named(*lists: Sequence[Any]) -> dict[int, str]:
    """A name for each item, where every item is a mapping and all have a different one; else nothing."""
    for word in NAMED_BY:
        found = [[one.get(word) if isinstance(one, Mapping) else None for one in rows] for rows in lists]
        whole = all(isinstance(name, str | int) for names in found for name in names)
        if whole and all(len(set(names)) == len(names) for names in found) and any(found):
            return {id(one): str(one[word]) for rows in lists for one in rows}
    return {}
