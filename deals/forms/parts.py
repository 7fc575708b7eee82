"""Fields as the forms of deals use them."""

from django import forms

from core.forms import TextField

PHONEBOOK = {"autocomplete": "off"}


def text(label, *, hint="", missing=None, length=200, **attrs):
    """One line; `missing` is what to say when it is empty, None makes it optional."""
    widget = forms.TextInput(attrs=PHONEBOOK | attrs)
    messages = {"required": missing} if missing else None
    return TextField(
        label=label, help_text=hint, required=bool(missing), max_length=length, widget=widget, error_messages=messages
    )


def long(label, *, hint="", missing=None, length=2000, rows=3):
    widget = forms.Textarea(attrs={"rows": rows})
    messages = {"required": missing} if missing else None
    return TextField(
        label=label, help_text=hint, required=bool(missing), max_length=length, widget=widget, error_messages=messages
    )


def must(sentence):
    return {"required": sentence}


def choices(form: forms.Form, name: str, choices: list) -> None:
    field = form.fields[name]
    if isinstance(field, forms.ChoiceField):
        field.choices = choices
