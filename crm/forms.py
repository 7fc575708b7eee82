"""Uploads and the meaning of columns, from words of a form to particulars."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.forms import TextField
from crm import guess, mapping, uploads, words
from crm.fields import FIELDS
from crm.mapping import MappingError
from crm.models import Import, ImportFile
from crm.particulars import Meaning, NewImport, Start
from crm.reading import Unreadable

SEVERAL = "several"
_FORMATS = [
    ("%Y-%m-%d", "2026-12-31"),
    ("%m/%d/%Y", "12/31/2026"),
    ("%d/%m/%Y", "31/12/2026"),
    ("%d.%m.%Y", "31.12.2026"),
    ("%d-%m-%Y", "31-12-2026"),
    ("%Y/%m/%d", "2026/12/31"),
    ("%m/%d/%y", "12/31/26"),
    ("%d/%m/%y", "31/12/26"),
]


class _Files(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One file or several."""

    widget = _Files(attrs={"accept": ",".join((*uploads.SUFFIXES, ".gz"))})

    def clean(self, data, initial=None):
        several = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(one, initial) for one in several] if several else super().clean(None)


def _offer(form: forms.Form, name: str, choices: list[tuple[str, Any]]) -> None:
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
        _offer(self, "kind", [*kinds, (SEVERAL, _("Several of these, one file each"))])
        _offer(self, "saved", [("", _("None: guess from the names of columns")), *((name, name) for name in saved)])
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


class MeaningForm(forms.Form):
    """What the columns of one file mean: a column for each of our fields, and ours for each word of a choice."""

    id = forms.ChoiceField(
        label=gettext_lazy("Known by"),
        help_text=gettext_lazy("The column whose value names a row for ever, so that a second import finds it again."),
    )

    def __init__(self, data=None, *, of: Import, file: ImportFile) -> None:
        self.file, self.meant = file, of.mapping or {"files": {}}
        self.one: dict[str, Any] = self.meant["files"].get(file.kind, {})
        super().__init__(data, initial=self._initial())
        columns = [(name, name) for name in dict.fromkeys(file.columns) if name]
        _offer(self, "id", columns)
        for name in FIELDS[file.kind]:
            self.fields[f"field_{name}"] = forms.ChoiceField(
                label=words.FIELDS[name], required=False, choices=[("", _("Leave out")), *columns]
            )
        self._add_rest()
        for name, word in self._foreign():
            self.fields[_slot(name, word)] = forms.ChoiceField(
                label=_("“%s” means") % word, choices=_choices(name, file.kind), required=False
            )
        self._add_end()

    mark_optional = False

    def _initial(self) -> dict[str, Any]:
        told = {f"field_{name}": column for name, column in self.one.get("fields", {}).items()}
        for name, table in self.meant.get("values", {}).items():
            told |= {_slot(name, word): ours for word, ours in table.items()}
        plain = {name: self.meant[name] for name in ("date_format", "currency", "system") if name in self.meant}
        claims = self.meant.get("registrations") == "from_opportunities"
        return told | plain | {
            "id": self.one.get("id", ""), "registrations": claims, "estimate": "estimate" in self.meant,
        }  # fmt: skip

    def _foreign(self) -> Iterator[tuple[str, str]]:
        """The words of choices that are not ours."""
        for name, column in self.one.get("fields", {}).items():
            rule = FIELDS[self.file.kind].get(name)
            ours = rule.choices.values if rule and rule.choices else None
            for word in self.file.words.get(column, ()) if ours else ():
                if word not in ours:
                    yield name, word

    def _add_rest(self) -> None:
        kind = self.file.kind
        written = dict(_FORMATS) | {
            f: f for f in [self.meant.get("date_format", "%Y-%m-%d")] if f not in dict(_FORMATS)
        }
        if any(rule.kind == "date" for rule in FIELDS[kind].values()):
            self.fields["date_format"] = forms.ChoiceField(label=_("Days are written"), choices=list(written.items()))
        if any(rule.kind == "amount" for rule in FIELDS[kind].values()):
            self.fields["currency"] = TextField(label=_("Currency of amounts"), max_length=3, initial="USD")
        self.fields["system"] = TextField(
            label=_("Name of the CRM"),
            max_length=40,
            initial="crm",
            help_text=_("In small letters. Rows of different systems are kept apart."),
        )

    def _add_end(self) -> None:
        if self.file.kind == "opportunities":
            self.fields["registrations"] = forms.BooleanField(
                label=_("A partner's opportunity counts as registered and approved when it was opened"), required=False
            )
            self.fields["estimate"] = forms.BooleanField(
                label=_("Open ones without an amount get the product's list price, marked as estimated"), required=False
            )
        self.fields["save_as"] = TextField(
            label=_("Save these settings as"),
            max_length=80,
            required=False,
            help_text=_("For the next file like this."),
        )

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if not self.errors:
            self.mapping = self._mapping(told)
            try:
                mapping.of(self.mapping, self.file.name)
            except MappingError as error:
                raise ValidationError(
                    [_told(problem.path, problem.reason) for problem in error.problems[:20]]
                ) from error
        return told

    def _mapping(self, told: dict[str, Any]) -> dict[str, Any]:
        kind = self.file.kind
        fields = {name: told[f"field_{name}"] for name in FIELDS[kind] if told[f"field_{name}"]}
        one = {**self.one, "path": self.one.get("path", f"{kind}.csv"), "id": told["id"], "fields": fields}
        plain = {name: told[name] for name in ("date_format", "currency", "system") if told.get(name)}
        made = {**self.meant, "schema": "1", **plain, "files": {kind: one}, "values": self._values(told, fields)}
        for name, value in (("registrations", "from_opportunities"), ("estimate", {"amount": "product.list_price"})):
            made.pop(name, None)
            if told.get(name):
                made[name] = value
        return made

    def _values(self, told: dict[str, Any], fields: dict[str, str]) -> dict[str, dict[str, str]]:
        """What words mean: as told here, else as told before, else as guessed."""
        found = guess.values_of(self.file.kind, fields, self.file.words)
        for name, table in self.meant.get("values", {}).items():
            found[name] = found.get(name, {}) | table
        for name, word in self._foreign():
            if ours := told.get(_slot(name, word)):
                found.setdefault(name, {})[word] = ours
            else:
                found.get(name, {}).pop(word, None)
        return {name: table for name, table in found.items() if table}

    def particulars(self) -> Meaning:
        return Meaning(self.mapping, self.cleaned_data["save_as"])


def _slot(name: str, word: str) -> str:
    return f"word_{name}_{sha256(word.encode()).hexdigest()[:16]}"


def _choices(name: str, kind: str) -> list[tuple[str, Any]]:
    rule = FIELDS[kind][name]
    assert rule.choices is not None
    return [("", _("Nothing: such rows are invalid")), *rule.choices.choices]


def _told(path: str, reason: str) -> str:
    field = next((str(words.FIELDS[part]) for part in path.split(".")[::-1] if part in words.FIELDS), "")
    return f"{field}: {reason}" if field else reason
