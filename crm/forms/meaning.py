"""What the columns of a file mean, from words of a form to a mapping."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.forms import TextField
from crm import guess, mapping, words
from crm.fields import FIELDS
from crm.forms.uploading import offer
from crm.mapping import MappingError
from crm.models import Import, ImportFile
from crm.particulars import Meaning

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
        offer(self, "id", columns)
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
        other = {"id": self.one.get("id", ""), "aliases": _lines(self.meant.get("aliases", {}))}
        return told | plain | other | {"registrations": claims, "estimate": "estimate" in self.meant}

    def _foreign(self) -> Iterator[tuple[str, str]]:
        """The words of choices that are not ours."""
        for name, column in self.one.get("fields", {}).items():
            rule = FIELDS[self.file.kind].get(name)
            ours = rule.choices.values if rule and rule.choices else []
            foreign = (word for word in self.file.words.get(column, ()) if word not in ours)
            yield from ((name, word) for word in foreign if ours)

    def _references(self) -> list[str]:
        """The kinds of records that this file may refer to."""
        named = {"parent": "account"}
        rules = FIELDS[self.file.kind]
        return [named.get(name, name) for name, rule in rules.items() if rule.kind == "reference"]

    def clean_aliases(self) -> dict[str, dict[str, str]]:
        """Kind → their name → ours."""
        found: dict[str, dict[str, str]] = {}
        for line in filter(None, map(str.strip, self.cleaned_data["aliases"].splitlines())):
            kind, _colon, rest = line.partition(":")
            theirs, _equals, ours = (word.strip() for word in rest.partition("="))
            if kind.strip().lower() not in self._references() or not theirs or not ours:
                known = ", ".join(self._references())
                raise ValidationError(
                    _("Write “%(line)s” as kind: other name = name. Kinds are %(kinds)s.")
                    % {"line": line[:60], "kinds": known}
                )
            found.setdefault(kind.strip().lower(), {})[theirs] = ours
        return found

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
        if self._references():
            known = {"opportunities": "product: GTXPro = GTX Pro", "revenue_events": "opportunity: Order 17 = O17"}
            example = known.get(self.file.kind, "account: Acme Inc = Acme")
            hint = _("Where rows name a record otherwise than its own file does. One a line, like %s.") % example
            self.fields["aliases"] = TextField(
                label=_("Other names"), required=False, help_text=hint, widget=forms.Textarea(attrs={"rows": 3})
            )
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
        if "aliases" in told:
            made["aliases"] = told["aliases"]
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


def _lines(aliases: dict[str, dict[str, str]]) -> str:
    return "\n".join(f"{kind}: {theirs} = {ours}" for kind, table in aliases.items() for theirs, ours in table.items())


def _slot(name: str, word: str) -> str:
    return f"word_{name}_{sha256(word.encode()).hexdigest()[:16]}"


def _choices(name: str, kind: str) -> list[tuple[str, Any]]:
    rule = FIELDS[kind][name]
    assert rule.choices is not None
    return [("", _("Nothing: such rows are invalid")), *rule.choices.choices]


def _told(path: str, reason: str) -> str:
    field = next((str(words.FIELDS[part]) for part in path.split(".")[::-1] if part in words.FIELDS), "")
    return f"{field}: {reason}" if field else reason
