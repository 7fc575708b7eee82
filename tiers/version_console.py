"""The console's pages of a program's versions: draft, edit, dry run, publish, undo."""

from collections.abc import Mapping

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.console import ConsoleActionPage, ConsolePage
from core.doors import Action, one_or_404
from core.parts import Action as Button
from core.parts import Column, Fact, Row, Table
from partners.export import csv_lines
from partners.models import Program
from tiers import documents, files, previews, program_console, program_form, program_shown, rules, services
from tiers.enums import VersionStatus
from tiers.models import ProgramVersion
from tiers.program_console import ProgramPage
from tiers.words import metric_name
from tiers.workflow import VERSION

OPEN = (VersionStatus.DRAFT, VersionStatus.REQUESTED, VersionStatus.SCHEDULED)


def versions(actor):
    return ProgramVersion.objects.visible_to(actor).select_related("program", "based_on")


class Versions(ProgramPage, ConsoleActionPage):
    """All versions of a program; a new draft, a copy of what is in force or from a file."""

    tab = "program_versions"
    actions = {
        "draft": Action(services.draft, None, gettext_lazy("A draft was made.")),
        "file": Action(services.draft, program_form.FromFile, gettext_lazy("A draft was made from the file.")),
    }

    def get(self, request, *args, verb="", **kwargs):
        return redirect(reverse("admin:program_versions")) if verb else self.page(self.subject())

    def subject(self) -> Program:
        return self.program()

    def page(self, program: Program, status: int = 200, bound=None) -> HttpResponse:
        rows = versions(self.actor).filter(program=program).order_by("-created_at")
        columns = (
            Column(_("Version")),
            Column(_("State"), "tag"),
            Column(_("From"), "when"),
            Column(_("What changes, and why")),
            Column(_("Published by")),
        )
        table = Table(_("Versions"), columns, [Row(_cells(one), one.get_console_url()) for one in rows[:200]])
        form = next(iter((bound or {}).values()), None)
        context = {
            "table": table,
            "edits": self.actor.can("program.edit"),
            "form": form,
            "file_form": form or program_form.FromFile(),
        }
        return self.show("tiers/program/versions.html", self.frame(program) | context, status)

    def run(self, action, subject, form):
        self.made = super().run(action, subject, form)
        return self.made

    def after(self, subject) -> str:
        return self.made.get_console_url()


def _cells(one: ProgramVersion) -> tuple:
    name = _("Version %s") % one.number if one.number else _("Draft %s") % one.reference
    return name, program_shown.status(one), one.effective_from or one.wanted_from, one.reason, one.published_by


class VersionPage(ConsoleActionPage):
    """One version: what it changes, who would move, what it costs, and what may happen to it."""

    workflow = VERSION
    actions = {
        "request": Action(
            services.request_publication, program_form.Ask, gettext_lazy("Another person publishes it now.")
        ),
        "publish": Action(services.publish, program_form.Publish, gettext_lazy("Published.")),
        "give_back": Action(services.give_draft_back, program_form.Say, gettext_lazy("It is a draft again.")),
        "discard": Action(services.discard_draft, None, gettext_lazy("The draft is discarded."), danger=True),
        "withdraw": Action(services.withdraw, program_form.Say, gettext_lazy("It will not take effect."), danger=True),
        "undo": Action(services.undo, program_form.Ask, gettext_lazy("Another person publishes it now."), step=""),
    }

    def subject(self) -> ProgramVersion:
        return one_or_404(versions(self.actor), reference=self.kwargs["reference"])

    def page(self, version: ProgramVersion, status: int = 200, bound=None) -> HttpResponse:
        context = {
            "heading": documents.title(version),
            "lead": version.reason,
            "crumbs": program_console.version_crumbs(version),
            "status": program_shown.status(version),
            "version": version,
            "facts": _facts(version),
            "changes": self._changes(version),
            "buttons": self._buttons(version, bound or {}),
            "edit": self._edit(version),
            "four_eyes": self._barred(version),
            "opened": next(iter(bound or {}), ""),
            "form": next(iter((bound or {}).values()), None),
        }
        return self.show("tiers/program/version.html", context | self._what_if(version), status)

    def _changes(self, version: ProgramVersion) -> Table:
        before = self._before(version)
        return program_shown.changes(documents.changes(before, version.definition), before, version.definition)

    def _before(self, version: ProgramVersion) -> Mapping:
        """What a draft would change, or what a version changed; nothing for the first one."""
        if version.status in OPEN:
            return documents.document(version.program)
        rows = versions(self.actor).filter(program=version.program, number__lt=version.number or 0)
        before = rows.order_by("-number").first()
        return before.definition if before else version.definition

    def _what_if(self, version: ProgramVersion) -> dict:
        if version.status not in OPEN:
            return {}
        found = previews.preview(version.program, version.definition, by=self.actor, at=self.at)
        costs = program_shown.costs(found) if found.costed else None
        return {"found": found, "costs": costs, "unknown": [metric_name(metric) for metric in found.unknown]}

    def _buttons(self, version: ProgramVersion, bound: Mapping) -> list:
        """What the reader may do: verb, label, form, whether it is the one to expect."""
        steps = {c.step.name: c.step.label for c in VERSION.menu(version, by=self.actor, at=self.at)}
        if version.status == VersionStatus.IN_FORCE and version.number and version.number > 1:
            steps |= {"undo": _("Undo: publish the version before anew")} if self.actor.can("program.edit") else {}
        if self._barred(version):
            steps.pop("publish", None)
        main = ("publish", "request")
        return [
            (verb, steps[verb], bound.get(verb) or self._blank(verb, action, version), verb in main)
            for verb, action in self.actions.items()
            if verb in steps
        ]

    def _blank(self, verb: str, action: Action, version: ProgramVersion):
        known = {"effective_on": version.wanted_from} if verb == "publish" else {"reason": version.reason}
        return (
            action.form(initial=known if verb in ("publish", "request") else None, auto_id=f"id_{verb}_%s")
            if action.form
            else None
        )

    def _barred(self, version: ProgramVersion) -> str:
        """Why somebody who may publish can't publish this one."""
        mine = version.status == VersionStatus.REQUESTED and str(self.actor.id) in version.editors
        return _("You wrote this draft. Another person publishes it.") if mine else ""

    def _edit(self, version: ProgramVersion) -> Button | None:
        may = version.status == VersionStatus.DRAFT and self.actor.can("program.edit")
        href = reverse("admin:program_version_edit", args=[version.reference])
        return Button(_("Edit"), href=href, tone="primary", icon="edit") if may else None

    def after(self, version) -> str:
        return version.get_console_url()


