"""The public directory of partners, a partner's profile, and the enquiry that becomes a lead."""

from allauth.account.adapter import get_adapter
from django import forms
from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from core import addresses  # noqa: F401 - registers the converter
from core.actor import SYSTEM
from core.clock import now
from core.files import open_file
from core.files.public import HARMLESS
from core.forms import LongSelect, TextField
from core.limits import too_many
from core.parts import Crumb, Pager
from core.scope import scope
from deals.enums import LeadSource
from deals.lead_particulars import Enquiry
from deals.services import leads
from partners.countries import COUNTRIES
from tiers import directory
from tiers.directory import Listing

FILTERS = ("q", "tier", "type", "territory", "specialisation")
HUMAN_SECONDS = 3  # nobody reads and fills the form faster
AN_HOUR, A_DAY = 3600, 86_400
PER_ADDRESS, PER_PARTNER = 5, 50  # enquiries an hour from one address, a day to one partner
_STAMP = "directory.enquiry"


class Filters(forms.Form):
    """What the directory is narrowed to; kept in the address."""

    mark_optional = False
    q = TextField(label=gettext_lazy("What do you need?"), required=False, max_length=100)
    territory = forms.ChoiceField(label=gettext_lazy("Where?"), required=False)
    type = forms.ChoiceField(label=gettext_lazy("Kind of partner"), required=False)
    tier = forms.ChoiceField(label=gettext_lazy("Tier"), required=False)
    specialisation = forms.ChoiceField(label=gettext_lazy("Speciality"), required=False)

    def __init__(self, data):
        super().__init__(data)
        for name, found in directory.choices().items():
            self.fields[name].choices = [("", _("All")), *found]  # type: ignore[attr-defined]

    def chosen(self) -> dict[str, str]:
        """The filters that are set and make sense."""
        self.is_valid()
        return {name: self.cleaned_data[name] for name in FILTERS if self.cleaned_data.get(name)}


class EnquiryForm(forms.Form):
    """What somebody tells who looks for help. `website` is a trap: people don't see it."""

    company = TextField(label=gettext_lazy("Your company"), max_length=200)
    name = TextField(label=gettext_lazy("Your name"), max_length=150)
    email = forms.EmailField(label=gettext_lazy("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    country = forms.ChoiceField(
        label=gettext_lazy("Country"), choices=[("", "–"), *COUNTRIES], required=False, widget=LongSelect
    )
    need = TextField(label=gettext_lazy("What do you need?"), max_length=2000, widget=forms.Textarea(attrs={"rows": 5}))
    consent = forms.BooleanField()
    website = forms.CharField(required=False, widget=forms.HiddenInput)
    began = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, listing: Listing, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["consent"].label = consent_to(listing)
        self.fields["began"].initial = signing.dumps("", salt=_STAMP)

    def is_of_a_machine(self) -> bool:
        """A filled trap, a form nobody drew, or one that was sent faster than people read."""
        if self.cleaned_data["website"]:
            return True
        try:
            signing.loads(self.cleaned_data["began"], salt=_STAMP, max_age=A_DAY)
        except signing.BadSignature:
            return True
        return _is_younger(self.cleaned_data["began"])

    def particulars(self, listing: Listing) -> Enquiry:
        told = self.cleaned_data
        return Enquiry(
            account_name=told["company"], country=told["country"], contact_name=told["name"],
            contact_email=told["email"], need=told["need"], source=LeadSource.INBOUND,
            source_detail=(_("Directory: %s") % listing.name)[:200],
        )  # fmt: skip


def _is_younger(stamp: str) -> bool:
    try:
        signing.loads(stamp, salt=_STAMP, max_age=HUMAN_SECONDS)
    except signing.SignatureExpired:
        return False
    return True


def consent_to(listing: Listing) -> str:
    """What somebody agrees to who sends an enquiry; kept with it."""
    words = _("I agree that %(vendor)s and %(partner)s use what I sent to answer me. I can take this back at any time.")
    return words % {"vendor": settings.VENDOR_NAME or _("the vendor"), "partner": listing.name}


class Index(View):
    """Every listed partner, by name."""

    def get(self, request):
        filters = Filters(request.GET)
        chosen = filters.chosen()
        page, total = directory.search(chosen, request.GET)
        context = {
            "heading": _("Find a partner"),
            "lead": _("Companies that sell, set up and extend what we make."),
            "filters": filters,
            "active": len(chosen),
            "listings": page.rows,
            "total": total,
            "pager": Pager(len(page.rows), total, page.newer, page.older),
        }
        return render(request, "directory/index.html", context)


class Profile(View):
    """One listed partner, and the form that asks it for help."""

    def dispatch(self, request, reference: str):
        found = directory.one(reference)
        if found is None:
            raise Http404
        self.listing, self.at = found, now()
        return super().dispatch(request)

    def get(self, request):
        return self.page(EnquiryForm(listing=self.listing))

    def post(self, request):
        if self.too_often(request):
            return self.page(None, 429)
        form = EnquiryForm(request.POST, listing=self.listing)
        if not form.is_valid():
            return self.page(form, 422)
        if not form.is_of_a_machine():
            self.take(form)
        messages.success(request, _("Thank you. We answer within one working day."))
        return redirect("directory:partner", self.listing.reference)

    def take(self, form: EnquiryForm) -> None:
        with scope(SYSTEM):
            lead = leads.receive(form.particulars(self.listing), by=SYSTEM, at=self.at)
            leads.keep_consent(lead, consent_to(self.listing), by=SYSTEM, at=self.at)

    def too_often(self, request) -> bool:
        """Whether this address, or anybody to this partner, has sent more than people do."""
        address = get_adapter().get_client_ip(request)
        mine = too_many(f"enquiry:{address}", PER_ADDRESS, AN_HOUR)
        return mine or too_many(f"enquiry:{self.listing.reference}", PER_PARTNER, A_DAY)

    def page(self, form: EnquiryForm | None, status: int = 200) -> HttpResponse:
        context = {
            "heading": self.listing.name,
            "crumbs": [Crumb(_("Find a partner"), "/partners/")],
            "listing": self.listing,
            "form": form,
        }
        return render(self.request, "directory/partner.html", context, status=status)


def logo(request, reference: str) -> FileResponse:
    """The picture of a listed partner."""
    found = directory.logo(reference)
    if found is None:
        raise Http404
    try:
        answer = FileResponse(open_file(found), content_type=found.kind)
    except FileNotFoundError as error:
        raise Http404 from error
    for name, value in {**HARMLESS, "Cache-Control": "public, max-age=300"}.items():
        answer.headers[name] = value
    return answer


patterns = [
    path("", Index.as_view(), name="index"),
    path("<ref:reference>/", Profile.as_view(), name="partner"),
    path("<ref:reference>/logo/", logo, name="logo"),
]
