"""Files over REST: the bytes are sent first, what names the id keeps them; loose ones are swept after a day."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import FileResponse, Http404, HttpResponse
from rest_framework.parsers import BaseParser

from core import files
from core.api.frame import ActorView, answer
from core.api.kinds import Moment, Schema, moment
from core.api.openapi import Extra
from core.api.openapi.parts import IDEMPOTENCY, Answers, object_of, operation, parameter, ref
from core.api.problems import Problem
from core.api.resources import READ, WRITE
from core.api.show import parameter as wrong
from core.errors import Refused
from core.files.public import HARMLESS
from core.ids import parse_public_id, public_id
from core.models import StoredFile

RULES = files.Rules()
MOST_LOOSE = 100  # of one partner, sent and not named by anything yet
_LONGEST_NAME = 200


class Bytes(BaseParser):
    """The body as it is, up to the size of one file; its digest is left on the request."""

    media_type = "application/octet-stream"

    def parse(self, stream, media_type=None, parser_context=None) -> Any:
        raw = stream.read(RULES.most_bytes + 1)
        if len(raw) > RULES.most_bytes:
            raise Problem("too_large", f"A file may have {RULES.most_bytes // 2**20} MB.")
        parser_context["request"].body_digest = hashlib.sha256(raw).hexdigest()
        return raw


@dataclass
class Sent:
    """A body as the upload that it is."""

    name: str
    content: bytes
    size: int

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        yield self.content


class Files(ActorView):
    """POST keeps a file for the partner of the key; a proof of a claim may name it then."""

    parser_classes = (Bytes,)  # type: ignore[assignment]
    settings_name = "files"

    def post(self, request) -> HttpResponse:
        self.require(WRITE)
        if self.actor.own is None:
            raise Problem("permission_denied", "This key belongs to no partner. Use a key of the partner.")
        name = self.parameters("name").get("name", "")
        if not 0 < len(name) <= _LONGEST_NAME:
            raise wrong("name", f"Name the file, in 1 to {_LONGEST_NAME} characters.")
        self._refuse_heap()
        content = request.data or b""
        clean = _inspected(Sent(name, content, len(content)))
        kept = files.keep(clean, partner_id=self.actor.own, by=self.actor, at=self.at)
        return answer(shown(kept), 201, Location=f"/api/v1/files/{kept.public_id}")

    def _refuse_heap(self) -> None:
        if StoredFile.objects.visible_to(self.actor).filter(subject_id=None).count() >= MOST_LOOSE:
            raise Problem("too_many_files", "Name the files you sent, or wait: what nothing names goes after a day.")


def _inspected(sent: Sent) -> files.Clean:
    try:
        return files.inspect(sent, RULES)
    except Refused as refusal:
        raise Problem("validation_failed", refusal.reason, errors=[("", refusal.code, refusal.reason)]) from None


class OneFile(ActorView):
    """GET tells what a file is."""

    settings_name = "files"

    def get(self, request, id: str) -> HttpResponse:
        return answer(shown(self.found(id)))

    def found(self, id: str) -> StoredFile:
        pk = parse_public_id(StoredFile.prefix, id)
        file = StoredFile.objects.visible_to(self.actor).filter(pk=pk).first() if pk else None
        if file is None:
            raise Http404
        self.require(READ)
        self.parameters()
        return file


class Content(OneFile):
    """GET brings the bytes, as nothing that any program runs."""

    def get(self, request, id: str) -> Any:
        file = self.found(id)
        try:
            content = files.open_file(file)
        except FileNotFoundError as error:
            raise Http404 from error
        return FileResponse(
            content, as_attachment=True, filename=file.name, content_type=file.kind, headers=dict(HARMLESS)
        )


def shown(file: StoredFile) -> dict[str, Any]:
    return {
        "object": "file",
        "id": file.public_id,
        "name": file.name,
        "kind": file.kind,
        "size": file.size,
        "sha256": file.sha256,
        "partner_id": public_id("ptr", file.partner_id),
        "kept_at": moment(file.kept_at),
        "is_used": file.subject_id is not None,
    }


# --- what OpenAPI says of it -----------------------------------------------------------------------------------------


def _schema() -> Schema:
    text: Schema = {"type": "string"}
    properties: Schema = {
        "object": {"const": "file"},
        "id": {"type": "string", "pattern": f"^{StoredFile.prefix}_[0-9a-f]{{32}}$"},
        "name": text,
        "kind": text | {"description": "By its content, whatever its name says."},
        "size": {"type": "integer", "minimum": 1},
        "sha256": text,
        "partner_id": {"type": ["string", "null"]},
        "kept_at": Moment().schema(),
        "is_used": {"type": "boolean", "description": "What nothing names is swept after a day."},
    }
    return object_of(properties, list(properties))


def described() -> Extra:
    """Paths and schemas of the files."""
    id_ = parameter("id", {"type": "string", "pattern": f"^{StoredFile.prefix}_[0-9a-f]{{32}}$"}, "path")
    name = parameter("name", {"type": "string", "minLength": 1, "maxLength": _LONGEST_NAME}) | {"required": True}
    sent = operation(
        "files", "create_file", f"Send a file: {RULES.words}.",
        Answers({201: ref("File")}, (400, 409, 413, 415, 422)), given=[IDEMPOTENCY, name],
    )  # fmt: skip
    raw: Schema = {"schema": {"type": "string", "format": "binary", "minLength": 1}}
    sent["requestBody"] = {"required": True, "content": {Bytes.media_type: raw}}
    told = operation("files", "get_file", "Read what a file is.", Answers({200: ref("File")}, (400, 404)))
    content = operation("files", "get_file_content", "Read the bytes of a file.", Answers({200: None}, (400, 404)))
    return Extra(
        {
            "/files": {"post": sent},
            "/files/{id}": {"parameters": [id_], "get": told},
            "/files/{id}/content": {"parameters": [id_], "get": content},
        },
        {"File": _schema()},
        {"files": "What is sent before something names it: proofs of claims."},
    )
