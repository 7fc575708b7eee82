"""A program's own questions as fields of a form; their names begin with cf_, as in the API."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import DateField
from deals.forms.parts import long, must
from deals.rules import ExtraField
from deals.shown import choice_words

PREFIX = "cf_"
_NUMBER = _("Enter a number.")


def field_for(question: ExtraField) -> forms.Field:
    return _MAKERS[question.type](question)


def _text(question: ExtraField) -> forms.Field:
    return long(question.label, rows=2, missing=_("Answer this.") if question.required else None)


def _number(question: ExtraField) -> forms.Field:
    messages = must(_NUMBER) | {"invalid": _NUMBER}
    return forms.DecimalField(label=question.label, required=question.required, error_messages=messages)


def _date(question: ExtraField) -> forms.Field:
    messages = {"required": _("Enter a date."), "invalid": _("Enter a date like 2026-12-31.")}
    return DateField(label=question.label, required=question.required, error_messages=messages)


def _choice(question: ExtraField) -> forms.Field:
    choices = [("", _("Choose")), *((one, choice_words(one)) for one in question.choices)]
    return forms.ChoiceField(
        label=question.label, choices=choices, required=question.required, error_messages=must(_("Choose."))
    )


def _yes_no(question: ExtraField) -> forms.Field:
    choices = [("", _("Choose")), ("yes", _("Yes")), ("no", _("No"))]
    return forms.ChoiceField(
        label=question.label, choices=choices, required=question.required, error_messages=must(_("Choose."))
    )


_MAKERS = {"text": _text, "number": _number, "date": _date, "choice": _choice, "yes_no": _yes_no}
_STORED: dict[str, Callable[[Any], Any]] = {
    "number": str,
    "date": lambda day: day.isoformat(),
    "yes_no": lambda word: word == "yes",
}


def answers(questions: Sequence[ExtraField], cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """Key → answer as it is kept; questions without an answer are left out."""
    given = ((q, cleaned.get(PREFIX + q.key)) for q in questions)
    return {q.key: _STORED.get(q.type, lambda v: v)(value) for q, value in given if value not in (None, "")}


def typed(questions: Sequence[ExtraField], extra: Mapping[str, Any]) -> dict[str, Any]:
    """Field name → what stands in the field for the answers that are kept."""
    known = ((q, extra[q.key]) for q in questions if extra.get(q.key) is not None)
    return {PREFIX + q.key: ("yes" if value else "no") if q.type == "yes_no" else value for q, value in known}
