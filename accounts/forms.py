"""What people say about themselves."""

from functools import cache
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.enums import Theme
from accounts.particulars import Preferences
from core.forms import LongSelect, TextField


@cache
def zones() -> list[tuple[str, str]]:
    """Every time zone with a place in its name, and UTC."""
    named = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/")))
    return [("UTC", "UTC"), *((zone, zone.replace("_", " ")) for zone in named)]


class PreferencesForm(forms.Form):
    name = TextField(label=_("Your name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=zones, widget=LongSelect, help_text=_("All pages show times in it.")
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    theme = forms.ChoiceField(label=_("Colours"), choices=Theme.choices)
    shortcuts = forms.BooleanField(label=_("Use keyboard shortcuts"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if len(settings.LANGUAGES) == 1:
            self.fields["language"].required = False
            self.fields["language"].widget = forms.HiddenInput()

    def particulars(self) -> Preferences:
        values = self.cleaned_data
        return Preferences(**values | {"language": values["language"] or settings.LANGUAGE_CODE})


def preferences_of(user) -> dict[str, object]:
    """The form's values as they stand."""
    return {name: getattr(user, name) for name in ("name", "time_zone", "language", "theme", "shortcuts")}
