"""What the lists of requests and claims are narrowed to; kept in the address."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from core.actor import Actor
from core.forms import TextField
from mdf.admin import queries
from mdf.enums import ActivityType, ClaimStatus, RequestStatus
from mdf.models import Claim, Request
from mdf.queries import own

MINE = "mine"


class _Filters(forms.Form):
    mark_optional = False
    q = TextField(label=_("Search"), required=False, max_length=100)
    partner = forms.CharField(required=False, max_length=12, widget=forms.HiddenInput)

    def chosen(self) -> dict[str, str]:
        """The filters that are set and make sense."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class RequestFilters(_Filters):
    status = forms.ChoiceField(
        label=_("Status"), required=False, choices=[("", "–"), (MINE, _("Waiting for me")), *RequestStatus.choices]
    )
    type = forms.ChoiceField(label=_("Activity"), required=False, choices=[("", "–"), *ActivityType.choices])


class ClaimFilters(_Filters):
    status = forms.ChoiceField(
        label=_("Status"), required=False, choices=[("", "–"), (MINE, _("Waiting for me")), *ClaimStatus.choices]
    )


_WAYS: dict[str, Any] = {
    "status": lambda v: Q() if v == MINE else Q(status=v),
    "partner": lambda v: Q(partner__reference=v),
}
_OF_REQUESTS = _WAYS | {
    "q": lambda v: Q(title__icontains=v) | Q(partner__name__icontains=v) | Q(reference__iexact=v),
    "type": lambda v: Q(activities__activity_type=v),
}
_OF_CLAIMS = _WAYS | {
    "q": lambda v: Q(activity__title__icontains=v) | Q(partner__name__icontains=v) | Q(reference__iexact=v)
}


def _narrowed(rows: QuerySet, chosen: dict[str, str], ways: dict[str, Any]) -> QuerySet:
    for name, value in chosen.items():
        rows = rows.filter(ways[name](value))
    return rows.distinct() if "type" in chosen else rows


def narrowed_requests(actor: Actor, chosen: dict[str, str]) -> QuerySet[Request]:
    mine = chosen.get("status") == MINE
    return _narrowed(queries.waiting_requests(actor) if mine else queries.requests(actor), chosen, _OF_REQUESTS)


def narrowed_claims(actor: Actor, chosen: dict[str, str]) -> QuerySet[Claim]:
    mine = chosen.get("status") == MINE
    return _narrowed(queries.waiting_claims(actor) if mine else own.claims(actor), chosen, _OF_CLAIMS)
