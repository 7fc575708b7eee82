"""Words into the particulars of the services of partners."""

from datetime import UTC, datetime, time

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import Kind
from accounts.forms import zones
from accounts.models import User
from accounts.particulars import Person as Colleague
from core.files import Rules
from core.files.kinds import PICTURES
from core.forms import DateField, FilesField, LongSelect, TextField
from partners.countries import COUNTRIES
from partners.enums import ContactRole, MemberRole, StaffRole
from partners.particulars import (
    Amendment,
    Care,
    Invites,
    KeyTerms,
    Logo,
    NewCare,
    Newcomer,
    Person,
    Role,
    Signature,
    Words,
)
from partners.roles import ALL_SCOPES

MOST_AT_ONCE = 20
ROLE_HINTS = {
    MemberRole.ADMIN: gettext_lazy("Admin: everything, people and company profile included"),
    MemberRole.SALES: gettext_lazy("Sales: registers deals and works leads"),
    MemberRole.MARKETING: gettext_lazy("Marketing: market funds and campaigns"),
    MemberRole.FINANCE: gettext_lazy("Finance: earnings and statements"),
    MemberRole.VIEWER: gettext_lazy("Viewer: sees all, changes nothing"),
}


def _line(label, *, required=False, length=200, hint="", **attrs):
    widget = forms.TextInput(attrs=attrs)
    return TextField(label=label, required=required, max_length=length, help_text=hint, widget=widget)


def _lines(label, *, required=False, length=2000, hint="", rows=4):
    widget = forms.Textarea(attrs={"rows": rows})
    return TextField(label=label, required=required, max_length=length, help_text=hint, widget=widget)


def _role(**more):
    choices = list(ROLE_HINTS.items())
    return forms.ChoiceField(label=gettext_lazy("Role"), choices=choices, widget=forms.RadioSelect, **more)


class ListField(TextField):
    """Words between commas."""

    def __init__(self, **options):
        super().__init__(required=False, max_length=1000, **options)

    def prepare_value(self, value):
        return ", ".join(value) if isinstance(value, list | tuple) else value

    def to_python(self, value):
        words = (word.strip() for word in super().to_python(value).split(","))
        return tuple(dict.fromkeys(word for word in words if word))


# --- the company ------------------------------------------------------------------------------------------------------


class AmendmentForm(forms.Form):
    """A form over columns of the company; `version` tells which state it showed."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    @classmethod
    def showing(cls, partner) -> "AmendmentForm":
        return cls(initial={name: getattr(partner, name) for name in cls.base_fields})

    def particulars(self) -> Amendment:
        values = dict(self.cleaned_data)
        return Amendment(version=values.pop("version"), values=values)


class Profile(AmendmentForm):
    """What the partner's own admin keeps up to date."""

    website = _line(gettext_lazy("Website"), length=255, inputmode="url", autocomplete="url")
    country = forms.ChoiceField(
        label=gettext_lazy("Country"), choices=[("", "–"), *COUNTRIES], required=False, widget=LongSelect
    )
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        choices=zones,
        widget=LongSelect,
        help_text=gettext_lazy("Deadlines end with the day there."),
    )
    description = _lines(gettext_lazy("About the company"), hint=gettext_lazy("Shown in the partner directory."))
    industries = ListField(label=gettext_lazy("Industries"), help_text=gettext_lazy("With commas between them."))
    specialisations = ListField(label=gettext_lazy("Specialities"), help_text=gettext_lazy("With commas between them."))
    territories = ListField(label=gettext_lazy("Territories"), help_text=gettext_lazy("With commas between them."))
    employee_count = forms.IntegerField(label=gettext_lazy("Employees"), required=False, min_value=1, max_value=10**7)
    is_listed = forms.BooleanField(label=gettext_lazy("Show in the partner directory"), required=False)


class LogoForm(forms.Form):
    """The company's picture; sending none takes it away."""

    logo = FilesField(
        Rules(kinds=frozenset(PICTURES), most_bytes=2 * 2**20, most_files=1), label=gettext_lazy("Logo"), required=False
    )

    def particulars(self) -> Logo:
        return Logo(next(iter(self.cleaned_data["logo"]), None))


class Company(Profile):
    """Everything that is known, for the vendor."""

    field_order = ("name", "legal_name", "website", "country", "region")
    name = _line(gettext_lazy("Name"), required=True)
    legal_name = _line(gettext_lazy("Legal name"))
    region = _line(gettext_lazy("Region"), length=60)
    tax_id = _line(gettext_lazy("Tax number"), length=40)
    default_currency = forms.RegexField(
        r"\A[A-Z]{3}\Z",
        label=gettext_lazy("Currency"),
        initial="USD",
        error_messages={"invalid": gettext_lazy("Enter a code of 3 letters, like EUR.")},
    )


MANAGERS = User.objects.none()  # until a form asks


def staff():
    """The vendor's people who can be chosen."""
    return User.objects.filter(kind=Kind.VENDOR, is_active=True).order_by("name")


class CareForm(forms.Form):
    """Who looks after a partner."""

    manager = forms.ModelChoiceField(MANAGERS, label=gettext_lazy("Channel manager"), required=False)
    backup = forms.ModelChoiceField(MANAGERS, label=gettext_lazy("Backup"), required=False)
    since = DateField(label=gettext_lazy("From"), required=False, help_text=gettext_lazy("Leave it empty for at once."))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("manager", "backup"):
            self.fields[name].queryset = staff()  # type: ignore[attr-defined]
            self.fields[name].empty_label = _("Nobody")  # type: ignore[attr-defined]

    def particulars(self) -> NewCare:
        values = self.cleaned_data
        return NewCare(Care(values["manager"], values["backup"]), values["since"])


