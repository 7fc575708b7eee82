"""The routing rules: written, changed, put in order."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import Refused, Stale
from core.events import changes, record
from deals.enums import RoutingMode
from deals.lead_particulars import RuleTerms
from deals.models import RoutingRule

STEP = 10  # between two positions


@transaction.atomic
def add_rule(terms: RuleTerms, *, by: Actor, at: datetime) -> RoutingRule:
    """A new rule, asked after all others."""
    by.require("routing.edit")
    _check(terms)
    last = RoutingRule.objects.order_by("-position").values_list("position", flat=True).first() or 0
    rule = RoutingRule.objects.create(**terms.values(), position=last + STEP)
    record("created", rule, by=by, at=at)
    return rule


def _check(terms: RuleTerms) -> None:
    if terms.mode == RoutingMode.DIRECT and terms.partner is None:
        raise Refused(_("Choose the partner that gets these leads."), field="partner")
    if terms.mode == RoutingMode.RANKED and terms.weights and not any(terms.weights.values()):
        raise Refused(_("Give points to at least one criterion."), field="territory")


@transaction.atomic
def edit_rule(rule: RoutingRule, terms: RuleTerms, *, by: Actor, at: datetime) -> RoutingRule:
    """Changes what a rule says for the leads to come; offers made by it stand."""
    by.require("routing.edit")
    _check(terms)
    values = terms.values()
    moved = changes({name: getattr(rule, name) for name in values}, values)
    if not moved:
        return rule
    rows = RoutingRule.objects.filter(pk=rule.pk, version=rule.version)
    if rows.update(**{name: values[name] for name in moved}) != 1:
        raise Stale(_("This was changed a moment ago. Look at it again."), code="version_mismatch")
    rule.refresh_from_db()
    record("updated", rule, by=by, at=at, data={"fields": moved})
    return rule


def earlier(rule: RoutingRule, *, by: Actor, at: datetime) -> RoutingRule:
    """Asked one place sooner."""
    return _move(rule, -1, by=by, at=at)


def later(rule: RoutingRule, *, by: Actor, at: datetime) -> RoutingRule:
    """Asked one place later."""
    return _move(rule, 1, by=by, at=at)


@transaction.atomic
def _move(rule: RoutingRule, step: int, *, by: Actor, at: datetime) -> RoutingRule:
    by.require("routing.edit")
    rows = RoutingRule.objects.filter(deleted_at=None).order_by("position", "created_at", "pk")
    order = list(rows.select_for_update())
    place = [one.pk for one in order].index(rule.pk)
    target = min(max(place + step, 0), len(order) - 1)
    if target == place:
        return rule
    order.insert(target, order.pop(place))
    for n, one in enumerate(order, start=1):
        RoutingRule.objects.filter(pk=one.pk).exclude(position=n * STEP).update(position=n * STEP)
    rule.refresh_from_db()
    record("moved", rule, by=by, at=at, data={"changes": {"place": [place + 1, target + 1]}})
    return rule
