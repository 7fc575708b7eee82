"""Agreements and the moves of partners in the REST API."""

from datetime import datetime
from typing import Any

from core.actor import Actor
from core.api.kinds import Choice, Day, Moment, Text
from core.api.resources import CREATE, READ, Action, Derived, Field, Ref, Resource
from partners import services
from partners.enums import OpenClaims, OpenDeals, OpenEarnings, OpenLeads, Why
from partners.models import Agreement, Partner
from partners.particulars import Because, Leaving, Signature


def _record(values: dict[str, Any], *, by: Actor, at: datetime) -> Agreement:
    partner = Partner.objects.visible_to(by).get(pk=values["partner_id"])
    names = ("title", "text_version", "signed_by", "signed_at")
    return services.record_agreement(partner, Signature(**{name: values[name] for name in names}), by=by, at=at)


AGREEMENTS = Resource(
    "agreements",
    Agreement,
    about="Terms that a partner accepted by a click, or that were signed elsewhere and recorded.",
    owner="partner_id",
    verbs=frozenset({"create"}),
    writers=("partner.edit",),
    create=_record,
    fields=(
        Field("partner_id", Ref("partners"), write=CREATE, required=True, null=False, filter=True),
        Field("title", Text(120), write=CREATE, required=True, null=False),
        Field("text_version", Text(20), write=CREATE, required=True, null=False, filter=True),
        Field("signed_by", Text(150), write=CREATE, required=True, null=False, personal=True),
        Field("signed_at", Moment(), write=CREATE, required=True, null=False),
        Derived("how", Choice(("click", "recorded")), write=READ, null=False, of=("text_id",),
                by=lambda text: "click" if text else "recorded"),
    ),
)  # fmt: skip

_WHY = (Field("reason", Choice(Why.values), required=True), Field("text", Text(2000), required=True))


def _moved(service):
    """The service as an action that answers with the partner."""

    def run(partner: Partner, *particulars: Any, by: Actor, at: datetime) -> Partner:
        service(partner, *particulars, by=by, at=at)
        partner.refresh_from_db()
        return partner

    return run


MOVES = (
    Action("approve", _moved(services.approve), "It may become a partner.", "approve"),
    Action("decline", _moved(services.decline), "It doesn't become a partner.", "decline", _WHY, Because),
    Action("suspend", _moved(services.suspend), "Nothing new; what is protected stays so.", "suspend", _WHY, Because),
    Action("resume", _moved(services.resume), "The suspension ends."),
    Action("offboard", _moved(services.offboard), "Begin the end, by a plan.", "offboard",
           (Field("effective_on", Day(), required=True), *_WHY,
            Field("deals", Choice(OpenDeals.values)), Field("claims", Choice(OpenClaims.values)),
            Field("earnings", Choice(OpenEarnings.values)), Field("leads", Choice(OpenLeads.values))), Leaving),
)  # fmt: skip
