"""What pages call the kinds of records and their fields."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext_lazy as _

from crm.enums import RecordKind

KINDS: Mapping[str, Any] = MappingProxyType(dict(RecordKind.choices))
OUTCOMES: Mapping[str, Any] = MappingProxyType(
    {
        "created": _("Created"),
        "updated": _("Updated"),
        "unchanged": _("Unchanged"),
        "skipped": _("Skipped"),
        "invalid": _("Invalid"),
    }
)
FIELDS: Mapping[str, Any] = MappingProxyType(
    {
        "name": _("Name"),
        "sku": _("SKU"),
        "family": _("Family"),
        "list_price": _("List price"),
        "currency": _("Currency"),
        "parent": _("Parent account"),
        "industry": _("Industry"),
        "employees": _("Employees"),
        "country": _("Country"),
        "website": _("Website"),
        "customer_since": _("Customer since"),
        "coverage": _("Coverage"),
        "region": _("Region"),
        "manager": _("Manager"),
        "joined_on": _("Joined on"),
        "type": _("Type"),
        "account": _("Account"),
        "product": _("Product"),
        "partner": _("Partner"),
        "stage": _("Stage"),
        "kind": _("Kind"),
        "amount": _("Amount"),
        "list_amount": _("List amount"),
        "opened_on": _("Opened on"),
        "close_on": _("Expected close"),
        "closed_on": _("Closed on"),
        "vendor_source": _("Vendor's source"),
        "owner": _("Owner's e-mail"),
        "opportunity": _("Opportunity"),
        "event_kind": _("What happened"),
        "occurred_on": _("Day"),
        "service_start": _("Service from"),
        "service_end": _("Service until"),
    }
)
MADE: Mapping[str, Any] = MappingProxyType(
    {"registrations": _("Registrations made"), "program memberships": _("Program memberships made")}
)
