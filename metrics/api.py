"""The seven metrics in the REST API: read, never written."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.http import Http404

from core.api import query
from core.api.frame import ActorView, answer
from core.api.kinds import Choice, Day, Schema, moment
from core.api.openapi import Extra
from core.api.openapi.parts import Answers, object_of, operation, parameter, ref
from core.api.resources import READ
from core.api.show import parameter as wrong
from metrics import queries
from metrics.definitions import KEYS
from metrics.queries import GROUPS, Group, Reading
from metrics.windows import Period, local_day, trailing

BY = (*GROUPS, "month")
PARAMETERS = ("period_start", "period_end", "group_by")


class Metrics(ActorView):
    """GET reads all metrics, or the one of the address."""

    settings_name = "metrics"

    def get(self, request, key: str = ""):
        if key and key not in KEYS:
            raise Http404
        self.require(READ)
        self.actor.require("metric.read")
        given = self.parameters(*PARAMETERS)
        if key:
            return answer(self._one(key, given))
        return answer(query.envelope([self._one(each, given) for each in KEYS], None, None))

    def _one(self, key: str, given: dict[str, str]) -> dict[str, Any]:
        end = _day(given, "period_end") or local_day(self.at)
        period = Period(_day(given, "period_start") or trailing(end).first, end)
        if period.last < period.first:
            raise wrong("period_end", "It must not be before period_start.")
        group = query.read_word(Choice(BY), "group_by", given["group_by"]) if "group_by" in given else ""
        return _shown(queries.metric(key, self.actor, at=self.at, period=period, group_by=group))


def _day(given: dict[str, str], name: str) -> date | None:
    return query.read_word(Day(), name, given[name]) if name in given else None


def _number(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else value


def _shown(found: Reading) -> dict[str, Any]:
    return {
        "object": "metric",
        "key": found.key,
        "name": str(found.definition.name),
        "definition": str(found.definition.text),
        "definition_version": found.definition.version,
        "value": _number(found.value),
        "unit": found.unit,
        "numerator": _number(found.numerator),
        "denominator": _number(found.denominator),
        "estimated": _number(found.estimated),
        "rows": found.rows,
        "as_of": moment(found.at),
        "period_start": found.period.first.isoformat(),
        "period_end": found.period.last.isoformat(),
        "note": str(found.note) or None,
        "missing_rates": list(found.missing_rates),
        "beside": {name: _number(value) for name, value in found.beside.items()},
        "groups": [_group(one) for one in found.groups],
    }


def _group(one: Group) -> dict[str, Any]:
    numbers = {
        "value": _number(one.value),
        "numerator": _number(one.numerator),
        "denominator": _number(one.denominator),
    }
    return {"key": one.key or None, "label": one.label or None, **numbers, "rows": one.rows}


# --- what OpenAPI says of it -----------------------------------------------------------------------------------------

_TEXT: Schema = {"type": "string"}
_NUMBER: Schema = {"type": ["string", "null"], "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}
_DAY_SCHEMA = Day().schema()


def _metric_schema() -> Schema:
    numbers = dict.fromkeys(("value", "numerator", "denominator"), _NUMBER)
    label: Schema = {"type": ["string", "null"]}
    group = object_of({"key": label, "label": label, **numbers, "rows": {"type": "integer"}})
    properties = {
        "object": {"const": "metric"},
        "key": {"enum": list(KEYS)},
        "name": _TEXT,
        "definition": _TEXT,
        "definition_version": {"type": "integer"},
        **numbers,
        "unit": _TEXT,
        "estimated": _NUMBER,
        "rows": {"type": "integer"},
        "as_of": {"type": "string", "format": "date-time"},
        "period_start": {"type": "string", "format": "date"},
        "period_end": {"type": "string", "format": "date"},
        "note": label,
        "missing_rates": {"type": "array", "items": _TEXT},
        "beside": {"type": "object", "additionalProperties": {"type": ["string", "integer", "number", "null"]}},
        "groups": {"type": "array", "items": group},
    }
    return object_of(properties, list(properties))


def described() -> Extra:
    """Paths and schemas of the metrics."""
    days = [parameter(name, _DAY_SCHEMA) for name in PARAMETERS if name != "group_by"]
    given = [*days, parameter("group_by", {"enum": list(BY)})]
    key = parameter("key", {"enum": list(KEYS)}, "path")
    one = operation(
        "metrics", "get_metric", "Read a metric.", Answers({200: ref("Metric")}, (400, 404)), given=[key, *given]
    )
    every = operation(
        "metrics", "list_metrics", "Read all metrics.", Answers({200: ref("MetricList")}, (400,)), given=given
    )
    listed = object_of({"object": {"const": "list"}, "data": {"type": "array", "items": ref("Metric")}}, ["data"])
    return Extra(
        {"/metrics": {"get": every}, "/metrics/{key}": {"get": one}},
        {"Metric": _metric_schema(), "MetricList": listed},
        {"metrics": "What the channel is worth: each figure with its definition and what it is made of."},
    )
