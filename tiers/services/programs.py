"""A program from its definition: the program, its version, its tiers."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import Refused
from core.events import record
from partners.enums import ProgramStatus
from partners.models import Program
from tiers import rules
from tiers.models import ProgramVersion, Tier

_SECOND_NAMES = {"discount_percent": "discount_pct", "mdf_accrual_percent": "mdf_accrual_pct"}


@transaction.atomic
def load_program(source: Path | str | Mapping[str, Any], *, by: Actor, at: datetime) -> list[Program]:
    """Loads programs from a YAML file or one definition. A definition that differs becomes the next version.

    Raises Refused with path and reason when a definition can't be used; then nothing is loaded.
    """
    by.require("program.edit")
    return [_load(definition, by, at) for definition in _definitions(source)]


def _definitions(source: Path | str | Mapping[str, Any]) -> list[dict[str, Any]]:
    if isinstance(source, Mapping):
        return [dict(source)]
    with open(source, encoding="utf-8") as file:
        loaded = yaml.safe_load(file)
    found = [_readable(one) for one in loaded.get("programs", [])]
    for i, one in enumerate(found):
        if wrong := rules.problems(one):
            raise Refused(f"{source}: programs[{i}].{wrong[0].path}: {wrong[0].reason}", code="invalid_program")
    return found


def _readable(value: Any) -> Any:
    """YAML's dates as texts, so that the definition is JSON."""
    if isinstance(value, Mapping):
        return {str(k): _readable(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_readable(v) for v in value]
    return value.isoformat() if isinstance(value, date) else value


def _load(definition: dict[str, Any], by: Actor, at: datetime) -> Program:
    if wrong := rules.problems(definition):
        raise Refused(f"{wrong[0].path}: {wrong[0].reason}", code="invalid_program")
    program, fresh = Program.objects.get_or_create(
        key=slugify(definition["id"]),
        defaults={
            "name": definition.get("name", definition["id"]),
            "currency": definition.get("currency") or "USD",
            "status": ProgramStatus.ACTIVE,
        },
    )
    if fresh:
        record("created", program, by=by, at=at)
    latest = program.versions.order_by("-number").first()
    if latest is None or latest.definition != definition:
        _publish(program, definition, latest.number + 1 if latest else 1, by, at)
    return program


def _publish(program: Program, definition: dict[str, Any], number: int, by: Actor, at: datetime) -> None:
    starts = definition.get("effective")
    version = ProgramVersion.objects.create(
        program=program,
        number=number,
        definition=definition,
        effective_from=date.fromisoformat(starts) if starts else at.date(),
        published_at=at,
        published_by=by.label,
    )
    for tier in definition["tiers"]:
        _write_tier(program, definition, tier)
    record("published", version, by=by, at=at, data={"program": program.key, "number": number})


def _write_tier(program: Program, definition: Mapping[str, Any], tier: Mapping[str, Any]) -> None:
    benefits = _benefits(definition.get("benefit_texts", {}), tier.get("benefits") or [])
    Tier.objects.update_or_create(
        program=program,
        key=tier.get("key") or slugify(tier["name"]),
        defaults={
            "name": tier["name"],
            "rank": tier["rank"],
            "requires": tier.get("requires") or {},
            "benefits": benefits,
            "discount_percent": _percent(tier, benefits, "discount_percent"),
            "mdf_accrual_percent": _percent(tier, benefits, "mdf_accrual_percent"),
        },
    )


def _benefits(texts: Mapping[str, str], granted: Any) -> list[dict[str, Any]]:
    """`[{kind, value, unit, text}]` from any of the three spellings: names, mappings, or one mapping of values."""
    if isinstance(granted, Mapping):
        granted = [{"kind": kind, "value": value} for kind, value in granted.items()]
    full = [{"kind": one} if isinstance(one, str) else dict(one) for one in granted]
    return [{"value": True, "unit": ""} | one | {"text": _text(texts, one)} for one in full]


def _text(texts: Mapping[str, str], benefit: Mapping[str, Any]) -> str:
    words = texts.get(benefit["kind"]) or benefit["kind"].replace("_", " ").capitalize()
    return words.replace("%(value)s", str(benefit.get("value", "")))


def _percent(tier: Mapping[str, Any], benefits: list[dict[str, Any]], name: str) -> Decimal:
    granted = {b["kind"]: b["value"] for b in benefits}
    value = tier.get(name, granted.get(name, granted.get(_SECOND_NAMES[name], 0)))
    try:
        return Decimal(str(value))
    except ArithmeticError as error:
        raise Refused(_("%(name)s of %(tier)s is not a number.") % {"name": name, "tier": tier["name"]}) from error
