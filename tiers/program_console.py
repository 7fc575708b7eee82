"""The console's pages of a program: types, tiers, benefits, sections of other apps, and its file."""

from django.db.models import Count
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from core.console import ConsolePage
from core.doors import one_or_404
from core.parts import Action, Crumb
from partners.models import Program
from tiers import documents, files, program_shown
from tiers.enums import MembershipStatus
from tiers.models import ProgramMembership, ProgramVersion

EDITED_ELSEWHERE = {"policy": "admin:deal_terms"}  # sections with a page of their own


def programs(actor):
    return Program.objects.visible_to(actor).filter(deleted_at=None).order_by("name")


class ProgramPage(ConsolePage):
    """One program, chosen by `?program=`; the first one by itself. `tab` is the place in its navigation."""

    tab = ""

    def program(self) -> Program:
        key, rows = self.request.GET.get("program"), programs(self.actor)
        if key:
            return one_or_404(rows, key=key)
        first = rows.filter(memberships__isnull=False).first() or rows.first()
        if first is None:
            raise Http404
        return first

    def get(self, request, **kwargs):
        program = self.program()
        return self.show(self.template(), self.frame(program) | self.content(program))

    def template(self) -> str:
        return "tiers/program/page.html"

    def content(self, program: Program) -> dict:
        return {}

    def frame(self, program: Program) -> dict:
        return {
            "heading": program.name,
            "program": program,
            "tabs": tabs(program, self.current()),
            "others": [(p.name, f"?program={p.key}", p == program) for p in programs(self.actor)],
        }

    def current(self) -> str:
        return self.tab

    def stand(self, program: Program, column: str) -> dict[str, int]:
        """How many partners there are by tier or by type."""
        rows = ProgramMembership.objects.visible_to(self.actor).filter(
            program=program, status=MembershipStatus.ACTIVE, deleted_at=None
        )
        return dict(rows.order_by().values(column).annotate(n=Count("pk")).values_list(column, "n"))


def tabs(program: Program, current: str) -> list[tuple[str, str, bool]]:
    """The navigation of a program: label, address, here."""
    own = [
        ("program", _("Overview")), ("program_types", _("Types")), ("program_tiers", _("Tiers")),
        ("program_benefits", _("Benefits")),
    ]  # fmt: skip
    found = [(label, reverse(f"admin:{name}"), name == current) for name, label in own]
    found += [
        (str(one.title), reverse("admin:program_section", args=[one.key]), one.key == current)
        for one in documents.sections()
    ]
    found += [(_("Versions"), reverse("admin:program_versions"), current == "program_versions")]
    return [(label, f"{href}?program={program.key}", here) for label, href, here in found]


class Overview(ProgramPage):
    """What is in force, and what is on its way."""

    tab = "program"

    def content(self, program):
        document = documents.document(program)
        waiting = ProgramVersion.objects.visible_to(self.actor).filter(
            program=program, status__in=("draft", "requested", "scheduled")
        )
        return {
            "facts": program_shown.facts(document, documents.in_force(program)),
            "table": program_shown.tiers(document, self.stand(program, "tier__key")),
            "waiting": [(one, program_shown.status(one)) for one in waiting.order_by("-created_at")],
            "file": f"{reverse('admin:program_file')}?program={program.key}",
        }


class Types(ProgramPage):
    tab = "program_types"

    def content(self, program):
        return {"table": program_shown.types(documents.document(program), self.stand(program, "partner_type"))}


class Tiers(ProgramPage):
    tab = "program_tiers"

    def content(self, program):
        return {"table": program_shown.tiers(documents.document(program), self.stand(program, "tier__key"))}


class Benefits(ProgramPage):
    tab = "program_benefits"

    def content(self, program):
        return {"table": program_shown.granted(documents.document(program))}


class SectionPage(ProgramPage):
    """A section that another app owns."""

    def current(self):
        return self.kwargs["key"]

    def content(self, program):
        section = next((one for one in documents.sections() if one.key == self.kwargs["key"]), None)
        if section is None:
            raise Http404
        table = program_shown.section(section, documents.document(program).get(section.key) or {})
        own = EDITED_ELSEWHERE.get(section.key)
        link = Action(_("Open them in words"), href=reverse(own, args=[program.key])) if own else None
        return {"table": table, "empty": _("Nothing is set here: all is as usual."), "link": link}


class ProgramFile(ProgramPage):
    """The program as its file."""

    def get(self, request, **kwargs):
        program = self.program()
        response = HttpResponse(files.dump([documents.document(program)]), "application/yaml; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{program.key}.yaml"'
        return response


def version_crumbs(version: ProgramVersion) -> list[Crumb]:
    own = f"?program={version.program.key}"
    return [
        Crumb(version.program.name, reverse("admin:program") + own),
        Crumb(_("Versions"), reverse("admin:program_versions") + own),
    ]
