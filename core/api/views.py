"""The handful of views that all resources share: lists, single records, actions, batches."""

import re
from typing import Any, ClassVar

from django.http import Http404, HttpResponse

from core.api import batch, clean, query, show, writes
from core.api.frame import ActorView, answer
from core.api.problems import Problem
from core.api.resources import CREATE, READ, WRITE, Action, Resource
from core.ids import parse_public_id

_TAG = re.compile(r'(?:W/)?"([0-9]{1,18})"\Z')


class ResourceView(ActorView):
    """What the views of one resource share."""

    resource: ClassVar[Resource]

    def found(self, id: str, *, deleted: bool = False) -> Any:
        """The record of the address. Raises Http404, or Problem when it was deleted."""
        pk = self.pk(id)
        subject = self.resource.visible_to(self.actor).filter(pk=pk).first()
        if subject is None:
            raise Http404
        if subject.deleted_at and not deleted:
            raise gone(subject.deleted_at)
        return subject

    def pk(self, id: str):
        pk = parse_public_id(self.resource.prefix, id)
        if pk is None:
            raise Http404
        return pk

    def shown(self, subject: Any, status: int = 200) -> HttpResponse:
        """The record as it is now."""
        rows = self.resource.visible_to(self.actor).filter(pk=subject.pk)
        one = show.objects(self.resource, rows, self.actor)[0]
        headers = {"ETag": f'"{one["version"]}"'}
        if status == 201:
            headers["Location"] = f"/api/v1/{self.resource.name}/{one['id']}"
        return answer(one, status, **headers)

    def expect_version(self, subject: Any, *, required: bool = True) -> None:
        """Compares If-Match. Raises Problem: 428 when it is missing, 412 when another version is there."""
        self.named_version(required=required)
        self.same_version(subject)

    def named_version(self, *, required: bool = True) -> None:
        sent = self.request.META.get("HTTP_IF_MATCH", "").strip()
        if required and sent in ("", "*"):
            raise Problem("precondition_required", 'Send If-Match with the version you read, like "3".')

    def same_version(self, subject: Any) -> None:
        sent = self.request.META.get("HTTP_IF_MATCH", "").strip()
        if sent in ("", "*"):
            return
        tags = [_TAG.match(tag.strip()) for tag in sent.split(",")]
        if not any(tag and int(tag[1]) == subject.version for tag in tags):
            raise Problem("version_mismatch", "Read it again, then repeat your change.", version=subject.version)


def gone(deleted_at, successor: str | None = None) -> Problem:
    if successor:
        words = "It was merged into another record. Read that one."
        return Problem("deleted", words, deleted_at=show.moment(deleted_at), merged_into=successor)
    return Problem("deleted", "Restore it within 30 days, or forget it.", deleted_at=show.moment(deleted_at))


class Collection(ResourceView):
    """GET lists, POST creates."""

    def get(self, request):
        self.require(READ)
        res, actor = self.resource, self.actor
        given = query.words(request.query_params, query.known_parameters(res, actor))
        wanted = show.view(res, actor, given.get("fields"), given.get("expand"))
        rows = query.narrowed(res, res.visible_to(actor), given, actor)
        bound = query.fingerprint(res.name, given)
        page = query.page(rows, show.columns(res, actor, wanted), given, bound)
        address = query.next_address(request.path, given, page.cursor) if page.cursor else None
        data = show.objects(res, page.rows, actor, wanted)
        response = answer(query.envelope(data, page.cursor, address, page.count))
        if address:
            response.headers["Link"] = f'<{address}>; rel="next"'
        return response

    def post(self, request):
        self.require(WRITE)
        self.parameters()
        draft = clean.draft(self.resource, request.data, self.actor, CREATE)
        draft = writes.owned(self.resource, draft, self.actor)
        made = writes.create(self.resource, draft, by=self.actor, at=self.at)
        return self.shown(made, 201)


