"""What a program grants a partner: by its tier or by its type, in one place, with the sentence that says why not.

A benefit that neither a tier nor a type of a program names is not governed by that program: nobody is refused it.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import JSONField, OuterRef, Subquery
from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import Refused
from core.hours import after_working_time
from partners.enums import PartnerType
from partners.models import Program
from tiers.models import ProgramMembership, ProgramVersion, Tier
from tiers.queries import local_day

NAMES: Mapping[str, Any] = {
    "portal": gettext_lazy("The portal and the product kit"),
    "onboarding": gettext_lazy("The onboarding course"),
    "deal_registration": gettext_lazy("Deal registration"),
    "co_marketing_budget": gettext_lazy("Funds from the co-marketing budget"),
    "leads": gettext_lazy("Leads"),
    "training": gettext_lazy("The full training catalogue"),
    "priority_support": gettext_lazy("Priority support"),
    "joint_pr": gettext_lazy("Joint press campaigns"),
    "executive_access": gettext_lazy("Meetings with our executives"),
    "co_development": gettext_lazy("Co-development projects"),
    "mdf_allocation": gettext_lazy("Market development funds of your own"),
}
HOURS, PRIORITY_HOURS = 16, 4  # working hours until a question is answered


@dataclass(frozen=True, slots=True)
class Grant:
    """A benefit that a membership has, and what it has it from."""

    kind: str
    text: str
    value: Any = True
    by_type: bool = False


@dataclass(frozen=True, slots=True)
class _Tier:
    """A tier as far as its benefits go."""

    id: str
    name: str
    benefits: list[dict[str, Any]]


@dataclass(frozen=True)
class Granting:
    """What some programs grant, read at once: their tiers, the lowest first, and what types have besides."""

    tiers: Mapping[UUID, list[_Tier]] = field(default_factory=dict)
    types: Mapping[UUID, Mapping[str, Collection[str]]] = field(default_factory=dict)

    @classmethod
    def of(cls, memberships: Iterable[ProgramMembership], at: datetime) -> "Granting":
        """In one statement, whatever the number of programs."""
        told = JSONObject(id="id", name="name", benefits="benefits")
        tiers = Tier.objects.filter(program=OuterRef("pk"), deleted_at=None).order_by("rank")
        versions = ProgramVersion.objects.filter(program=OuterRef("pk"), effective_from__lte=local_day(at))
        latest = versions.order_by("-number").values("definition__types")[:1]
        rows = Program.objects.filter(pk__in={member.program_id for member in memberships}).annotate(
            granting=ArraySubquery(tiers.values(json=told)), told=Subquery(latest, output_field=JSONField())
        )
        found = list(rows.values_list("pk", "granting", "told"))
        return cls(
            {pk: [_Tier(**tier) for tier in granting] for pk, granting, _told in found},
            {pk: _by_type(told) for pk, _granting, told in found},
        )

    def grants(self, member: ProgramMembership) -> dict[str, Grant]:
        """The benefits of a membership by kind: the tier's, then what its type adds."""
        own = self._tier(member)
        found = {b["kind"]: Grant(b["kind"], _text(b), b.get("value", True)) for b in (own.benefits if own else ())}
        for kind in self.types.get(member.program_id, {}).get(member.partner_type, ()):
            found.setdefault(kind, Grant(kind, name_of(kind), by_type=True))
        return found

    def governs(self, member: ProgramMembership, kind: str) -> bool:
        """Whether the program says anything about such a benefit."""
        by_type = self.types.get(member.program_id, {}).values()
        return bool(self._tiers_with(member, kind)) or any(kind in kinds for kinds in by_type)

    def refusal(self, member: ProgramMembership, kind: str) -> str | None:
        """Why this membership doesn't have the benefit, with what grants it; None when it has it."""
        if kind in self.grants(member) or not self.governs(member, kind):
            return None
        return self.why_not(member, kind)

    def why_not(self, member: ProgramMembership, kind: str) -> str:
        """The sentence that names the tier, or the type, that grants a benefit."""
        own = self._tier(member)
        words = {"what": name_of(kind), "now": own.name if own else _("no tier")}
        first = next(iter(self._tiers_with(member, kind)), None)
        types = [t for t, kinds in self.types.get(member.program_id, {}).items() if kind in kinds]
        if first:
            return _("%(what)s: granted from %(tier)s on. The tier now is %(now)s.") % (words | {"tier": first.name})
        if types:
            labels = ", ".join(str(PartnerType(t).label) for t in types)
            return _("%(what)s: granted to this type of partner alone: %(types)s.") % (words | {"types": labels})
        return _("%(what)s: not part of this program.") % words

    def _tiers_with(self, member: ProgramMembership, kind: str) -> list[_Tier]:
        return [t for t in self.tiers.get(member.program_id, ()) if any(b["kind"] == kind for b in t.benefits)]

    def _tier(self, member: ProgramMembership) -> _Tier | None:
        own = str(member.tier_id)
        return next((t for t in self.tiers.get(member.program_id, ()) if t.id == own), None)


def _by_type(told: Any) -> dict[str, Collection[str]]:
    """`{type: kinds}` of a definition's types, a mapping by type or a list of mappings with a `type`."""
    rows = told.items() if isinstance(told, Mapping) else ((one.get("type"), one) for one in told or ())
    return {
        key: [b if isinstance(b, str) else b["kind"] for b in (one or {}).get("benefits") or ()] for key, one in rows
    }


def _text(benefit: Mapping[str, Any]) -> str:
    return benefit.get("text") or name_of(benefit["kind"])


def name_of(kind: str) -> str:
    """A benefit in words."""
    return str(NAMES.get(kind) or kind.replace("_", " ").capitalize())


# --- asked by services, pages and other apps --------------------------------------------------------------------------


def grants(member: ProgramMembership, *, at: datetime) -> dict[str, Grant]:
    """What a membership has, by kind."""
    return Granting.of([member], at).grants(member)


def refusal(member: ProgramMembership, kind: str, *, at: datetime) -> str | None:
    """The sentence that says why a membership lacks a benefit, with what grants it; None when it has it."""
    return Granting.of([member], at).refusal(member, kind)


def require(member: ProgramMembership, kind: str, *, at: datetime) -> None:
    """Raises Refused with code `not_granted` when the membership lacks the benefit."""
    if why := refusal(member, kind, at=at):
        raise Refused(why, code="not_granted")


def refused_everywhere(members: Collection[ProgramMembership], kinds: Collection[str], *, at: datetime) -> set[str]:
    """Those of the kinds that none of a partner's memberships has: what isn't offered to it at all."""
    granting = Granting.of(members, at)
    return {kind for kind in kinds if members and all(granting.refusal(m, kind) for m in members)}


def question_due(member: ProgramMembership, *, at: datetime) -> datetime:
    """When a question is answered: the working hours of priority support, else the usual ones."""
    support = grants(member, at=at).get("priority_support")
    hours = HOURS if support is None else _hours(support.value)
    return after_working_time(at, timedelta(hours=hours), member.partner.time_zone)


def _hours(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else PRIORITY_HOURS


def margin(member: ProgramMembership) -> Decimal | None:
    """The percentage off the list price that the tier gives; None where it gives none."""
    return member.tier.discount_percent if member.tier and member.tier.discount_percent else None