class NoteForm(forms.Form):
    text = _lines(gettext_lazy("Note"), required=True, length=5000)

    def particulars(self) -> Words:
        return Words(**self.cleaned_data)


class AgreementForm(forms.Form):
    title = _line(gettext_lazy("Agreement"), required=True, length=120)
    text_version = _line(gettext_lazy("Version of the text"), required=True, length=20)
    signed_by = _line(gettext_lazy("Signed by"), required=True, length=150)
    signed_on = DateField(label=gettext_lazy("Signed on"))

    def particulars(self) -> Signature:
        values = dict(self.cleaned_data)
        return Signature(signed_at=datetime.combine(values.pop("signed_on"), time(), UTC), **values)


class ContactForm(forms.Form):
    first_name = _line(gettext_lazy("First name"), length=80, autocomplete="off")
    last_name = _line(gettext_lazy("Last name"), required=True, length=80, autocomplete="off")
    email = forms.EmailField(label=gettext_lazy("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    phone = _line(gettext_lazy("Phone"), length=20, inputmode="tel", autocomplete="off")
    job_title = _line(gettext_lazy("Job title"), length=120)
    roles = forms.MultipleChoiceField(
        label=gettext_lazy("Works in"), choices=ContactRole, required=False, widget=forms.CheckboxSelectMultiple
    )
    is_primary = forms.BooleanField(label=gettext_lazy("Main contact"), required=False)

    def particulars(self) -> Person:
        values = dict(self.cleaned_data)
        return Person(roles=tuple(values.pop("roles")), **values)


# --- people -----------------------------------------------------------------------------------------------------------


class EmailsField(TextField):
    """Addresses, one per line; commas and semicolons are forgiven."""

    widget = forms.Textarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false", "inputmode": "email"})

    def to_python(self, value):
        words = super().to_python(value).replace(",", "\n").replace(";", "\n").split()
        return tuple(dict.fromkeys(word.strip().casefold() for word in words))

    def validate(self, value):
        super().validate(value)
        if len(value) > MOST_AT_ONCE:
            raise ValidationError(_("Enter up to %d addresses at once.") % MOST_AT_ONCE)
        if wrong := [word for word in value if not _is_email(word)]:
            raise ValidationError(_("Enter addresses like ana@company.com. Not so: %s.") % ", ".join(wrong[:5]))

    def run_validators(self, value):
        """Each address was looked at above."""


def _is_email(word: str) -> bool:
    try:
        validate_email(word)
    except ValidationError:
        return False
    return len(word) <= 254


class InviteForm(forms.Form):
    emails = EmailsField(label=gettext_lazy("E-mail addresses"), help_text=gettext_lazy("One per line, up to 20."))
    role = _role(initial=MemberRole.SALES)

    def particulars(self) -> Invites:
        return Invites(**self.cleaned_data)


class RoleForm(forms.Form):
    role = _role()

    def particulars(self) -> Role:
        return Role(**self.cleaned_data)


class JoinForm(forms.Form):
    """What somebody new tells about themselves."""

    name = _line(gettext_lazy("Your name"), required=True, length=150, autocomplete="name")
    password = forms.CharField(
        label=gettext_lazy("Password"),
        required=False,
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("12 characters or more. Leave it empty to sign in with codes by e-mail."),
    )

    def __init__(self, *args, email: str = "", **kwargs):
        super().__init__(*args, **kwargs)
        self.email = email

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        if password:
            validate_password(password, User(email=self.email, name=self.cleaned_data.get("name", "")))
        return password

    def particulars(self) -> Newcomer:
        return Newcomer(self.cleaned_data["name"], self.cleaned_data["password"] or None)


class StaffForm(forms.Form):
    """A new colleague at the vendor."""

    name = _line(gettext_lazy("Name"), required=True, length=150, autocomplete="off")
    email = forms.EmailField(label=gettext_lazy("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=StaffRole)

    def particulars(self) -> Colleague:
        values = self.cleaned_data
        return Colleague(values["email"], values["name"], Kind.VENDOR, values["role"])


class StaffRoleForm(forms.Form):
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=StaffRole)

    def particulars(self) -> str:
        return self.cleaned_data["role"]


# --- keys -------------------------------------------------------------------------------------------------------------


class KeyForm(forms.Form):
    """An API key of the vendor, or bound to one partner."""

    name = _line(gettext_lazy("Name"), required=True, length=120, hint=gettext_lazy("Which program uses it?"))
    partner: forms.ModelChoiceField = forms.ModelChoiceField(None, label=gettext_lazy("Partner"), required=False)
    everything = forms.BooleanField(label=gettext_lazy("Everything"), required=False)
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("Scopes"),
        choices=[(scope, scope) for scope in ALL_SCOPES],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    expires_on = DateField(label=gettext_lazy("Works until"), required=False)

    def __init__(self, *args, partners, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["partner"].queryset = partners  # type: ignore[attr-defined]
        self.fields["partner"].empty_label = _("None: it sees all partners")  # type: ignore[attr-defined]

    def particulars(self) -> KeyTerms:
        values = self.cleaned_data
        day = values["expires_on"]
        return KeyTerms(
            name=values["name"],
            partner=values["partner"],
            scopes=("*",) if values["everything"] else tuple(values["scopes"]),
            expires_at=datetime.combine(day, time.max, UTC) if day else None,
        )
