"""The console's pages of imports."""

from io import StringIO
from typing import ClassVar

from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.console import ConsoleActionPage, ConsolePage
from core.doors import Action, one_or_404
from core.errors import Refused
from core.ids import parse_public_id
from core.parts import Action as Button
from core.parts import Crumb
from crm import forms, mapping, problem_file, queries, services, shown, uploads
from crm.enums import AT_WORK, STARTABLE, ImportStatus
from crm.mapping import MappingError
from crm.models import Import, ImportFile
from crm.reading import Unreadable
from crm.workflow import IMPORT

_LISTED = 200


def _crumbs() -> list[Crumb]:
    return [Crumb(_("Imports"), reverse("admin:imports"))]


class Imports(ConsolePage):
    permission = "crm.import"

    def get(self, request):
        found = list(queries.imports(self.actor).order_by("-created_at")[:_LISTED])
        context = {
            "heading": _("Imports"),
            "lead": _("Accounts, products, partners, opportunities and revenue from files of your CRM."),
            "primary": Button(_("New import"), href=reverse("admin:import_new"), tone="primary", icon="plus"),
            "table": shown.listing(found) if found else None,
            "empty": _("No imports yet. Upload a file that your CRM exported."),
        }
        return self.show("partners/console_table.html", context)


class ImportNew(ConsolePage):
    permission = "crm.import"

    def get(self, request):
        return self.page(self.form())

    def form(self, *data) -> forms.UploadForm:
        return forms.UploadForm(*data, saved={one.name: one.data for one in queries.saved(self.actor)})

    def post(self, request):
        form = self.form(request.POST, request.FILES)
        if not form.is_valid():
            return self.page(form, 422)
        with transaction.atomic():
            made = services.upload(form.particulars(), by=self.actor, at=self.at)
        return redirect(shown.address(made))

    def page(self, form, status: int = 200) -> HttpResponse:
        context = {"heading": _("New import"), "crumbs": _crumbs(), "form": form}
        return self.show("crm/new.html", context, status)


class _OfImport:
    """Pages about one import."""

    permission: ClassVar[str] = "crm.import"

    def subject(self) -> Import:
        pk = parse_public_id(Import.prefix, self.kwargs["imp"])  # type: ignore[attr-defined]
        return one_or_404(queries.imports(self.actor), pk=pk)  # type: ignore[attr-defined]


class ImportPage(_OfImport, ConsoleActionPage):
    actions: ClassVar = {
        "explain": Action(services.explain, forms.MeaningForm, gettext_lazy("Saved. Look at the first rows below.")),
        "check": Action(services.check),
        "start": Action(services.start, forms.StartForm),
        "stop": Action(services.stop, None, gettext_lazy("Stopped. What was loaded stays.")),
        "go_on": Action(services.go_on),
        "discard": Action(services.discard, None, gettext_lazy("Discarded. The file is gone.")),
    }

    def post(self, request, *args, verb: str = "", **kwargs):
        return self._explain(request) if verb == "explain" else super().post(request, *args, verb=verb, **kwargs)

    def _explain(self, request) -> HttpResponse:
        """The form of this very file: its columns are the choices."""
        one = self.subject()
        files = queries.files(one)
        if len(files) != 1 or one.status not in STARTABLE:
            raise Http404
        form = forms.MeaningForm(request.POST, of=one, file=files[0])
        if not form.is_valid():
            return self.page(one, 422, {"explain": form})
        try:
            self.run(self.actions["explain"], one, form)
        except Refused as refusal:
            return self.refused(one, "explain", form, refusal)
        return redirect(f"{shown.address(one)}#preview")

    def page(self, one: Import, status: int = 200, bound=None) -> HttpResponse:
        bound, files = bound or {}, queries.files(one)
        context = {
            "heading": one.name or _("Import"),
            "status": shown.state(one),
            "crumbs": _crumbs(),
            "one": one,
            "here": shown.address(one),
            "facts": shown.facts(one, files),
            "menu": {c.step.name: c for c in IMPORT.menu(one, by=self.actor, at=self.at)},
            "form": bound.get("explain") or bound.get("start"),
            **self._counts(one, files),
        }
        if one.status in STARTABLE and not one.forgotten_at:
            context |= self._settings(one, files, bound)
        if one.status in AT_WORK:
            context |= progress_of(one, self.at)
        return self.show("crm/import.html", context, status)

    def after(self, one: Import) -> str:
        return shown.address(one)

    def _counts(self, one: Import, files: list[ImportFile]) -> dict:
        """What came of it, as far as it is."""
        bad = queries.problems(one)
        with_problems = set(bad.order_by().values_list("kind", flat=True).distinct())
        return {
            "counts": shown.counts(one),
            "made": shown.made(one),
            "remarks": shown.notes(one),
            "reasons": shown.reasons(one),
            "problems": shown.problems(list(bad[: queries.SHOWN])),
            "problem_count": bad.count(),
            "downloads": [] if one.forgotten_at else [file for file in files if file.kind in with_problems],
        }

    def _settings(self, one: Import, files: list[ImportFile], bound: dict) -> dict:
        """The settings, as a form where there is one file, and what they make of the first rows."""
        context: dict = {"start_form": bound.get("start") or forms.StartForm(initial={"all_or_nothing": False})}
        if len(files) == 1:
            context["meaning"] = bound.get("explain") or forms.MeaningForm(of=one, file=files[0])
        try:
            meant = mapping.of(one.mapping, one.name) if one.mapping else None
        except MappingError as error:
            return context | {"wrong": [problem.reason for problem in error.problems[:20]]}
        if meant:
            wrong = shown.missing(meant, [file for file in files if file.kind in meant.files])
            context |= {"wrong": wrong} if wrong else {"previews": shown.previews(meant, files)}
        return context


