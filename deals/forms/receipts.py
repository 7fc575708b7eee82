"""A receipt that somebody wants to have checked."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

LARGEST = 2_000_000  # bytes; a receipt has some tens of thousands


class CheckReceipt(forms.Form):
    file = forms.FileField(
        label=_("Receipt, as PDF or JSON"),
        help_text=_("The file as you downloaded it. It is checked here and not kept."),
        error_messages={"required": _("Choose the receipt."), "empty": _("This file is empty. Choose the receipt.")},
    )

    def clean_file(self) -> bytes:
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise ValidationError(_("This file is too large for a receipt. Choose the one you downloaded."))
        return file.read()
