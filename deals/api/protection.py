"""What happens beside a protected deal, in the REST API: extensions, transfers, breaches."""

from core.api.kinds import Choice, Moment, Text, Whole, YesNo
from core.api.resources import READ, Action, Field, Ref, Resource, same
from deals import services
from deals.enums import BreachOutcome, RequestStatus, TransferBasis
from deals.models import Breach, Extension, Transfer
from deals.particulars import BreachDecision, Reason
from deals.workflow import REQUEST

_OF_DEAL = Field("deal_registration_id", Ref("deal_registrations"), "registration_id", write=READ, filter=True)
_PARTNER = Field("partner_id", Ref("partners"), write=READ, null=False, filter=True)
_STATUS = Field("status", Choice(RequestStatus.values), write=READ, null=False, filter=True)
_ANSWER = (Field("answer", Text(2000), "text", required=True),)

EXTENSIONS = Resource(
    "extensions",
    Extension,
    about="More days of protection: asked for by the partner, or given by the rules.",
    owner="partner_id",
    workflow=REQUEST,
    fields=(
        _PARTNER,
        _OF_DEAL,
        _STATUS,
        Field("automatic", YesNo(), write=READ, null=False),
        Field("days", Whole(1), write=READ, null=False),
        Field("reason", Text(2000), write=READ),
        Field("requested_at", Moment(), write=READ, null=False),
        Field("due_at", Moment(), write=READ),
        Field("decided_at", Moment(), write=READ),
        Field("answer", Text(2000), write=READ),
    ),
    actions=(
        Action("grant", services.grant_extension, "Give the days.", "grant",
               (Field("answer", Text(2000), "text"),), lambda text="": Reason(text)),
        Action("refuse", services.refuse_extension, "Give no more days.", "refuse", _ANSWER, Reason),
    ),
)  # fmt: skip
TRANSFERS = Resource(
    "transfers",
    Transfer,
    about="A protected deal on its way to another partner. Both partners see it, and of the deal the name alone.",
    workflow=REQUEST,
    fields=(
        Field("partner_id", Ref("partners"), write=READ, null=False, filter=True, vendor=True),
        Field("to_partner_id", Ref("partners"), write=READ, null=False, filter=True, vendor=True),
        Field("account_name", Text(200), write=READ, null=False),
        Field("basis", Choice(TransferBasis.values), write=READ, null=False),
        _STATUS,
        Field("requested_at", Moment(), write=READ, null=False),
        Field("giver_agreed_at", Moment(), write=READ),
        Field("taker_agreed_at", Moment(), write=READ),
        Field("decided_at", Moment(), write=READ),
    ),
    actions=(
        Action("agree", same(services.agree_to_transfer), "The partner that is to have the deal takes it."),
        Action("decline", same(services.decline_transfer), "The partner that is to have the deal doesn't want it."),
        Action("confirm", same(services.confirm_transfer), "Hand the deal over.", "grant",
               (Field("answer", Text(2000), "text"),), lambda text="": Reason(text)),
        Action("refuse", same(services.refuse_transfer), "The deal stays where it is.", "refuse", _ANSWER, Reason),
    ),
)  # fmt: skip
BREACHES = Resource(
    "breaches",
    Breach,
    about="A direct opportunity of the vendor's own team on a deal that it protects for a partner.",
    owner="partner_id",
    fields=(
        _PARTNER,
        _OF_DEAL,
        Field("found_at", Moment(), write=READ, null=False),
        Field("outcome", Choice(BreachOutcome.values, blank=True), write=READ, filter=True),
        Field("reason", Text(2000), write=READ),
        Field("decided_at", Moment(), write=READ),
        Field("opportunity_id", Ref("opportunities"), write=READ, vendor=True),
    ),
    actions=(
        Action("settle", same(services.settle_breach), "Say what becomes of it.", "",
               (Field("outcome", Choice(BreachOutcome.values), required=True),
                Field("reason", Text(2000), required=True)), BreachDecision),
    ),
)  # fmt: skip
