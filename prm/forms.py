"""How every form is drawn: label, hint, error, then the control, with native date fields. FORM_RENDERER names it."""

from typing import Any

from django import forms
from django.contrib.admin import widgets as admin
from django.forms.renderers import TemplatesSetting

DATE, TIME = ("date", "%Y-%m-%d"), ("time", "%H:%M")
NATIVE = {
    forms.DateInput: DATE,
    admin.AdminDateWidget: DATE,
    admin.BaseAdminDateWidget: DATE,
    forms.TimeInput: TIME,
    admin.AdminTimeWidget: TIME,
    admin.BaseAdminTimeWidget: TIME,
    forms.DateTimeInput: ("datetime-local", "%Y-%m-%dT%H:%M"),
}
INPUT_MODES = {forms.DecimalField: "decimal", forms.FloatField: "decimal", forms.IntegerField: "numeric"}


def make_native(widget: Any) -> None:
    """The browser's own picker, not a text field: the admin's script, which breaks the policy, leaves it alone."""
    native = NATIVE.get(type(widget))
    if native and widget.format is None:
        widget.input_type, widget.format = native
        widget.attrs = {name: value for name, value in widget.attrs.items() if name not in {"class", "size"}}


class Field(forms.BoundField):
    """A field as templates/django/forms/field.html draws it."""

    def __init__(self, form, field, name):
        super().__init__(form, field, name)
        for widget in (field.widget, *getattr(field.widget, "widgets", ())):
            make_native(widget)
            widget.attrs.pop("placeholder", None)  # it vanishes when one types; hints stay

    @property
    def single_box(self) -> bool:
        """Is it one tick box, whose label stands beside it?"""
        return isinstance(self.field.widget, forms.CheckboxInput)

    @property
    def shows_optional(self) -> bool:
        return not self.field.required and getattr(self.form, "mark_optional", True)

    @property
    def first_id(self) -> str:
        """The id of the control that an error's link leads to."""
        return f"{self.auto_id}_0" if self.use_fieldset else self.id_for_label or self.auto_id

    def label_tag(self, contents=None, attrs=None, label_suffix=None, tag=None):
        return super().label_tag(contents, attrs, "" if label_suffix is None else label_suffix, tag)

    def labelled(self) -> str:
        """The control with its label inside: for cells of a table, whose heading is no label."""
        return self.as_widget(attrs={"aria-label": str(self.label)})

    def build_widget_attrs(self, attrs, widget=None):
        attrs = super().build_widget_attrs(attrs, widget)
        mode = next((mode for kind, mode in INPUT_MODES.items() if isinstance(self.field, kind)), None)
        if mode and not isinstance(widget or self.field.widget, forms.Select | forms.HiddenInput):
            attrs.setdefault("inputmode", mode)
        return attrs


class Renderer(TemplatesSetting):
    """Forms through the project's own templates."""

    form_template_name = "django/forms/form.html"
    bound_field_class = Field
