"""The figures of a draft as a form: thresholds, percentages, benefits on and off; all else stays as it is."""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import Refused
from core.forms import DateField
from core.forms import TextField as Text
from tiers import files, rules
from tiers.benefits import name_of
from tiers.naming import PROMOTIONS, sign
from tiers.particulars import DraftText, Publication, Words
from tiers.words import metric_name

_PERCENT_WORDS = {"discount_percent": gettext_lazy("Margin, %"), "mdf_accrual_percent": gettext_lazy("Market funds, %")}
_TEXT = 200_000


def _why(required: bool, label: Any = None) -> Text:
    return Text(
        label=label or gettext_lazy("What changes, and why"),
        required=required,
        max_length=1000,
        widget=forms.Textarea({"rows": 2}),
    )


@dataclass(frozen=True)
class Threshold:
    """A number in a rule: the way to it, and what it is of."""

    path: tuple[str | int, ...]
    label: str
    value: Decimal

    @property
    def field(self) -> str:
        return "value_" + "_".join(map(str, self.path))


def thresholds(rule: Any, path: tuple[str | int, ...]) -> Iterator[Threshold]:
    """The plain numbers of a rule, in order."""
    if not isinstance(rule, Mapping):
        return
    value = rule.get("value")
    if "metric" in rule and isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        words = f"{metric_name(str(rule['metric']))} {sign(rule.get('op', ''))}"
        yield Threshold((*path, "value"), words, Decimal(str(value)))
    for group in ("all", "any"):
        for i, one in enumerate(rule.get(group) or ()):
            yield from thresholds(one, (*path, group, i))


class Figures(forms.Form):
    """Made from a draft's definition; what is typed becomes the next text of the draft."""

    mark_optional = False

    def __init__(self, definition: Mapping[str, Any], data=None, **options):
        super().__init__(data, **options)
        self.definition = definition
        self.fields["promotion"] = forms.ChoiceField(
            label=_("A move up"), choices=list(PROMOTIONS.items()), initial=definition.get("promotion", "proposed")
        )
        self.fields["notice_days"] = forms.IntegerField(
            label=_("Days of notice before a move down"), min_value=0, max_value=365,
            initial=definition.get("notice_days", 60),
        )  # fmt: skip
        self.groups = [self._tier(i, tier) for i, tier in enumerate(definition["tiers"])]
        self.fields["reason"] = _why(False)

    def _tier(self, i: int, tier: Mapping[str, Any]) -> tuple[str, list[str]]:
        names = []
        for one in self._thresholds(i, tier):
            self.fields[one.field] = forms.DecimalField(label=one.label, min_value=0, initial=one.value)
            names.append(one.field)
        for name in rules.PERCENTS:
            self.fields[f"{name}_{i}"] = forms.DecimalField(
                label=_PERCENT_WORDS[name], min_value=0, max_value=100, max_digits=5, decimal_places=2,
                initial=rules.percent(tier, name),
            )  # fmt: skip
            names.append(f"{name}_{i}")
        self.fields[f"benefits_{i}"] = forms.MultipleChoiceField(
            label=_("Benefits"), required=False, widget=forms.CheckboxSelectMultiple,
            choices=[(kind, self._words(kind)) for kind in self.kinds],
            initial=[b["kind"] for b in rules.granted(tier)],
        )  # fmt: skip
        return tier["name"], [*names, f"benefits_{i}"]

    @property
    def kinds(self) -> list[str]:
        """Every benefit that the program knows, its percentages apart."""
        granted = (b["kind"] for tier in self.definition["tiers"] for b in rules.granted(tier))
        every = dict.fromkeys([*granted, *(self.definition.get("benefit_texts") or ())])
        return [kind for kind in every if not kind.endswith(("_percent", "_pct"))]

    def _words(self, kind: str) -> str:
        return (self.definition.get("benefit_texts") or {}).get(kind) or name_of(kind)

    def _thresholds(self, i: int, tier: Mapping[str, Any]) -> list[Threshold]:
        return [t for key in ("unlock", "requires") for t in thresholds(tier.get(key), ("tiers", i, key))]

    def by_tier(self) -> list[tuple[str, list[Any], Any]]:
        """Each tier's name, its numbers, its benefits."""
        return [(name, [self[field] for field in fields[:-1]], self[fields[-1]]) for name, fields in self.groups]

    def head(self) -> list[Any]:
        return [self["promotion"], self["notice_days"]]

    def particulars(self) -> DraftText:
        changed, told = deepcopy(dict(self.definition)), self.cleaned_data
        for name in ("promotion", "notice_days"):
            if name in self.changed_data:
                changed[name] = told[name]
        for i, tier in enumerate(changed["tiers"]):
            for one in self._thresholds(i, tier):
                if told[one.field] != one.value:
                    _put(changed, one.path, _plain(told[one.field]))
            for name in rules.PERCENTS:
                if told[f"{name}_{i}"] != rules.percent(tier, name):
                    _put_percent(tier, name, _plain(told[f"{name}_{i}"]))
            _put_benefits(tier, told[f"benefits_{i}"], self.kinds)
        return DraftText(changed, told["reason"] or None)