def progress_of(one: Import, at) -> dict:
    progress = queries.progress(one, at)
    waiting = one.status == ImportStatus.WAITING
    return {
        "label": _("Waiting for a worker") if waiting else _("Rows read"),
        "done": progress.done,
        "of": 0 if waiting else progress.of,
        "url": reverse("admin:import_progress", args=[one.public_id]) + ("?was=waiting" if waiting else ""),
        "note": " · ".join(filter(None, (shown.pace(progress), _("You can leave this page. The import goes on.")))),
    }


class ImportProgress(_OfImport, ConsolePage):
    """The piece of the page that asks for news; when the state has changed, the whole page is loaded anew."""

    def get(self, request, imp: str):
        one = self.subject()
        begun = request.GET.get("was") == "waiting" and one.status == ImportStatus.RUNNING
        if begun or one.status not in AT_WORK:
            return HttpResponse(headers={"HX-Refresh": "true"})
        return self.show("parts/progress.html", progress_of(one, self.at))


class ImportProblems(_OfImport, ConsolePage):
    """The rows that were not loaded, with line and reason, to put right and upload again."""

    def get(self, request, imp: str, kind: str):
        one = self.subject()
        file = next((file for file in queries.files(one) if file.kind == kind), None)
        if file is None or one.forgotten_at:
            raise Http404
        answer = HttpResponse(self._content(one, file), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="not-loaded-{file.kind}.csv"'
        return answer

    def _content(self, one: Import, file: ImportFile) -> str:
        reasons = dict(queries.problems(one, file.kind).values_list("line", "why"))
        known = one.mapping.get("files", {}).get(file.kind, {})
        text = StringIO()
        try:
            with uploads.written_out([file]) as paths:
                table = uploads.table_of(paths[file.kind], known.get("encoding", ""), known.get("delimiter", ""))
                problem_file.write(table, reasons, text)
        except Unreadable as error:
            raise Http404 from error
        return text.getvalue()


console_patterns = [
    path("imports/", Imports.as_view(), name="imports"),
    path("imports/new/", ImportNew.as_view(), name="import_new"),
    path("imports/<str:imp>/", ImportPage.as_view(), name="import"),
    path("imports/<str:imp>/progress/", ImportProgress.as_view(), name="import_progress"),
    path("imports/<str:imp>/not-loaded/<slug:kind>.csv", ImportProblems.as_view(), name="import_problems"),
    path("imports/<str:imp>/<slug:verb>/", ImportPage.as_view(), name="import_verb"),
]