class One(ResourceView):
    """GET shows, PATCH merges, DELETE hides."""

    def get(self, request, id):
        res, actor = self.resource, self.actor
        row = res.visible_to(actor).filter(pk=self.pk(id)).values(*show.columns(res, actor, show.View())).first()
        if row is None:
            raise Http404
        if row["deleted_at"]:
            raise gone(row["deleted_at"], self.successor(id))
        self.require(READ)
        given = self.parameters("fields", "expand")
        wanted = show.view(res, actor, given.get("fields"), given.get("expand"))
        tag = f'"{row["version"]}"'
        if self._known(tag) and "expand" not in given and not res.computed:  # what is reckoned has no version
            return HttpResponse(status=304, headers={"ETag": tag})
        return answer(show.objects(res, [row], actor, wanted)[0], ETag=tag)

    def successor(self, id) -> str | None:
        """The record that this one became part of, where its kind knows of such."""
        res = self.resource
        if not any(f.name == "merged_into" for f in res.model._meta.concrete_fields):
            return None
        row = res.visible_to(self.actor).filter(pk=self.pk(id)).select_related("merged_into").first()
        return row.merged_into.public_id if row and row.merged_into else None

    def _known(self, tag: str) -> bool:
        sent = [word.strip().removeprefix("W/") for word in self.request.META.get("HTTP_IF_NONE_MATCH", "").split(",")]
        return tag in sent or "*" in sent

    def patch(self, request, id):
        subject = self.found(id)
        self.require(WRITE)
        self.parameters()
        self.expect_version(subject)
        draft = clean.draft(self.resource, request.data, self.actor, WRITE)
        writes.change(self.resource, subject, draft, by=self.actor, at=self.at)
        return self.shown(subject)

    def delete(self, request, id):
        subject = self.found(id)
        self.require(WRITE)
        self.parameters()
        self.expect_version(subject)
        writes.delete(self.resource, subject, by=self.actor, at=self.at)
        return HttpResponse(status=204)


class Restore(ResourceView):
    """POST brings a deleted record back."""

    def post(self, request, id):
        subject = self.found(id, deleted=True)
        self.require(WRITE)
        self.parameters()
        self.same_version(subject)
        clean.plain((), request.data, self.actor)
        writes.restore(self.resource, subject, by=self.actor, at=self.at)
        return self.shown(subject)


class ExternalName(ResourceView):
    """DELETE takes away what one system calls the record."""

    def delete(self, request, id, system):
        subject = self.found(id)
        self.require(WRITE)
        self.parameters()
        self.expect_version(subject)
        if not writes.forget_name(self.resource, subject, system, by=self.actor, at=self.at):
            raise Http404
        return self.shown(subject)


class Act(ResourceView):
    """POST takes one step of the workflow: the same service that the pages call."""

    action: ClassVar[Action]

    def post(self, request, id):
        subject, action = self.found(id), self.action
        self.require_action(subject)
        self.parameters()
        self.named_version(required=action.needs_version)
        self.require_state(subject)
        self.same_version(subject)
        values = clean.plain(action.fields, request.data, self.actor)
        arguments = [action.particulars(**values)] if action.particulars else []
        changed = action.service(subject, *arguments, by=self.actor, at=self.at)
        return self.shown(changed or subject, action.status)

    def require_action(self, subject: Any) -> None:
        show.require_scope(self.actor, self.resource.name, WRITE)
        if self.resource.workflow and self.action.step:
            self.actor.require(self.resource.workflow.steps[self.action.step].permission)
        if self.action.permission:
            self.actor.require(self.action.permission)

    def require_state(self, subject: Any) -> None:
        flow = self.resource.workflow
        if flow and self.action.step and flow.state(subject) not in flow.steps[self.action.step].source:
            raise flow.refusal(subject, self.action.step, by=self.actor, at=self.at)  # type: ignore[misc]


class Many(ResourceView):
    """POST upserts, updates, deletes or reads up to 1,000 rows, each with a result of its own."""

    operation: ClassVar[str]

    def post(self, request):
        reading = self.operation == READ
        self.require(READ if reading else WRITE)
        self.parameters()
        keys = batch.UPSERT_KEYS if self.operation == "upsert" and self.resource.natural else batch.KEYS
        work = batch.read(self.resource, request.data, self.actor, self.at, keys)
        results = batch.read_many(work) if reading else batch.run(work, getattr(work, self.operation))
        failed = sum(result["status"] in ("error", "rolled_back") for result in results)
        body = {"object": "batch", "failed": failed, "results": results}
        return answer(body, 207 if failed else 200)
