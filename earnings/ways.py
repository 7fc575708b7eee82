"""How each type of partner earns, as the portal tells it: what it does, by which rules, where the money goes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.actor import Actor
from core.parts import Column, Row, Table, Tag
from earnings import queries
from earnings.enums import Direction
from earnings.models import RevenueRule
from earnings.words import rule_words
from partners.enums import PartnerType
from partners.models import Partner
from tiers.queries import memberships

_DOES: Mapping[str, Any] = {
    PartnerType.REFERRAL: gettext_lazy("Refers customers to us"),
    PartnerType.RESELLER: gettext_lazy("Sells our product to its own customers"),
    PartnerType.INTEGRATION: gettext_lazy("Builds or maintains integrations"),
    PartnerType.AGENCY: gettext_lazy("Implements our product for clients"),
    PartnerType.STRATEGIC: gettext_lazy("Sells jointly with us"),
    PartnerType.TECHNOLOGY: gettext_lazy("Brings our product and its own together"),
    PartnerType.OEM: gettext_lazy("Builds our product into its own"),
}
_GOES: Mapping[str, Any] = {
    Direction.PAYABLE: gettext_lazy("We pay the partner"),
    Direction.RETAINED: gettext_lazy("The partner keeps it"),
    Direction.RECEIVABLE: gettext_lazy("The partner pays us"),
}


@dataclass(frozen=True, slots=True)
class Way:
    """One rule in force for the reader: its name, what it gives, and for what alone."""

    name: str
    gives: str
    only: str


@dataclass(frozen=True, slots=True)
class Ways:
    """What the reader's company earns by, and the table of all types."""

    own: list[tuple[str, list[Way]]]
    table: Table


def ways(actor: Actor, partner: Partner, day: date) -> Ways:
    """By the rules in force of the programs that the partner is in."""
    mine = list(memberships(actor, partner))
    programs = {one.program_id for one in mine}
    rules = {
        kind: [rule for rule in found if rule.program_id in programs]
        for kind, found in queries.rules_now(actor, day).items()
    }
    own = {one.partner_type for one in mine}
    labels = dict(PartnerType.choices)
    told = [(labels[kind], [_way(rule) for rule in rules.get(kind, ())]) for kind in labels if kind in own]
    return Ways(told, _table(labels, rules, own))


def _way(rule: RevenueRule) -> Way:
    known = (
        rule.tier.name if rule.tier else "", rule.product.name if rule.product else rule.family, rule.territory,
        rule.currency if rule.percent is not None else "", _("registered deals") if rule.registered_only else "",
    )  # fmt: skip
    return Way(rule.name, rule_words(rule), ", ".join(word for word in known if word))


def _table(labels: Mapping[str, str], rules: Mapping[str, Sequence[RevenueRule]], own: set[str]) -> Table:
    columns = (Column(_("Type")), Column(_("What it does")), Column(_("Earns by")), Column(_("Where the money goes")),
               Column("", "tag"))  # fmt: skip
    return Table(_("Types of partners"), columns, [
        Row((label, _DOES[kind], _kinds(rules.get(kind, ())), _directions(rules.get(kind, ())),
             Tag(_("You"), "info") if kind in own else ""))
        for kind, label in labels.items()
    ])  # fmt: skip


def _kinds(rules: Sequence[RevenueRule]) -> str:
    found = dict.fromkeys(str(rule.get_kind_display()) for rule in rules)
    return ", ".join(found) or _("No rule: what both sides give is agreed")


def _directions(rules: Sequence[RevenueRule]) -> str:
    found = dict.fromkeys(str(_GOES[rule.direction]) for rule in rules)
    return ", ".join(found) or _("Neither way")
