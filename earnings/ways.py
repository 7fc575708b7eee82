"""How each type of partner earns, as the portal tells it: in the words of the program, by the rules in force."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.actor import Actor
from core.parts import Column, Row, Table
from earnings import queries
from earnings.enums import Direction
from earnings.models import RevenueRule
from earnings.words import rule_words
from partners.enums import PartnerType
from partners.models import Partner
from tiers.documents import in_force
from tiers.models import ProgramMembership
from tiers.queries import memberships

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
    labels = {str(kind): str(label) for kind, label in PartnerType.choices}
    told = [(labels[kind], [_way(rule) for rule in rules.get(kind, ())]) for kind in labels if kind in own]
    return Ways(told, _table(labels, _words(mine), rules, own))


def _words(mine: Sequence[ProgramMembership]) -> Mapping[str, Mapping[str, str]]:
    """What the oldest of the programs says of each type: `does` and `revenue`."""
    version = in_force(mine[0].program) if mine else None
    return (version.definition.get("types") or {}) if version else {}


def _way(rule: RevenueRule) -> Way:
    known = (
        rule.tier.name if rule.tier else "", rule.product.name if rule.product else rule.family, rule.territory,
        rule.currency if rule.percent is not None else "", _("registered deals") if rule.registered_only else "",
    )  # fmt: skip
    return Way(rule.name, rule_words(rule), ", ".join(word for word in known if word))


def _table(
    labels: Mapping[str, str],
    words: Mapping[str, Mapping[str, str]],
    rules: Mapping[str, Sequence[RevenueRule]],
    own: set[str],
) -> Table:
    columns = (Column(_("Type")), Column(_("What it does")), Column(_("Earns by")), Column(_("Where the money goes")))
    return Table(_("Types of partners"), columns, [
        Row((_("%s (you)") % label if kind in own else label, words.get(kind, {}).get("does", ""),
             words.get(kind, {}).get("revenue") or _kinds(rules.get(kind, ())), _directions(rules.get(kind, ()))))
        for kind, label in labels.items()
    ])  # fmt: skip


def _kinds(rules: Sequence[RevenueRule]) -> str:
    found = dict.fromkeys(str(rule.get_kind_display()) for rule in rules)
    return ", ".join(found) or _("What both sides give is agreed")


def _directions(rules: Sequence[RevenueRule]) -> str:
    found = dict.fromkeys(str(_GOES[rule.direction]) for rule in rules)
    return ", ".join(found) or _("As agreed")
