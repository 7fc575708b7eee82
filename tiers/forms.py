"""Words to values: what people say about tiers, exceptions and benefits."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.enums import Kind
from accounts.models import User
from core.forms import DateField
from core.forms import TextField as Text
from tiers.models import Tier
from tiers.particulars import Decision, Demotion, Figure, OverrideTerms, Plan, Waiver, Wish, Words
from tiers.words import metric_name

_READS = _("The partner reads exactly this.")


def _words(label, *, required: bool = True, hint="", rows: int = 2, length: int = 1000) -> Text:
    area = forms.Textarea({"rows": rows})
    return Text(label=label, required=required, max_length=length, help_text=hint, widget=area)


class Promote(forms.Form):
    reason = _words(_("Note to the partner"), required=False)

    def particulars(self) -> Decision:
        return Decision(self.cleaned_data["reason"])


class Defer(forms.Form):
    reason = _words(_("Words to the partner"), hint=_READS)
    until = DateField(label=_("Ask again on"), required=False)

    def particulars(self) -> Decision:
        return Decision(self.cleaned_data["reason"], self.cleaned_data["until"])


class GiveNotice(forms.Form):
    reason = _words(_("Words to the partner"), required=False, hint=_READS)

    def particulars(self) -> Words:
        return Words(self.cleaned_data["reason"])


class Waive(forms.Form):
    reason = _words(_("Why the tier is kept"), hint=_READS)
    until = DateField(label=_("Kept until"))

    def particulars(self) -> Waiver:
        return Waiver(self.cleaned_data["reason"], self.cleaned_data["until"])


class Demote(forms.Form):
    reason = _words(_("Why"), hint=_READS)
    effective_on = DateField(label=_("From"), required=False, help_text=_("Without a day: from today."))

    def particulars(self) -> Demotion:
        return Demotion(self.cleaned_data["reason"], self.cleaned_data["effective_on"])


class Override(forms.Form):
    tier: forms.ModelChoiceField = forms.ModelChoiceField(None, label=_("Tier"))
    reason = _words(_("Why"), hint=_("The second person and the partner read this."))
    starts_on = DateField(label=_("From"))
    until = DateField(label=_("Until"), help_text=_("The last day. Then the tier of before comes back by itself."))

    def __init__(self, *args, membership, **kwargs):
        super().__init__(*args, **kwargs)
        rows = Tier.objects.filter(program=membership.program_id, deleted_at=None).exclude(pk=membership.tier_id)
        self.fields["tier"].queryset = rows.order_by("rank")  # type: ignore[attr-defined]

    def particulars(self) -> OverrideTerms:
        data = self.cleaned_data
        return OverrideTerms(data["tier"], data["reason"], data["starts_on"], data["until"])


class Because(forms.Form):
    reason = _words(_("Why"), hint=_READS)

    def particulars(self) -> Words:
        return Words(self.cleaned_data["reason"])


class Refuse(forms.Form):
    reason = _words(_("Why not"), hint=_("Your colleague reads this. The partner doesn't."))

    def particulars(self) -> Words:
        return Words(self.cleaned_data["reason"])


class SetFigure(forms.Form):
    metric = forms.ChoiceField(label=_("Figure"))
    value = forms.DecimalField(label=_("Is now"), min_value=0, max_digits=16, decimal_places=4)

    def __init__(self, *args, metrics, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["metric"].choices = [(m, metric_name(m)) for m in metrics]  # type: ignore[attr-defined]

    def particulars(self) -> Figure:
        return Figure(self.cleaned_data["metric"], self.cleaned_data["value"])


class AskFor(forms.Form):
    wanted = _words(_("What you want"), rows=5, length=2000)

    def wish(self, kind: str) -> Wish:
        return Wish(kind, self.cleaned_data["wanted"])


class Agree(forms.Form):
    outcome = _words(_("What happens"), hint=_READS, length=2000)
    owner: forms.ModelChoiceField = forms.ModelChoiceField(
        User.objects.filter(kind=Kind.VENDOR, is_active=True).order_by("name"), label=_("Who looks after it"),
        required=False,
    )  # fmt: skip
    sponsor = Text(label=_("Sponsor"), max_length=120, required=False, help_text=_("An executive, by name."))
    next_on = DateField(label=_("Meeting or next date"), required=False)

    def particulars(self) -> Plan:
        return Plan(**{name: self.cleaned_data[name] for name in ("outcome", "owner", "sponsor", "next_on")})


class Answer(forms.Form):
    reason = _words(_("What came of it"), hint=_READS, rows=4, length=2000)

    def particulars(self) -> Words:
        return Words(self.cleaned_data["reason"])
