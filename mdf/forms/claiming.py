"""What a partner claims: invoices, the proofs on the frozen list, results."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from core.files import Rules
from core.files.kinds import PDF, PICTURES
from core.forms import AmountField, DateField
from core.ids import parse_public_id, public_id
from core.models import StoredFile
from core.money import Money
from mdf import rules
from mdf.enums import ProofKind
from mdf.forms.parts import count, must, text
from mdf.forms.typed import Shape, Typed, WholeForm, blank, given, is_empty
from mdf.models import Activity, Claim
from mdf.particulars import ClaimPlan, Invoiced, Shown
from mdf.rates import DayRate

_CURRENCY = re.compile(r"[A-Z]{3}\Z")
_MONEY = ("net_amount", "recoverable_tax", "other_tax")
_RESULTS = ("leads", "attendees", "pipeline")
INVOICE = Shape(("supplier", "invoice_number", "invoice_date", "currency", *_MONEY, "budget_line"))
PROOF = Shape(("link", "note"), many=("file",))
CLAIM = Shape(("draft", "amount", *_RESULTS), {"invoice": INVOICE, "proof": PROOF})
_PHOTOS = (ProofKind.PHOTO, ProofKind.RECORDING_OR_PHOTO)
_PAPERS = (ProofKind.INVOICE, ProofKind.PLATFORM_INVOICE, ProofKind.PARTNER_INVOICE, ProofKind.AGENDA)
_LINKED = (ProofKind.SCREENSHOT, ProofKind.LINK, ProofKind.RECORDING_OR_PHOTO, ProofKind.ASSET, ProofKind.RESULTS)
MOST_FILES = 5


def rules_of(kind: str) -> Rules:
    """Which files a proof may be."""
    return Rules(PICTURES | {PDF}, most_files=MOST_FILES) if kind in _PHOTOS else Rules(most_files=MOST_FILES)


class InvoiceForm(forms.Form):
    """One line of a supplier's invoice, in its own currency."""

    supplier = text(_("Supplier"), length=160, missing=_("Enter who sent the invoice."))
    invoice_number = text(_("Invoice number"), length=80, missing=_("Enter the number of the invoice."))
    invoice_date = DateField(label=_("Date of the invoice"), error_messages=must(_("Enter the date of the invoice.")))
    currency = text(_("Currency"), length=3, hint=_("Three letters, like EUR."), missing=_("Enter the currency."),
                    autocapitalize="characters")  # fmt: skip
    net_amount = AmountField(label=_("Amount without tax"), error_messages=must(_("Enter the amount without tax.")))
    recoverable_tax = AmountField(
        label=_("Tax you get back"), positive=False, required=False, help_text=_("Like VAT: we don't pay it.")
    )
    other_tax = AmountField(label=_("Tax nobody gives back"), positive=False, required=False)
    budget_line = forms.ChoiceField(label=_("Which part of the plan"), required=False)

    def __init__(self, typed: Typed, *, activity: Activity, today: date, rate: Callable, bound: bool):
        super().__init__(**given(typed, f"invoice{typed['key']}", bound))
        self.key, self.activity, self.today, self._rate = typed["key"], activity, today, rate
        self.known = {str(line.pk): line for line in sorted(activity.lines.all(), key=lambda line: line.place)}
        options = [("", _("All of it")), *((key, line.label) for key, line in self.known.items())]
        self.fields["budget_line"].choices = options  # type: ignore[attr-defined]
        if not self.known:
            del self.fields["budget_line"]

    def clean_currency(self) -> str:
        currency = self.cleaned_data["currency"].upper()
        if not _CURRENCY.match(currency):
            raise ValidationError(_("Enter three letters, like EUR."))
        return currency

    def clean_invoice_date(self) -> date:
        if self.cleaned_data["invoice_date"] > self.today + timedelta(days=1):
            raise ValidationError(_("This day is still to come. Correct the date of the invoice."))
        return self.cleaned_data["invoice_date"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("currency") and data.get("invoice_date"):
            data["rate"] = self._rate(data["currency"], data["invoice_date"])
            if data["rate"] is None:
                words = {"currency": data["currency"], "day": date_format(data["invoice_date"], "j M Y")}
                why = _("We know no rate of %(currency)s for %(day)s. Ask your channel manager.") % words
                self.add_error("currency", why)
        return data

    def invoiced(self) -> Invoiced:
        data = self.cleaned_data
        rate: DayRate = data["rate"]
        values: dict[str, Any] = {name: data.get(name) or Decimal(0) for name in _MONEY}
        values |= {name: data[name] for name in ("supplier", "invoice_number", "invoice_date", "currency")}
        line = self.known.get(data.get("budget_line") or "")
        return Invoiced(**values, rate=rate.rate, rate_on=rate.on, budget_line=line)


class ProofForm(forms.Form):
    """One card of the proof list: files, or a link, and words."""

    link = forms.URLField(
        label=_("A link to it"), required=False, max_length=500, assume_scheme="https",
        error_messages={"invalid": _("Enter an address, like acme.example/fair.")},
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )  # fmt: skip
    note = text(_("A word about it"), length=500)

    def __init__(self, typed: Typed, kind: str, files: Mapping[str, StoredFile], *, bound: bool):
        super().__init__(**given(typed, f"proof{typed['key']}", bound))
        self.key, self.kind = typed["key"], kind
        self.kept = [files[one] for one in typed["values"]["file"] if one in files]
        self.lost = bound and len(self.kept) < len(set(typed["values"]["file"]))

    @property
    def label(self) -> Any:
        return ProofKind(self.kind).label

    @property
    def upload(self) -> "Upload":
        return Upload(f"proof{self.key}", self.kind, self.kept)

    @property
    def linked(self) -> bool:
        """Whether a link will often do."""
        return self.kind in _LINKED or bool(self["link"].value())

    def clean(self) -> dict[str, Any]:
        if self.lost:
            self.add_error(None, _("%s: a file was used already or is gone. Send it again.") % self.label)
        return super().clean() or {}

    def shown(self) -> list[Shown]:
        data = self.cleaned_data
        link, note = data.get("link", ""), data.get("note", "")
        files = [Shown(self.kind, file_id=file.pk, note=note) for file in self.kept]
        if files and link:
            files.append(Shown(self.kind, link=link, note=note))
        return files or ([Shown(self.kind, link=link, note=note)] if link or note else [])


@dataclass(frozen=True)
class Upload:
    """Where the files of one proof are sent from and stand."""

    place: str
    kind: str
    files: Sequence[StoredFile]

    @property
    def accept(self) -> str:
        return ",".join(sorted(rules_of(self.kind).kinds))

    @property
    def words(self) -> str:
        return rules_of(self.kind).words

    @property
    def camera(self) -> bool:
        return self.kind in (*_PHOTOS, *_PAPERS)


class Top(forms.Form):
    draft = forms.UUIDField(widget=forms.HiddenInput)
    amount = AmountField(label=_("What you claim"), required=False)
    leads = count(_("Leads so far"))
    attendees = count(_("People who came or saw it"))
    pipeline = AmountField(label=_("Pipeline so far"), positive=False, required=False)


@dataclass(frozen=True)
class Ground:
    """What a claim form stands on: the activity with its lines, what is left of its money, who writes it and when."""

    activity: Activity
    left: Money
    today: date
    rate: Callable[[str, date], DayRate | None]
    room: Mapping[Any, Decimal] | None = None  # line → what it may still cost, where each is a cap of its own


class ClaimForm(WholeForm):
    """The whole form."""

    def __init__(self, typed: Typed, ground: Ground, files: Mapping[str, StoredFile], *, bound: bool = False):
        super().__init__(typed, bound)
        self.ground, activity = ground, ground.activity
        self.top = Top(**given(typed, "", bound))
        for name in ("amount", "pipeline"):
            self.top.fields[name].label = f"{self.top.fields[name].label} ({activity.currency})"
        share = f"{activity.request.share_percent.normalize():f}"
        self.top.fields["amount"].help_text = _("Leave it empty for our share of the invoices: %s%%.") % share
        own: dict[str, Any] = {"activity": activity, "today": ground.today, "rate": ground.rate, "bound": bound}
        self.invoices = [InvoiceForm(row, **own) for row in typed["rows"]["invoice"] if not (bound and _unused(row))]
        kinds = dict(enumerate(activity.proofs))
        self.proofs = [
            ProofForm(row, kinds[int(row["key"])], files, bound=bound)
            for row in typed["rows"]["proof"]
            if int(row["key"]) in kinds
        ]

    def _forms(self) -> Iterator[forms.Form]:
        yield self.top
        yield from self.invoices
        yield from self.proofs

    # --- what comes of it

    def invoiced(self) -> list[Invoiced]:
        return [one.invoiced() for one in self.invoices if one.is_valid()]

    def plan(self) -> ClaimPlan:
        """What fits of it, and all that was typed."""
        shown = [one for form in self.proofs if form.is_valid() for one in form.shown()]
        return ClaimPlan(
            self.ground.activity, self.payable().claimed.amount, self.invoiced(), shown, self._results(), self.typed
        )

    def _results(self) -> dict[str, str]:
        self.top.full_clean()
        found = {name: self.top.cleaned_data.get(name) for name in _RESULTS}
        return {name: str(value) for name, value in found.items() if value is not None}

    def payable(self) -> rules.Payable:
        """The arithmetic if all that fits is accepted. Nothing typed: our share of the cost, up to what is left."""
        left, share = self.ground.left, self.ground.activity.request.share_percent
        self.top.full_clean()
        cost = self._cost()
        typed = self.top.cleaned_data.get("amount")
        usual = min(rules.our_share(Money(cost, left.currency), share).amount, left.amount)
        claimed = Money(typed or usual or left.amount, left.currency)
        return rules.Payable(claimed, left, share, Money(cost, left.currency))

    def _cost(self) -> Decimal:
        """What counts of the invoices; line by line where the program caps each by its plan."""
        into = self.ground.left.currency
        costs = [
            (one.budget_line and one.budget_line.pk, rules.cost_of(one.net_amount, one.other_tax, one.rate, into))
            for one in self.invoiced()
        ]
        return rules.within_lines(costs, self.ground.room)


def _unused(row: Typed) -> bool:
    """A row in which nothing but the currency stands, which we filled in."""
    return is_empty({"values": {**row["values"], "currency": ""}})


def fresh(draft: UUID, activity: Activity) -> Typed:
    """An empty claim: one invoice, and a card for each proof on the list."""
    invoices = [blank(INVOICE, {"currency": activity.currency})]
    proofs = [blank(PROOF) for _kind in activity.proofs]
    return blank(CLAIM, {"draft": str(draft)}, {"invoice": invoices, "proof": proofs})


def typed_of(claim: Claim) -> Typed:
    """The form of a claim that is written already: as it was typed, else from what is kept."""
    if claim.typed:
        return claim.typed
    values = {"draft": str(claim.pk), "amount": str(claim.amount), **claim.results}
    invoices = [_invoice(one) for one in claim.invoice_lines.order_by("created_at", "pk")]
    proofs = list(claim.proofs.order_by("created_at", "pk"))
    cards = [_card([one for one in proofs if one.kind == kind]) for kind in claim.activity.proofs]
    return blank(CLAIM, values, {"invoice": invoices, "proof": cards})


def _invoice(one: Any) -> Typed:
    values = {name: str(getattr(one, name)) for name in INVOICE.names if name != "budget_line"}
    return blank(INVOICE, values | {"budget_line": str(one.budget_line_id or "")})


def _card(proofs: Sequence[Any]) -> Typed:
    files = [public_id(StoredFile.prefix, one.file_id) for one in proofs if one.file_id]
    link = next((one.link for one in proofs if one.link), "")
    return blank(PROOF, {"link": link, "note": next((one.note for one in proofs), ""), "file": files})


def file_ids(typed: Typed) -> list[UUID]:
    """The files that the form names, as far as they are ids at all."""
    named = (one for row in typed["rows"]["proof"] for one in row["values"]["file"])
    return [pk for one in named if (pk := parse_public_id(StoredFile.prefix, one))]


def with_file(typed: Typed, place: str, public_id: str) -> None:
    """One more file at this place."""
    for row in typed["rows"]["proof"]:
        if f"proof{row['key']}" == place and len(row["values"]["file"]) < MOST_FILES:
            row["values"]["file"].append(public_id)


def without_file(typed: Typed, place: str, public_id: str) -> None:
    for row in typed["rows"]["proof"]:
        if f"proof{row['key']}" == place:
            row["values"]["file"] = [one for one in row["values"]["file"] if one != public_id]
