"""How every form is drawn: label, hint, error, then the control, with native date fields. FORM_RENDERER names it."""

from django import forms
from django.forms.renderers import TemplatesSetting

NATIVE = {
    forms.DateInput: ("date", "%Y-%m-%d"),
    forms.DateTimeInput: ("datetime-local", "%Y-%m-%dT%H:%M"),
    forms.TimeInput: ("time", "%H:%M"),
}
INPUT_MODES = {forms.DecimalField: "decimal", forms.FloatField: "decimal", forms.IntegerField: "numeric"}


class Field(forms.BoundField):
    """A field as templates/django/forms/field.html draws it."""

    def __init__(self, form, field, name):
        super().__init__(form, field, name)
        native = NATIVE.get(type(field.widget))
        if native and field.widget.format is None:
            field.widget.input_type, field.widget.format = native

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
