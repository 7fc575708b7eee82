"""Words to values: what people say about lines, payouts and bank details."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.files.sheets import SheetField
from core.forms import AmountField, LongSelect
from core.forms import TextField as Text
from earnings.particulars import Objection, Verdict
from earnings.payout_particulars import Answer, BankAccount, Because, Period
from partners.countries import COUNTRIES

_COUNTRIES = [("", _("Choose a country")), *COUNTRIES]
_PAID, _FAILED = {"settled", "paid", "ok", "accepted"}, {"failed", "rejected", "returned"}


def _words(label: Any, *, hint: Any = "") -> Text:
    return Text(label=label, max_length=2000, help_text=hint, widget=forms.Textarea({"rows": 3}))


class DisputeForm(forms.Form):
    text = _words(_("What is wrong with this line?"), hint=_("We answer within 15 days. The line waits until then."))

    def particulars(self) -> Objection:
        return Objection(self.cleaned_data["text"])


class VerdictForm(forms.Form):
    text = _words(_("Answer"), hint=_("The partner reads exactly this."))

    def particulars(self) -> Verdict:
        return Verdict(self.cleaned_data["text"])


class UpholdForm(VerdictForm):
    amount = AmountField(label=_("What the line should have been"), required=False, positive=False,
                         help_text=_("The difference becomes a line of its own. Empty: the line stands."))  # fmt: skip

    def particulars(self) -> Verdict:
        return Verdict(self.cleaned_data["text"], self.cleaned_data["amount"])


class ReasonForm(forms.Form):
    reason = Text(label=_("Reason"), max_length=500, widget=forms.Textarea({"rows": 2}))

    def particulars(self) -> Because:
        return Because(self.cleaned_data["reason"])


class PeriodForm(forms.Form):
    """Which month."""

    period = forms.RegexField(
        r"\A20\d\d-(0[1-9]|1[0-2])\Z", label=_("Month"), widget=forms.TextInput({"type": "month"}),
        error_messages={"invalid": _("Enter a month like 2026-10.")},
    )  # fmt: skip

    def particulars(self) -> Period:
        year, month = self.cleaned_data["period"].split("-")
        return Period(date(int(year), int(month), 1))


class BankForm(forms.Form):
    """Where the money goes. Whoever changes it enters the own password again."""

    holder = Text(label=_("Account holder"), max_length=140)
    country = forms.ChoiceField(label=_("Country of the bank"), choices=_COUNTRIES, widget=LongSelect)
    account = Text(label=_("IBAN or account number"), max_length=42, widget=forms.TextInput({"autocomplete": "off"}))
    code = Text(label=_("BIC, routing or branch number"), max_length=15, required=False,
                help_text=_("An IBAN may come without."))  # fmt: skip
    bank = Text(label=_("Name of the bank"), max_length=140, required=False)
    password = forms.CharField(
        label=_("Your password"), widget=forms.PasswordInput({"autocomplete": "current-password"}),
        help_text=_("So that nobody changes this from an open screen."),
    )  # fmt: skip

    def __init__(self, *args: Any, user: Any, **more: Any):
        super().__init__(*args, **more)
        self.user = user

    def clean_password(self) -> str:
        if not self.user.check_password(self.cleaned_data["password"]):
            raise ValidationError(_("This is not your password."), code="password")
        return ""

    def particulars(self) -> BankAccount:
        known = self.cleaned_data
        return BankAccount(known["holder"], known["country"], known["account"], known["code"], known["bank"])


class AnswersForm(forms.Form):
    """The bank's answers, a row for each payout."""

    file = SheetField(
        needed=["payout", "status"], missing=_("The first line must name the columns payout and status."), megabytes=5,
        label=_("Answers of the bank (CSV)"),
        help_text=_("Columns: payout, status (settled or failed), reference, reason."),
    )  # fmt: skip

    def clean_file(self) -> list[Answer]:
        return _answers(self.cleaned_data["file"])

    def particulars(self) -> list[Answer]:
        return self.cleaned_data["file"]


def _answers(rows: list[tuple[int, dict[str, str]]]) -> list[Answer]:
    """What the rows say. Raises ValidationError that names the lines which can't be read."""
    found, bad = [], []
    for n, row in rows:
        status = row.get("status", "").lower()
        if not row.get("payout") or status not in _PAID | _FAILED:
            bad.append(str(n))
            continue
        found.append(Answer(row["payout"], status in _PAID, row.get("reference", ""), row.get("reason", "")))
    if bad:
        raise ValidationError(_("Lines %s name no payout or no status (settled or failed).") % ", ".join(bad[:10]))
    if not found:
        raise ValidationError(_("The file holds no answers."), code="empty")
    return found
