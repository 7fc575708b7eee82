"""Revenue rules and terms of money as sections of a program's file."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.actor import Actor
from deals.enums import PartnerRole
from earnings import services
from earnings.dossier import local_day
from earnings.enums import DIRECTIONS, RULE_KINDS, AccruesOn, Direction
from earnings.models import EarningTerms, RevenueRule
from earnings.particulars import RuleDraft, TermsOfMoney
from earnings.rule_names import RULES, TERMS
from partners import shape
from partners.enums import PartnerType
from partners.models import Product, Program
from partners.sections import Document, Fault, Section
from partners.shape import Amount, Each, Key, OneOf, Text, Whole, YesNo
from tiers.models import Tier


class Percent:
    """More than 0 and at most 100, as 7 or as "7.5"."""

    def __call__(self, value: Any) -> Decimal:
        number = Amount()(value)
        if isinstance(value, float) or not 0 < number <= 100:
            raise ValueError(_('enter a percentage from 0 to 100, one with decimals in quotes: "7.5".'))
        return number


class Parts:
    """Role → percent, 100 in all."""

    def __call__(self, value: Any) -> dict[str, Decimal]:
        if not isinstance(value, Mapping) or not set(value) <= {*PartnerRole.values, "vendor"}:
            raise ValueError(_("enter roles with their percentages, like sourcing: 60."))
        parts = {role: Percent()(percent) for role, percent in value.items()}
        if sum(parts.values()) != 100:
            raise ValueError(_("the parts must add up to 100."))
        return parts


_CURRENCY = Text(3)
_RULE: dict[str, shape.Reader] = {
    "key": Key(),
    "name": Text(120),
    "type": OneOf(*PartnerType.values),
    "kind": OneOf(*RULE_KINDS),
    "direction": OneOf(*Direction.values),
    "percent": Percent(),
    "amount": Amount(),
    "tier": Text(60),
    "product": Text(60),
    "family": Text(60),
    "territory": Text(60),
    "currency": _CURRENCY,
    "pay_currency": _CURRENCY,
    "registered_uplift_percent": Percent(),
    "registered_only": YesNo(),
    "floor": Amount(),
    "cap": Amount(),
    "minimum": Amount(),
    "duration_months": Whole(1, 120),
    "hold_days": Whole(0, 3650),
    "clawback_days": Whole(0, 3650),
    "roles": Each(OneOf(*PartnerRole.values)),
    "split": Parts(),
    "nets": YesNo(),
}
_NEEDED = ("key", "name", "type", "kind")
_TERMS: dict[str, shape.Reader] = {
    "accrues_on": OneOf(*AccruesOn.values),
    "dispute_days": Whole(1, 365),
    "minimum_payout": Amount(),
    "two_people_above": Amount(),
}
_USUAL = {"hold_days": 30, "registered_uplift_percent": Decimal(0)}


def revenue_rules(actor: Actor, subject: Any, at: datetime) -> Section:
    """`revenue_rules`: what each type of partner earns."""
    return Section("revenue_rules", gettext_lazy("Revenue rules"), _check_rules, _read_rules, _write_rules, RULES)


def earning_terms(actor: Actor, subject: Any, at: datetime) -> Section:
    """`earnings`: what accrues, disputes, payouts."""
    return Section("earnings", gettext_lazy("Terms of money"), _check_terms, _read_terms, _write_terms, TERMS)


# --- rules -----------------------------------------------------------------------------------------------------------


def _check_rules(data: Any, document: Document) -> list[Fault]:
    if not isinstance(data, list):
        return [Fault("", _("enter a list of rules."))]
    found = [fault for i, one in enumerate(data) for fault in _check_rule(one, f"[{i}]", document)]
    keys = [one.get("key") for one in data if isinstance(one, Mapping)]
    return found + [Fault(f"[{i}].key", _("this key is used twice.")) for i, key in enumerate(keys) if key in keys[:i]]


def _check_rule(one: Any, path: str, document: Document) -> list[Fault]:
    if not isinstance(one, Mapping):
        return [Fault(path, _("enter a rule as keys and values."))]
    found = [Fault(f"{path}.{key}", _("this is missing.")) for key in _NEEDED if one.get(key) is None]
    for words in shape.faults(one, _RULE):
        key, _colon, reason = words.partition(": ")
        found.append(Fault(f"{path}.{key}", reason))
    if (one.get("percent") is None) == (one.get("amount") is None):
        found.append(Fault(f"{path}.percent", _("give either a percentage or an amount.")))
    tiers = {str(tier.get("name", "")).lower() for tier in document.get("tiers") or ()}
    if one.get("tier") and str(one["tier"]).lower() not in tiers:
        found.append(Fault(f"{path}.tier", _("the program has no such tier.")))
    return found


def _read_rules(program: Program) -> list[dict[str, Any]]:
    rows = RevenueRule.objects.filter(program=program, effective_to=None).select_related("tier", "product")
    return [_plain(rule) for rule in rows.order_by("key")]


def _plain(rule: RevenueRule) -> dict[str, Any]:
    """A rule as in the file: what is as usual is left out, numbers without needless zeros."""
    values = {name: getattr(rule, name) for name in _RULE if name not in ("type", "tier", "product", "direction")}
    told = {
        name: _word(value) for name, value in values.items() if value is not False and value not in (None, "", [], {})
    }
    told = {name: value for name, value in told.items() if name not in _USUAL or values[name] != _USUAL[name]}
    told["type"] = rule.partner_type
    if rule.direction != DIRECTIONS[rule.kind]:
        told["direction"] = rule.direction
    if rule.tier:
        told["tier"] = rule.tier.name
    if rule.product:
        told["product"] = rule.product.sku
    return {name: told[name] for name in _RULE if name in told}


def _word(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _word(Decimal(one)) for key, one in sorted(value.items())}
    if not isinstance(value, Decimal):
        return value
    return int(value) if value == value.to_integral_value() else f"{value.normalize():f}"


def _write_rules(program: Program, data: list[Mapping[str, Any]], *, by: Actor, at: datetime) -> None:
    day = local_day(at)
    kept = {one["key"] for one in data}
    for rule in RevenueRule.objects.filter(program=program, effective_to=None).exclude(key__in=kept):
        services.retire_rule(rule, day - timedelta(days=1), by=by, at=at)
    for one in data:
        services.publish_rule(_draft(program, one, at), by=by, at=at)


def _draft(program: Program, one: Mapping[str, Any], at: datetime) -> RuleDraft:
    read = {name: _RULE[name](value) for name, value in one.items() if value is not None}
    tier, sku = read.pop("tier", None), read.pop("product", None)
    return RuleDraft(
        **{"direction": DIRECTIONS[read["kind"]], "partner_type": read.pop("type"), **read},
        program=program,
        effective_from=local_day(at),
        tier=Tier.objects.get(program=program, name__iexact=tier) if tier else None,
        product=Product.objects.get(sku=sku) if sku else None,
    )


# --- terms -----------------------------------------------------------------------------------------------------------


def _check_terms(data: Any, document: Document) -> list[Fault]:
    if not isinstance(data, Mapping):
        return [Fault("", _("enter a line for each key, like minimum_payout: 100."))]
    split = (words.partition(": ") for words in shape.faults(data, _TERMS))
    return [Fault(key, reason) for key, _colon, reason in split]


def _read_terms(program: Program) -> dict[str, Any]:
    row = EarningTerms.objects.filter(program=program).first()
    usual = TermsOfMoney().values()
    values = {name: getattr(row, name) for name in _TERMS} if row else usual
    return {name: _word(value) for name, value in values.items() if value != usual[name]}


def _write_terms(program: Program, data: Mapping[str, Any], *, by: Actor, at: datetime) -> None:
    read = {name: _TERMS[name](value) for name, value in data.items() if value is not None}
    services.set_earning_terms(program, TermsOfMoney(**read), by=by, at=at)
