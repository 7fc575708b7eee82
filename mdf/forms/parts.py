"""Fields as the forms of market funds use them."""

from typing import Any

from django import forms

from core.forms import TextField


def must(sentence: Any) -> dict[str, Any]:
    return {"required": sentence}


def text(label: Any, *, hint: Any = "", missing: Any = None, length: int = 200, **attrs: str) -> TextField:
    """One line; `missing` is what to say when it is empty, None makes it optional."""
    widget = forms.TextInput(attrs={"autocomplete": "off"} | attrs)
    return TextField(
        label=label, help_text=hint, required=bool(missing), max_length=length, widget=widget,
        error_messages=must(missing) if missing else None,
    )  # fmt: skip


def long(label: Any, *, hint: Any = "", missing: Any = None, length: int = 2000, rows: int = 3) -> TextField:
    return TextField(
        label=label, help_text=hint, required=bool(missing), max_length=length,
        widget=forms.Textarea(attrs={"rows": rows}), error_messages=must(missing) if missing else None,
    )  # fmt: skip


def count(label: Any, *, hint: Any = "") -> forms.IntegerField:
    """How many of something, if one knows."""
    return forms.IntegerField(label=label, help_text=hint, required=False, min_value=0, max_value=2_000_000_000)
