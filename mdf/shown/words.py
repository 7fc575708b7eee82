"""Status words of market funds, in the words of the reader's side."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from core.actor import Actor
from core.parts import Tag
from mdf.enums import ActivityStatus, ClaimStatus, PaymentStatus, ProofStatus, RequestStatus
from mdf.models import Activity, Claim, Payment, Request

R, C = RequestStatus, ClaimStatus
_TONES: dict[str, str] = {
    R.SUBMITTED: "info", R.IN_REVIEW: "info", R.ACTION_REQUIRED: "warn", R.PARTLY_APPROVED: "warn", R.APPROVED: "good",
    R.IN_EXECUTION: "good", R.COMPLETED: "good", R.REJECTED: "bad", R.DECLINED: "bad", R.LAPSED: "bad",
    C.INFORMATION_REQUESTED: "warn", C.PAYABLE: "good", C.PAID: "good", C.RECONCILED: "good", C.CLAWED_BACK: "bad",
}  # fmt: skip
_OURS: dict[str, Any] = {R.SUBMITTED: _("Waiting for us"), R.IN_REVIEW: _("Waiting for us")}
_PARTNERS: dict[str, Any] = _OURS | {
    R.ACTION_REQUIRED: _("Waiting for you"), R.PARTLY_APPROVED: _("Approved in part: accept it"),
    R.IN_EXECUTION: _("Running"), R.COMPLETED: _("Over: claim it"),
}  # fmt: skip
_VENDORS: dict[str, Any] = _OURS | {
    R.ACTION_REQUIRED: _("Waiting for the partner"), R.PARTLY_APPROVED: _("Approved in part: the partner accepts"),
}  # fmt: skip
_CLAIM: dict[str, Any] = {C.SUBMITTED: _("Waiting for us"), C.IN_REVIEW: _("Waiting for us")}
_PARTNERS_CLAIM = _CLAIM | {C.INFORMATION_REQUESTED: _("Waiting for you")}
_VENDORS_CLAIM = _CLAIM | {C.INFORMATION_REQUESTED: _("Waiting for the partner")}
_ACTIVITY = {ActivityStatus.APPROVED: "good", ActivityStatus.SETTLED: "good", ActivityStatus.REJECTED: "bad"}
_PAYMENT: dict[str, str] = {PaymentStatus.PAID: "good", PaymentStatus.SENT: "info", PaymentStatus.FAILED: "bad"}
_PROOF = {ProofStatus.ACCEPTED: "good", ProofStatus.REJECTED: "bad"}


def request_tag(request: Request, actor: Actor) -> Tag:
    words = _PARTNERS if actor.is_partner else _VENDORS
    return Tag(str(words.get(request.status, request.get_status_display())), _TONES.get(request.status, ""))


def claim_tag(claim: Claim, actor: Actor) -> Tag:
    words = _PARTNERS_CLAIM if actor.is_partner else _VENDORS_CLAIM
    return Tag(str(words.get(claim.status, claim.get_status_display())), _TONES.get(claim.status, ""))


def activity_tag(activity: Activity) -> Tag | None:
    """Nothing while nothing is decided."""
    if activity.status == ActivityStatus.ASKED:
        return None
    return Tag(activity.get_status_display(), _ACTIVITY.get(ActivityStatus(activity.status), ""))


def payment_tag(payment: Payment) -> Tag:
    return Tag(payment.get_status_display(), _PAYMENT.get(payment.status, "warn"))


def proof_tag(row: Any) -> Tag:
    """Of a proof or an invoice line."""
    return Tag(row.get_status_display(), _PROOF.get(ProofStatus(row.status), "info"))