def _facts(version: ProgramVersion) -> list[Fact]:
    told = [
        Fact(_("Reference"), version.reference),
        Fact(_("Made from"), str(version.based_on) if version.based_on else None),
        Fact(_("In force from"), version.effective_from or version.wanted_from),
        Fact(_("Asked for"), version.requested_at),
        Fact(_("Published"), version.published_at),
        Fact(_("Published by"), version.published_by),
        Fact(_("Words of the second person"), version.answer),
    ]
    return [fact for fact in told if fact.value]


class VersionEdit(ConsoleActionPage):
    """A draft as a form of its figures, and whole as text."""

    workflow = VERSION
    permission = "program.edit"
    actions = {
        "figures": Action(services.edit_draft, program_form.Figures, gettext_lazy("Saved."), step="edit"),
        "text": Action(services.edit_draft, program_form.Whole, gettext_lazy("Saved."), step="edit"),
    }

    def subject(self) -> ProgramVersion:
        return one_or_404(versions(self.actor), reference=self.kwargs["reference"])

    def bind(self, action, subject):
        if action.form is program_form.Figures:
            return program_form.Figures(subject.definition, self.request.POST)
        return super().bind(action, subject)

    def page(self, version: ProgramVersion, status: int = 200, bound=None) -> HttpResponse:
        if version.status != VersionStatus.DRAFT and status == 200:
            return redirect(version.get_console_url())
        bound = bound or {}
        text = {"definition": files.text(rules.normal(version.definition)), "reason": version.reason}
        context = {
            "heading": _("Edit %s") % documents.title(version),
            "crumbs": program_console.version_crumbs(version),
            "version": version,
            "figures": bound.get("figures")
            or program_form.Figures(version.definition, initial={"reason": version.reason}),
            "whole": bound.get("text") or program_form.Whole(initial=text, auto_id="id_text_%s"),
            "opened": next(iter(bound), ""),
            "form": next(iter(bound.values()), None),
        }
        return self.show("tiers/program/edit.html", context, status)

    def after(self, version) -> str:
        return version.get_console_url()


class Movers(ConsolePage):
    """Everybody under both rules as CSV: the tiers, the amounts, the arithmetic's parts."""

    def get(self, request, reference):
        version = one_or_404(versions(self.actor), reference=reference)
        found = previews.preview(version.program, version.definition, by=self.actor, at=self.at)
        response = HttpResponse("".join(csv_lines(_COLUMNS, map(_movers_row, found.lines))), "text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{version.reference}-{self.at:%Y-%m-%d}.csv"'
        return response


_COLUMNS = tuple(
    (name, name, "text")
    for name in (
        "partner", "reference", "stands_on", "would_stand_on", "earned_now", "earned_then", "moves", "resale",
        "margin_points", "margin", "revenue", "mdf_points", "mdf", "currency",
    )
)  # fmt: skip


def _movers_row(line: previews.Line) -> tuple:
    tiers = (line.stands_on, line.would_stand, line.earned_now, line.earned_then)
    return (
        line.partner.name, line.partner.reference, *(t.name if t else "" for t in tiers),
        {1: "up", -1: "down", 0: ""}[line.moves], f"{line.resale.amount:.2f}", f"{line.margin_points}",
        f"{line.margin.amount:.2f}", f"{line.revenue.amount:.2f}", f"{line.accrual_points}", f"{line.mdf.amount:.2f}",
        line.margin.currency,
    )  # fmt: skip


program_patterns = [
    path("program/", program_console.Overview.as_view(), name="program"),
    path("program/file.yaml", program_console.ProgramFile.as_view(), name="program_file"),
    path("program/types/", program_console.Types.as_view(), name="program_types"),
    path("program/tiers/", program_console.Tiers.as_view(), name="program_tiers"),
    path("program/benefits/", program_console.Benefits.as_view(), name="program_benefits"),
    path("program/sections/<slug:key>/", program_console.SectionPage.as_view(), name="program_section"),
    path("program/versions/", Versions.as_view(), name="program_versions"),
    path("program/new/<slug:verb>/", Versions.as_view(), name="program_versions_verb"),
    path("program/versions/<str:reference>/", VersionPage.as_view(), name="program_version"),
    path("program/versions/<str:reference>/movers.csv", Movers.as_view(), name="program_movers"),
    path("program/versions/<str:reference>/edit/", VersionEdit.as_view(), name="program_version_edit"),
    path("program/versions/<str:reference>/edit/<slug:verb>/", VersionEdit.as_view(), name="program_version_edit_verb"),
    path("program/versions/<str:reference>/<slug:verb>/", VersionPage.as_view(), name="program_version_verb"),
]
