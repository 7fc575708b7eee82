"""Addresses of the API, made from the tables of facts."""

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from django.http import Http404
from django.urls import URLPattern, path

from core.api import views
from core.api.frame import ActorView, answer
from core.api.openapi.paths import batch_operations, expandable
from core.api.query import known_parameters
from core.api.resources import CREATE, WRITE, Resource


def view(base: type[ActorView], res: Resource, methods: Iterable[str], **more):
    """A view of one resource that knows these methods alone."""
    facts = {"resource": res, "http_method_names": [*methods], **more}
    return type(base.__name__, (base,), facts).as_view()  # type: ignore[attr-defined]


def of(res: Resource) -> Iterator[URLPattern]:
    """The addresses of one resource."""
    base, one = res.name, f"{res.name}/<str:id>"
    yield path(base, view(views.Collection, res, _methods(res, get=None, post=CREATE)), name=base)
    for name in batch_operations(res):
        yield path(f"{base}/batch/{name}", view(views.Many, res, ["post"], operation=name))
    yield path(one, view(views.One, res, _methods(res, get=None, patch="update", delete="delete")), name=res.singular)
    if "delete" in res.verbs:
        yield path(f"{one}/restore", view(views.Restore, res, ["post"]))
    if "update" in res.verbs:
        yield path(f"{one}/external_ids/<str:system>", view(views.ExternalName, res, ["delete"]))
    for action in res.actions:
        yield path(f"{one}/{action.name}", view(views.Act, res, ["post"], action=action))


def _methods(res: Resource, **wanted: str | None) -> list[str]:
    verbs = res.verbs | ({"delete"} if "remove" in res.verbs else set())
    names = [name for name, verb in wanted.items() if verb is None or verb in verbs]
    return [*names, "head"]


class Described(ActorView):
    """GET tells the fields of a resource: type, whether they can be written, filtered, expanded."""

    settings_name = "schema"
    known: ClassVar[dict[str, Resource]] = {}

    def get(self, request, name):
        res = self.known.get(name)
        if res is None:
            raise Http404
        self.parameters()
        body: dict[str, Any] = {"object": "schema", "resource": res.name, "custom_fields": []}
        body["fields"] = [_fact(f, res, self.actor) for f in res.shown_to(self.actor)]
        body["parameters"] = sorted(known_parameters(res, self.actor))
        body |= {"expand": expandable(res), "actions": [action.name for action in res.actions]}
        return answer(body)


def _fact(f, res: Resource, actor) -> dict:
    return {
        "name": f.name,
        "schema": f.schema(),
        "required": f.required,
        "on_create": f.name in res.writable(actor, CREATE),
        "on_update": f.name in res.writable(actor, WRITE) and "update" in res.verbs,
        "filter": f.filter,
    }


def all_of(resources: list[Resource]) -> list[URLPattern]:
    known = {res.name: res for res in resources}
    described = Described.as_view(known=known, http_method_names=["get", "head"])
    return [*(route for res in resources for route in of(res)), path("schema/<str:name>", described)]
