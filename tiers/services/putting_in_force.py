"""The day of a version has come: tiers, sections and names of the program become what it says. Nothing past changes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from core.actor import SYSTEM
from partners.models import Program
from tiers import documents, rules
from tiers.enums import MembershipStatus, VersionStatus
from tiers.models import ProgramMembership, ProgramVersion, Tier
from tiers.services.review_standing import give_tier
from tiers.workflow import VERSION

_ASIDE = 16_000  # ranks change places by way of others, which no program uses


@transaction.atomic
def take_effect(version: ProgramVersion, *, at: datetime) -> ProgramVersion:
    """Puts a published version in force in place of the one before. Running twice changes nothing."""
    program = Program.objects.select_for_update().get(pk=version.program_id)
    version.refresh_from_db()
    if version.status != VersionStatus.SCHEDULED:
        return version
    for old in ProgramVersion.objects.filter(program=program, status=VersionStatus.IN_FORCE):
        VERSION.fire(old, "supersede", by=SYSTEM, at=at, closing=documents.live(program))
    _name(program, version.definition)
    _write_tiers(program, version.definition, at)
    for section in documents.sections():
        if section.write and version.definition.get(section.key) is not None:
            section.write(program, version.definition[section.key], by=SYSTEM, at=at)
    data = {"program": program.key, "number": version.number}
    VERSION.fire(version, "take_effect", by=SYSTEM, at=at, data=data)
    return version


def _name(program: Program, definition: Mapping[str, Any]) -> None:
    named = {"name": definition.get("name") or program.name, "currency": definition.get("currency") or program.currency}
    if any(getattr(program, name) != value for name, value in named.items()):
        Program.objects.filter(pk=program.pk).update(**named)
        program.refresh_from_db()


def _write_tiers(program: Program, definition: Mapping[str, Any], at: datetime) -> None:
    told = {rules.tier_key(tier): tier for tier in definition["tiers"]}
    gone = Tier.objects.filter(program=program, deleted_at=None).exclude(key__in=told)
    left = list(ProgramMembership.objects.filter(tier__in=gone, status=MembershipStatus.ACTIVE).select_related("tier"))
    gone.update(deleted_at=at)
    ranks = Tier.objects.filter(program=program, deleted_at=None)
    if any(told[tier.key]["rank"] != tier.rank for tier in ranks):
        ranks.update(rank=F("rank") + _ASIDE)
    for key, tier in told.items():
        _write_tier(program, definition, key, tier)
    for member in left:
        _move_on(member, at)


def _write_tier(program: Program, definition: Mapping[str, Any], key: str, tier: Mapping[str, Any]) -> None:
    texts = definition.get("benefit_texts") or {}
    values: dict[str, Any] = {
        "name": tier["name"],
        "rank": tier["rank"],
        "requires": tier.get("requires") or {},
        "benefits": [one | {"text": one.get("text") or _text(texts, one)} for one in rules.granted(tier)],
        "deleted_at": None,
    } | {name: rules.percent(tier, name) for name in rules.PERCENTS}
    Tier.objects.update_or_create(program=program, key=key, defaults=values)


def _text(texts: Mapping[str, str], benefit: Mapping[str, Any]) -> str:
    words = texts.get(benefit["kind"]) or benefit["kind"].replace("_", " ").capitalize()
    return words.replace("%(value)s", str(benefit.get("value", "")))


def _move_on(member: ProgramMembership, at: datetime) -> None:
    """A tier is gone: its partners stand on the next lower one, or the lowest of all."""
    rows = Tier.objects.filter(program=member.program_id, deleted_at=None)
    left = member.tier
    assert left is not None
    lower = rows.filter(rank__lte=left.rank).order_by("-rank").first() or rows.order_by("rank").first()
    if lower:
        reason = _("The tier %s is no longer part of the program.") % left.name
        give_tier(member, lower, reason, by=SYSTEM, at=at)