def _plain(value: Decimal) -> int | float:
    """A number as a file has it."""
    return int(value) if value == value.to_integral_value() else float(value)


def _put(definition: Any, path: tuple[str | int, ...], value: Any) -> None:
    for key in path[:-1]:
        definition = definition[key]
    definition[path[-1]] = value


def _put_percent(tier: dict[str, Any], name: str, value: Any) -> None:
    """Where the tier has it: among its benefits, or as a key of its own."""
    benefits = tier.get("benefits")
    if name in tier or not isinstance(benefits, list):
        tier[name] = value
        return
    own = [one for one in benefits if isinstance(one, dict) and one.get("kind") == name]
    if own:
        own[0]["value"] = value
    else:
        tier[name] = value


def _put_benefits(tier: dict[str, Any], chosen: list[str], kinds: list[str]) -> None:
    """Switches benefits on and off; those that stay keep their value and place."""
    before = {one["kind"] for one in rules.granted(tier)} & set(kinds)
    if before == set(chosen):
        return
    told = tier.get("benefits") or []
    if isinstance(told, Mapping):
        told = [{"kind": kind, "value": value} for kind, value in told.items()]
    kept = [b for b in told if (k := b if isinstance(b, str) else b["kind"]) in chosen or k not in kinds]
    tier["benefits"] = kept + [kind for kind in kinds if kind in chosen and kind not in before]


class Whole(forms.Form):
    """The whole draft as YAML."""

    mark_optional = False
    definition = forms.CharField(
        label=gettext_lazy("The whole program as text"), max_length=_TEXT, strip=False,
        widget=forms.Textarea({"rows": 30, "spellcheck": "false", "class": "mono"}),
        help_text=gettext_lazy("One program, as in its file. What is wrong is told with its place."),
    )  # fmt: skip
    reason = _why(False)

    def clean_definition(self) -> Mapping[str, Any]:
        return _one(_read(files.load, self.cleaned_data["definition"]))

    def particulars(self) -> DraftText:
        return DraftText(self.cleaned_data["definition"], self.cleaned_data["reason"] or None)


def _read(reader: Callable[..., Any], *words: str) -> Any:
    """What a reader of files makes of a text; its refusal is a fault of the field."""
    try:
        return reader(*words)
    except Refused as refusal:
        raise forms.ValidationError(str(refusal.reason).split("\n")) from refusal


def _one(found: Any) -> Mapping[str, Any]:
    """One program, written by itself or as the only one of a file."""
    if isinstance(found, Mapping) and isinstance(found.get("programs"), list) and len(found["programs"]) == 1:
        found = found["programs"][0]
    if not isinstance(found, Mapping) or not isinstance(found.get("tiers"), list):
        raise forms.ValidationError(_("Enter one program: keys and values, with its tiers."))
    return found


class FromFile(forms.Form):
    """A draft from a file."""

    mark_optional = False
    file = forms.FileField(label=gettext_lazy("A program's file"), widget=forms.FileInput({"accept": ".yaml,.yml"}))

    def clean_file(self) -> Mapping[str, Any]:
        sent = self.cleaned_data["file"]
        if sent.size > files.MOST_CHARACTERS:
            raise forms.ValidationError(_("This file is too long for a program."))
        try:
            told = _read(files.parse, sent.read().decode("utf-8-sig"), sent.name)
        except UnicodeDecodeError as error:
            raise forms.ValidationError(_("This is no UTF-8 text. Send the YAML file of a program.")) from error
        if len(told) != 1:
            raise forms.ValidationError(_("Send a file with one program."))
        return told[0]

    def particulars(self) -> DraftText:
        return DraftText(self.cleaned_data["file"])


class Ask(forms.Form):
    """From which day, and why."""

    effective_on = DateField(
        label=gettext_lazy("In force from"),
        required=False,
        help_text=gettext_lazy("Empty: as soon as it is published."),
    )
    reason = _why(False)

    def particulars(self) -> Publication:
        return Publication(self.cleaned_data["effective_on"], self.cleaned_data["reason"])


class Publish(Ask):
    reason = _why(False, gettext_lazy("Your words to it"))


class Say(forms.Form):
    reason = _why(True, gettext_lazy("Why"))

    def particulars(self) -> Words:
        return Words(self.cleaned_data["reason"])
