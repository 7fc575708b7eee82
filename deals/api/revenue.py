"""Money between the vendor and the end customer, from the ERP."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from core.api.kinds import Choice, Day, money
from core.api.resources import CREATE, READ, Field, Ref, Resource
from deals.enums import RevenueKind
from deals.models import RevenueEvent
from deals.services.revenue import cover_returns, odd_return, remove_revenue
from partners.api import CURRENCY


def _sound(row: Any):
    if row["about_id"]:
        odd = odd_return(row["about_id"], row["opportunity_id"], row["kind"], row["amount"], pk=row["id"])
        if odd:
            yield REVENUE_EVENTS.field_named(odd[0]), odd[1]
    if row["currency"] != row["opportunity__currency"]:
        yield "currency", _("Send it in the currency of the opportunity.")
    first, last = row["service_start"], row["service_end"]
    if last is not None and first is None:
        yield "service_start", _("Say when the service starts.")
    if first is not None and last is not None and last < first:
        yield "service_end", _("It must not be before the service starts.")


REVENUE_EVENTS = Resource(
    "revenue_events",
    RevenueEvent,
    about="An invoice, payment, refund or credit about an opportunity, net of tax and freight. `amount` is above zero "
    "for all kinds. Send a return once: as the refund, or as the credit.",
    verbs=frozenset({"create", "update", "delete"}),
    writers=("revenue.enter",),
    check=_sound,
    alone=("about_id",),
    update=cover_returns,
    update_for=frozenset({"amount"}),
    delete=remove_revenue,
    fields=(
        Field("opportunity_id", Ref("opportunities"), write=CREATE, required=True, null=False, filter=True),
        Field("kind", Choice(RevenueKind.values), write=CREATE, required=True, null=False, filter=True),
        Field("about_id", Ref("revenue_events"), write=CREATE),
        Field("occurred_on", Day(), required=True, null=False, filter=True),
        Field("service_start", Day()),
        Field("service_end", Day()),
        Field("amount", money(positive=True), required=True, null=False),
        Field("currency", CURRENCY, required=True, null=False, filter=True),
        Field("opportunity_currency", CURRENCY, "opportunity__currency", write=READ),
    ),
)
