"""What each kind of row becomes: the columns a mapping writes, and the values of a row in them."""

from collections.abc import Callable
from collections.abc import Mapping as Words
from types import MappingProxyType
from typing import Any

from core.bulk import Target
from core.models import Record
from crm.fields import FIELDS
from crm.mapping import Mapping
from crm.rows import Understood, Wrong
from deals.enums import Stage
from deals.models import Account, Opportunity, RevenueEvent
from deals.normalise import normal_name
from partners.enums import PartnerStatus
from partners.models import Partner, Product

MODELS: Words[str, type[Record]] = MappingProxyType(
    {
        "products": Product, "accounts": Account, "partners": Partner, "opportunities": Opportunity,
        "revenue_events": RevenueEvent,
    }
)  # fmt: skip
# Staged beside the columns of the model, for the SQL that works on the rows.
STAGED: Words[str, Words[str, str]] = MappingProxyType(
    {
        "products": {"note": "text"},
        "accounts": {"note": "text"},
        "partners": {"note": "text", "manager": "text", "partner_type": "text"},
        "opportunities": {
            "note": "text", "partner_id": "uuid", "sourcing_id": "uuid", "selling_id": "uuid",
            "registration_id": "uuid",
        },
        "revenue_events": {"note": "text"},
    }
)  # fmt: skip
_ALWAYS = {
    "products": ("sku", "name", "currency"),
    "accounts": ("name", "normal_name"),
    "partners": ("name", "is_direct"),
    "revenue_events": ("opportunity_id", "currency"),
}
_WITH = {  # mapped field → what it fills besides its own column
    ("partners", "website"): ("website",),
    ("partners", "manager"): ("manager_id", "metadata"),
    ("opportunities", "stage"): ("crm_stage",),
    ("opportunities", "amount"): ("amount_estimated", "currency"),
}
_OPTIONAL = {"kind", "vendor_source", "coverage"}  # an empty cell means the default
_ESTIMATED = ("stage", "amount", "amount_estimated", "currency")


def target_of(kind: str, mapping: Mapping) -> Target:
    """Where the rows of this kind go, and which columns of them this mapping writes."""
    mapped = mapping.files[kind].fields
    columns = [*_ALWAYS.get(kind, ()), *(FIELDS[kind][name].column for name in mapped)]
    columns += [column for name in mapped for column in _WITH.get((kind, name), ())]
    if kind == "opportunities":
        columns += _ESTIMATED if mapping.estimate else ()
        columns += ("metadata",) if mapping.direct else ()
    return Target(
        model=MODELS[kind],
        system=mapping.system,
        columns=tuple(dict.fromkeys(filter(None, columns))),
        watched=frozenset(f.column for f in FIELDS[kind].values() if f.audited),
        owner={"partners": "s.object_id", "opportunities": "s.partner_id"}.get(kind, "NULL::uuid"),
        names_owner="s.fresh_id" if kind == "partners" else "NULL::uuid",
        natural="sku" if kind == "products" else "",
        initial={"status": PartnerStatus.ACTIVE, "default_currency": mapping.currency} if kind == "partners" else {},
    )


def _named(row: Understood) -> str:
    name = row.values.get("name", row.ext_id)
    if not name:
        raise Wrong("the name is empty")
    return name


def _product(row: Understood, mapping: Mapping, _direct: dict[str, str]) -> dict[str, Any]:
    sku = row.values.get("sku") or row.ext_id
    if len(sku) > 60:
        raise Wrong("the sku is longer than 60 characters")
    return {"currency": mapping.currency, **row.values, "sku": sku, "name": _named(row)[:120]}


def _account(row: Understood, _mapping: Mapping, _direct: dict[str, str]) -> dict[str, Any]:
    name, parent = _named(row)[:200], row.values.get("parent")
    if parent == row.ext_id:
        row.notes.append("is its own parent: left without")
        parent = None
    return {**row.values, "name": name, "normal_name": normal_name(name), "parent_ref": parent, "parent": None}


def _partner(row: Understood, mapping: Mapping, direct: dict[str, str]) -> dict[str, Any]:
    name, values = _named(row)[:200], row.values
    ours = bool(mapping.direct) and all(values[field] in words for field, words in mapping.direct.items())
    if ours:
        direct[row.ext_id] = name
    made = {"name": name, "is_direct": ours, "partner_type": values.get("type")}
    if "manager" in values:
        made |= {"manager": values["manager"] or None, "metadata": {"manager": values["manager"]}}
    return {**values, **made}


def _opportunity(row: Understood, mapping: Mapping, direct: dict[str, str]) -> dict[str, Any]:
    values = {"stage": Stage.OPEN.value, "currency": mapping.currency, "amount_estimated": False, **row.values}
    if values["stage"] == Stage.OPEN and values.get("closed_on"):
        row.notes.append("is open and has a closing day: the day was left out")
        values["closed_on"] = None
    if values["stage"] != Stage.OPEN and not values.get("closed_on"):
        raise Wrong(f"is {values['stage']} without a closing day")
    if values.get("opened_on") and values.get("closed_on") and values["opened_on"] > values["closed_on"]:
        row.notes.append("closed before it was opened")
    partner = values.get("partner")
    references = {f"{name}_ref": values.pop(name, None) for name in ("account", "product", "partner")}
    if partner in direct:
        return {**values, **references, "partner_ref": None, "metadata": {"owner": direct[partner]}}
    return {**values, **references, "metadata": {}}


_NEEDED = {"opportunity": "an opportunity", "event_kind": "a kind", "occurred_on": "a day", "amount": "an amount"}


def _revenue(row: Understood, _mapping: Mapping, _direct: dict[str, str]) -> dict[str, Any]:
    """Money that came or went back; its currency is the deal's, and another one is refused when the deal is known."""
    values = dict(row.values)
    if missing := [what for name, what in _NEEDED.items() if not values.get(name)]:
        raise Wrong(f"is without {' and '.join(missing)}")
    first, last = values.get("service_start"), values.get("service_end")
    if last and (first is None or last < first):
        raise Wrong("the service must start before it ends")
    told = values.pop("currency", None) or None
    return {**values, "opportunity_ref": values.pop("opportunity"), "told_currency": told}


Shape = Callable[[Understood, Mapping, dict[str, str]], dict[str, Any]]
SHAPES: Words[str, Shape] = MappingProxyType(
    {"products": _product, "accounts": _account, "partners": _partner, "opportunities": _opportunity,
     "revenue_events": _revenue}
)  # fmt: skip


def values_of(kind: str, row: Understood, mapping: Mapping, direct: dict[str, str]) -> dict[str, Any]:
    """The row's values by column. Raises Wrong. Notes in `direct` who is one of our own people, by external id."""
    shaped = SHAPES[kind](row, mapping, direct)
    rules = FIELDS[kind]
    by_column = {rules[name].column or name if name in rules else name: value for name, value in shaped.items()}
    defaults = {field.column: field for field in MODELS[kind]._meta.concrete_fields}
    for name in _OPTIONAL & shaped.keys():
        by_column[name] = shaped[name] or defaults[name].get_default()
    return {**by_column, "website": shaped.get("website"), "note": "\n".join(row.notes) or None}
