"""A program's document in the REST API: everything that its file holds, read by the vendor's keys. It comes back as a
draft of `program_versions`."""

from typing import Any

from django.http import HttpResponse

from core.api.containers import Data
from core.api.frame import answer
from core.api.kinds import Schema
from core.api.openapi import Extra
from core.api.openapi.parts import Answers, object_of, operation, parameter, ref
from core.api.problems import Problem
from core.api.resources import READ
from core.api.views import ResourceView
from partners.api import PROGRAMS
from partners.models import Program
from tiers import documents, files


class ProgramDocument(ResourceView):
    """GET reads the document as JSON."""

    resource = PROGRAMS

    def get(self, request, id: str) -> HttpResponse:
        return self.told(self.program(id))

    def program(self, id: str) -> Program:
        """The program of the address. Raises Problem for a partner's key: what others are granted is not its own."""
        program = self.found(id)
        self.require(READ)
        self.parameters()
        if not self.actor.sees_all:
            raise Problem("permission_denied", "A partner's key reads tiers, not the whole program.")
        return program

    def told(self, program: Program) -> HttpResponse:
        version = documents.in_force(program)
        number = version.number if version else None
        known = {"object": "program_document", "program_id": program.public_id, "number": number}
        return answer({**known, "definition": documents.document(program)})


class ProgramFile(ProgramDocument):
    """GET reads it as the YAML file that `program import` takes."""

    def told(self, program: Program) -> HttpResponse:
        name = f'attachment; filename="{program.key}.yaml"'
        text = files.dump([documents.document(program)])
        return HttpResponse(text, "application/yaml; charset=utf-8", headers={"Content-Disposition": name})


# --- what OpenAPI says of it -----------------------------------------------------------------------------------------


def _schema() -> Schema:
    properties: dict[str, Any] = {
        "object": {"const": "program_document"},
        "program_id": {"type": "string", "pattern": f"^{Program.prefix}_[0-9a-f]{{32}}$"},
        "number": {"type": ["integer", "null"], "description": "The version in force."},
        "definition": Data().schema(),
    }
    return object_of(properties, list(properties))


def described() -> Extra:
    """Paths and schemas of the documents."""
    id_ = parameter("id", {"type": "string", "pattern": f"^{Program.prefix}_[0-9a-f]{{32}}$"}, "path")
    told = operation(
        "programs", "get_program_document", "Read the whole program: its rules and all sections, as in its file.",
        Answers({200: ref("ProgramDocument")}, (400, 403, 404)),
    )  # fmt: skip
    file = operation(
        "programs", "get_program_file", "Read the same as a YAML file.", Answers({200: None}, (400, 403, 404))
    )
    paths = {
        "/programs/{id}/document": {"parameters": [id_], "get": told},
        "/programs/{id}/document.yaml": {"parameters": [id_], "get": file},
    }
    return Extra(paths, {"ProgramDocument": _schema()}, {})
