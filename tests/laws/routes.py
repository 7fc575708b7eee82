"""Every address of the program, and the rule that says who gets what there."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml
from django.contrib.admin.utils import quote as admin_quote
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

from core.ids import public_id, uuid7

RULES = Path(__file__).parent / "routes.yaml"
_PLACE = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)")

_USUAL = {"system": "crm", "app_label": "deals", "pk": "1", "content_type_id": "1"}


@dataclass(frozen=True)
class Route:
    """One address: its name (its own spelling where it has none), its places, and what answers."""

    name: str
    template: str
    view: Any

    @cached_property
    def places(self) -> tuple[str, ...]:
        return tuple(a or b for a, b in _PLACE.findall(self.template))

    @property
    def view_class(self) -> type | None:
        return getattr(self.view, "view_class", None) or getattr(self.view, "cls", None)

    @property
    def verbs(self) -> tuple[str, ...]:
        """What may stand in the place `verb`."""
        return tuple(getattr(self.view_class, "actions", ())) or ("unknown",)

    @property
    def resource(self) -> Any:
        """The API resource it is about."""
        return getattr(self.view_class, "resource", None)

    @property
    def model_label(self) -> str:
        """The model of an API resource or of a model's records in the console."""
        if self.resource is not None:
            return self.resource.model._meta.label
        admin = getattr(self.view, "model_admin", None)
        return admin.model._meta.label if admin else ""

    def address(self, values: Mapping[str, str]) -> str:
        return "/" + _PLACE.sub(lambda m: quote(values[m[1] or m[2]], safe="-_."), self.template)


@dataclass(frozen=True)
class Rule:
    """Who gets what; the words are told in routes.yaml."""

    door: str
    of: str | Mapping[str, str] = ""
    needs: str = ""
    gives: Mapping[str, int] | int | None = None
    verbs: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    skip: str = ""  # why it is not walked


@cache
def routes() -> tuple[Route, ...]:
    return tuple(_walk(get_resolver().url_patterns, "", ""))


def _walk(patterns: Iterable, prefix: str, names: str) -> Iterator[Route]:
    for one in patterns:
        template = prefix + _spelling(one)
        if isinstance(one, URLResolver):
            yield from _walk(one.url_patterns, template, f"{names}{one.namespace}:" if one.namespace else names)
        elif isinstance(one, URLPattern):
            yield Route(f"{names}{one.name}" if one.name else template, template, one.callback)


def _spelling(one: URLPattern | URLResolver) -> str:
    if isinstance(one.pattern, RoutePattern):
        return str(one.pattern)
    return str(one.pattern).removeprefix("^").removesuffix("$").removesuffix(r"\Z").replace("\\", "")


@cache
def _table() -> dict[str, Any]:
    return yaml.safe_load(RULES.read_text())


def doors() -> dict[str, dict[str, int]]:
    return _table()["doors"]


@cache
def rules() -> dict[str, Rule]:
    """Name or pattern → rule, in the order of the file."""
    found = _table()["routes"]
    return {name: Rule(**({"door": words} if isinstance(words, str) else words)) for name, words in found.items()}


def rule_of(route: Route, known: Mapping[str, Rule] | None = None) -> Rule | None:
    """The rule of this very name, else of the first pattern that fits."""
    known = known if known is not None else rules()
    return known.get(route.name) or next((rule for name, rule in known.items() if fnmatchcase(route.name, name)), None)


def without_rule(found: Iterable[Route], known: Mapping[str, Rule]) -> list[str]:
    return [route.name for route in found if rule_of(route, known) is None]


def expected(rule: Rule, kind: str, may: bool) -> int:
    """The status of a GET for this kind of person (anonymous, partner, vendor, key …), who `may` do what it needs."""
    first = doors()[rule.door][kind]
    if first != 200:
        return first
    if not may:
        return 403
    return rule.gives.get(kind, 200) if isinstance(rule.gives, Mapping) else rule.gives or 200


def word(place: str, row: Any, verb: str, rule: Rule) -> str:
    """What stands in this place of an address for this record (None: for nothing)."""
    if place == "verb":
        return verb
    if place in rule.words:
        return rule.words[place]
    if row is None:
        return _USUAL.get(place, "unknown")
    if place == "parent":  # on the way to one of its claims; a request itself has it as its own
        return row.activity.request.reference if getattr(row, "activity", None) else row.reference
    if place == "reference":
        return row.reference
    return admin_quote(str(row.pk)) if place == "object_id" else row.public_id


class Unused:
    """Stands for a record that does not exist."""

    def __init__(self, like: Any):
        self.pk = uuid7()
        self.public_id = public_id(getattr(like, "prefix", "x"), self.pk)
        self.reference = f"{like.reference[:2]}ZZZZZ" if hasattr(like, "reference") else ""
        self.activity = getattr(like, "activity", None)  # the way to it is a real one
