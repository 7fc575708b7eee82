"""Instalments of what is owed for claims."""

from core.api.kinds import Choice, Day, Moment, Text, money
from core.api.resources import READ, Action, Field, Ref, Resource
from mdf.api.words import OWN_CURRENCY, PARTNER
from mdf.enums import PaymentMethod, PaymentStatus
from mdf.models import Payment
from mdf.particulars import Outcome
from mdf.services import payments
from mdf.workflow import PAYMENT
from partners.api import STAFF

PAYMENTS = Resource(
    "mdf_payments",
    Payment,
    about="One instalment for a claim; ordered there. Above the program's limit another person sends it.",
    owner="partner_id",
    has_reference=True,
    workflow=PAYMENT,
    fields=(
        PARTNER,
        Field("claim_id", Ref("mdf_claims"), write=READ, null=False, filter=True),
        Field("status", Choice(PaymentStatus.values), write=READ, null=False, filter=True),
        Field("amount", money(), write=READ, null=False),
        OWN_CURRENCY,
        Field("method", Choice(PaymentMethod.values), write=READ, null=False, filter=True),
        Field("reference_of_bank", Text(80), "bank_reference", write=READ, filter=True),
        Field("ordered_by_user_id", STAFF, "ordered_by_id", write=READ, vendor=True),
        Field("ordered_at", Moment(), write=READ, null=False),
        Field("released_by_user_id", STAFF, "released_by_id", write=READ, vendor=True),
        Field("released_at", Moment(), write=READ),
        Field("settled_on", Day(), write=READ),
        Field("failure", Text(300), write=READ),
    ),
    actions=(
        Action("release", payments.release, "The second person's yes.", "release", needs_version=True),
        Action("settle", payments.settle, "The bank's word that it arrived.", "settle",
               (Field("settled_on", Day(), "on", about="Today when left out."),), Outcome, needs_version=True),
        Action("fail", payments.fail, "It came back: what it held is owed again.", "fail",
               (Field("reason", Text(300), "failure", required=True),), Outcome, needs_version=True),
    ),
)  # fmt: skip
