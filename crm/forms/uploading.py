"""Uploads and the meaning of columns, from words of a form to particulars."""

from pathlib import PurePosixPath
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import guess, mapping, uploads, words
from crm.fields import FIELDS
from crm.mapping import MappingError
from crm.particulars import NewImport, Start
from crm.reading import Unreadable

SEVERAL = "several"


class _Files(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One file or several."""

    widget = _Files(attrs={"accept": ",".join((*uploads.SUFFIXES, ".gz"))})

    def clean(self, data, initial=None):
        several = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(one, initial) for one in several] if several else super().clean(None)


def offer(form: forms.Form, name: str, choices: list[tuple[str, Any]]) -> None:
    field = form.fields[name]
    if isinstance(field, forms.ChoiceField):
        field.choices = choices


class UploadForm(forms.Form):
    """What the file holds, the file, and what its columns mean if somebody said so before."""

    kind = forms.ChoiceField(label=gettext_lazy("What it holds"))
    file = FilesField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("CSV (also .gz) or XLSX, up to 25 MB. The first row names the columns."),
        error_messages={
            "required": gettext_lazy("Choose a file."),
            "empty": gettext_lazy("The file is empty. Choose one with rows."),
        },
    )
    saved = forms.ChoiceField(label=gettext_lazy("Saved settings"), required=False)
    mapping = forms.FileField(
        label=gettext_lazy("Mapping file"),
        required=False,
        help_text=gettext_lazy("YAML, as for the command import_crm. Needed for several files at once."),
        widget=forms.FileInput(attrs={"accept": ".yaml,.yml"}),
    )

    def __init__(self, *args, saved: dict[str, dict], **options) -> None:
        super().__init__(*args, **options)
        self._saved = saved
        kinds = [(kind, words.KINDS[kind]) for kind in FIELDS]
        offer(self, "kind", [*kinds, (SEVERAL, _("Several of these, one file each"))])
        offer(self, "saved", [("", _("None: guess from the names of columns")), *((name, name) for name in saved)])
        if not saved:
            del self.fields["saved"]

    def clean_file(self) -> list:
        files = self.cleaned_data["file"]
        if uploads.total(files) > uploads.MOST_BYTES:
            raise ValidationError(_("Together these are larger than 25 MB. Compress them as .csv.gz, or send parts."))
        return files

    def clean_mapping(self) -> dict[str, Any] | None:
        file = self.cleaned_data["mapping"]
        if not file:
            return None
        if file.size > 2**20:
            raise ValidationError(_("A mapping file is smaller than 1 MB."))
        try:
            data = mapping.parsed(file.read(), uploads.shown_name(file.name))
            mapping.of(data, uploads.shown_name(file.name))
        except MappingError as error:
            raise ValidationError([str(problem) for problem in error.problems[:20]]) from error
        return data

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if self.errors:
            return told
        known = told["mapping"] or self._saved.get(told.get("saved", ""))
        if told["kind"] == SEVERAL:
            self._arrive(self._by_kind(known, told["file"]), known)
        elif len(told["file"]) > 1:
            self.add_error("file", _("Choose one file, or say that there are several."))
        elif known and told["kind"] not in known["files"]:
            self.add_error("kind", _("The settings say nothing about these. Choose others, or none."))
        else:
            self._arrive({told["kind"]: told["file"][0]}, known)
        return told

    def _by_kind(self, known: dict[str, Any] | None, files: list) -> dict[str, Any]:
        """Each file by what the mapping takes it for."""
        if not known:
            self.add_error("mapping", _("Add the mapping file that says which file holds what."))
            return {}
        names = {PurePosixPath(one["path"]).name: kind for kind, one in known["files"].items()}
        for one in files:
            if uploads.shown_name(one.name) not in names:
                self.add_error("file", _("The mapping does not name %s.") % uploads.shown_name(one.name))
        came = {uploads.shown_name(one.name): one for one in files}
        for name in names.keys() - came.keys():
            self.add_error("file", _("The mapping names %s. Add it.") % name)
        return {} if self.errors else {names[name]: one for name, one in came.items()}

    def _arrive(self, files: dict[str, Any], known: dict[str, Any] | None) -> None:
        arrived = {}
        for kind, file in files.items():
            try:
                arrived[kind] = uploads.arrive(file)
            except Unreadable as error:
                reason = {"file": uploads.shown_name(file.name), "why": error}
                self.add_error("file", _("%(file)s can't be used: %(why)s.") % reason)
        if arrived and not self.errors:
            self.new = NewImport(arrived, _only(known, arrived) if known else _guessed(arrived))

    def particulars(self) -> NewImport:
        return self.new


def _only(known: dict[str, Any], arrived: dict[str, Any]) -> dict[str, Any]:
    """The part of a mapping that speaks of these files."""
    kept = {**known, "files": {kind: known["files"][kind] for kind in arrived}}
    if "opportunities" not in arrived:
        kept = {name: value for name, value in kept.items() if name not in ("registrations", "estimate")}
    return kept if "partners" in arrived else {name: value for name, value in kept.items() if name != "direct"}


def _guessed(arrived: dict[str, uploads.Arrived]) -> dict[str, Any]:
    [(kind, one)] = arrived.items()
    return guess.mapping_of(kind, f"{kind}.csv", one.columns, one.words)


class StartForm(forms.Form):
    all_or_nothing = forms.BooleanField(
        label=gettext_lazy("All or nothing"),
        required=False,
        help_text=gettext_lazy("Load nothing when one row is invalid. Otherwise valid rows load, others are listed."),
    )

    def particulars(self) -> Start:
        return Start(self.cleaned_data["all_or_nothing"])
