"""Mails about market funds: one template, a subject and a sentence for each thing that happened."""

from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.calendar import last_local_day
from core.deliver import outside
from core.models import Delivery, Event
from mdf.enums import ActivityStatus, ClaimStatus, ProofKind, RequestStatus
from mdf.models import Activity, Claim, Request
from notifications import recipients
from notifications.mail import address, compose, is_past, moment
from partners.enums import MemberRole, StaffRole
from partners.models import Member

News = tuple[Any, Any]  # subject, sentence; both may name what _words tells

_TO_PARTNER: dict[str, News] = {
    "mdf_request.submitted": (
        gettext_lazy("Received: %(what)s · answer by %(answer_by)s"),
        gettext_lazy("We have your request for %(asked)s for %(what)s. We answer by %(answer_by)s."),
    ),
    "mdf_request.to_confirm": (
        gettext_lazy("Confirm: %(what)s, asked for in your name"),
        gettext_lazy("We asked for %(asked)s of market funds for %(what)s in your name. Confirm it, and we decide."),
    ),
    "mdf_request.questioned": (
        gettext_lazy("Question on %(what)s"),
        gettext_lazy("We have a question on your request for %(what)s. Our clock stands still until you answer:"),
    ),
    "mdf_request.approved": (
        gettext_lazy("Approved: %(approved)s for %(what)s · claim by %(claim_by)s"),
        gettext_lazy("We set %(approved)s aside for %(what)s. Proofs we need: %(proofs)s. Claim by %(claim_by)s."),
    ),
    "mdf_request.partly_approved": (
        gettext_lazy("Approved in part: %(approved)s of %(asked)s for %(what)s · accept by %(accept_by)s"),
        gettext_lazy(
            "We approved %(approved)s of the %(asked)s you asked for. Accept it by %(accept_by)s, or withdraw and ask "
            "anew; after that day the offer ends."
        ),
    ),
    "mdf_request.ran_out": (
        gettext_lazy("Ended: the offer for %(what)s"),
        gettext_lazy("Nobody accepted the part we approved for %(what)s in time. Ask anew if you still plan it."),
    ),
    "mdf_request.rejected": (
        gettext_lazy("Not approved: %(what)s"),
        gettext_lazy("We can't fund %(what)s like this. You can change the request and send it again. Our reason:"),
    ),
    "mdf_request.declined": (
        gettext_lazy("Declined: %(what)s"),
        gettext_lazy("We don't fund %(what)s. This is final. Our reason:"),
    ),
    "mdf_activity.reminded": (
        gettext_lazy("%(days)s left to claim %(approved)s for %(activity)s"),
        gettext_lazy(
            "The last day to claim %(approved)s for %(activity)s is %(claim_by)s. What is not claimed by then is free "
            "again. Proofs we need: %(proofs)s."
        ),
    ),
    "mdf_activity.extended": (
        gettext_lazy("More time: claim %(activity)s by %(claim_by)s"),
        gettext_lazy("You have until %(claim_by)s to claim %(activity)s. There is no second extension."),
    ),
    "mdf_activity.lapsed": (
        gettext_lazy("Lapsed: %(activity)s was not claimed in time"),
        gettext_lazy("The last day to claim %(activity)s has passed. %(released)s set aside for it are free again."),
    ),
    "mdf_activity.results_due": (
        gettext_lazy("What came of %(activity)s? %(days)s have passed"),
        gettext_lazy("%(days)s have passed since %(activity)s. Tell us how many leads and which pipeline it brought: "
                     "it speaks for your next request."),
    ),
    "mdf_claim.submitted": (
        gettext_lazy("Received: claim for %(activity)s · answer by %(claim_answer_by)s"),
        gettext_lazy("We have your claim for %(claimed)s for %(activity)s. We answer by %(claim_answer_by)s."),
    ),
    "mdf_claim.questioned": (
        gettext_lazy("Question on your claim for %(activity)s"),
        gettext_lazy("We have a question on your claim for %(activity)s:"),
    ),
    "mdf_claim.approved": (
        gettext_lazy("Approved: %(payable)s for %(activity)s · paid by %(pay_by)s"),
        gettext_lazy("We pay %(payable)s for %(activity)s by %(pay_by)s."),
    ),
    "mdf_claim.partly_approved": (
        gettext_lazy("Approved in part: %(payable)s of %(claimed)s for %(activity)s · paid by %(pay_by)s"),
        gettext_lazy("We pay %(payable)s of the %(claimed)s you claimed for %(activity)s, by %(pay_by)s. The sum: "
                     "%(sum)s. Our reason:"),
    ),
    "mdf_claim.rejected": (
        gettext_lazy("Not accepted: claim for %(activity)s · send it again by %(again_by)s"),
        gettext_lazy("We can't pay the claim for %(activity)s like this. Put it right and send it again by "
                     "%(again_by)s. Our reason:"),
    ),
    "mdf_claim.paid": (
        gettext_lazy("Paid: %(payable)s for %(activity)s, ref %(bank_reference)s"),
        gettext_lazy("We paid you %(payable)s for %(activity)s. Reference of the payment: %(bank_reference)s."),
    ),
    "mdf_claim.unpaid": (
        gettext_lazy("Came back: the payment for %(activity)s"),
        gettext_lazy("The payment for %(activity)s came back to us. Check your bank details; we pay again."),
    ),
    "mdf_claim.clawed_back": (
        gettext_lazy("Taken back: %(payable)s for %(activity)s"),
        gettext_lazy("We take %(payable)s for %(activity)s back to your funds. Our reason:"),
    ),
}  # fmt: skip
_TO_VENDOR: dict[str, News] = {
    "mdf_request.submitted": (
        gettext_lazy("Decide by %(answer_by)s: %(what)s, %(asked)s (%(partner)s)"),
        gettext_lazy("%(partner)s asks for %(asked)s of market funds for %(what)s. The answer is due %(answer_by)s."),
    ),
    "mdf_request.endorsed": (
        gettext_lazy("Your step by %(answer_by)s: %(what)s, %(asked)s (%(partner)s)"),
        gettext_lazy("%(asked)s for %(what)s of %(partner)s has passed the step before yours."),
    ),
    "mdf_request.confirmed": (
        gettext_lazy("Confirmed: %(what)s (%(partner)s) · decide by %(answer_by)s"),
        gettext_lazy("%(partner)s has confirmed the request for %(what)s that we wrote for it."),
    ),
    "mdf_request.answered": (
        gettext_lazy("Answered: %(what)s (%(partner)s) · decide by %(answer_by)s"),
        gettext_lazy("%(partner)s has answered your question on %(what)s:"),
    ),
    "mdf_request.changed": (
        gettext_lazy("Changed: %(what)s (%(partner)s) · decide anew by %(answer_by)s"),
        gettext_lazy("%(partner)s has changed %(what)s after it was approved. It is decided anew."),
    ),
    "mdf_request.accepted": (
        gettext_lazy("Accepted: %(approved)s for %(what)s (%(partner)s)"),
        gettext_lazy("%(partner)s has accepted the part you approved for %(what)s."),
    ),
    "mdf_request.withdrawn": (
        gettext_lazy("Withdrawn: %(what)s (%(partner)s)"),
        gettext_lazy("%(partner)s has withdrawn its request for %(what)s."),
    ),
    "mdf_request.cancelled": (
        gettext_lazy("Called off: %(what)s (%(partner)s)"),
        gettext_lazy("%(partner)s has called %(what)s off. What was set aside for it is free again. Its reason:"),
    ),
    "mdf_activity.extension_asked": (
        gettext_lazy("More time? %(activity)s (%(partner)s), due %(claim_by)s"),
        gettext_lazy("%(partner)s asks for more time to claim %(activity)s. Its reason:"),
    ),
    "mdf_claim.submitted": (
        gettext_lazy("Decide by %(claim_answer_by)s: claim for %(activity)s, %(claimed)s (%(partner)s)"),
        gettext_lazy("%(partner)s claims %(claimed)s for %(activity)s. The answer is due %(claim_answer_by)s."),
    ),
    "mdf_claim.answered": (
        gettext_lazy("Answered: claim for %(activity)s (%(partner)s)"),
        gettext_lazy("%(partner)s has answered your question on its claim for %(activity)s:"),
    ),
    "mdf_claim.withdrawn": (
        gettext_lazy("Withdrawn: claim for %(activity)s (%(partner)s)"),
        gettext_lazy("%(partner)s has withdrawn its claim for %(activity)s."),
    ),
}
_ROLES = {"operations": StaffRole.CHANNEL_OPERATIONS, "finance": StaffRole.FINANCE}


class _Subject:
    """What an event is about: a claim or not, an activity or not, always the request."""

    def __init__(self, event: Event):
        self.event, self.claim, self.activity = event, None, None
        if event.subject_type == Claim.resource:
            self.claim = Claim.objects.select_related("activity__request", "partner").get(pk=event.subject_id)
            self.activity = self.claim.activity
        elif event.subject_type == Activity.resource:
            self.activity = Activity.objects.select_related("request").get(pk=event.subject_id)
        own = self.activity.request_id if self.activity else event.subject_id
        rows = Request.objects.select_related("partner__manager", "partner__backup", "created_by")
        self.request = rows.get(pk=own)
        self.activities = list(self.request.activities.order_by("place_in_request"))

    @property
    def record(self) -> Request | Claim:
        return self.claim or self.request

    @property
    def unconfirmed(self) -> bool:
        return self.request.on_behalf and self.request.confirmed_at is None

    @property
    def is_over(self) -> bool:
        """Whether what was sent is no more in review: the mail about that tells it all."""
        return self.event.verb == "submitted" and self.record.status not in (
            RequestStatus.IN_REVIEW,
            ClaimStatus.IN_REVIEW,
        )

    # --- words

    def words(self) -> dict[str, str]:
        request, zone = self.request, self.request.partner.time_zone
        agreed = [one for one in self.activities if one.status != ActivityStatus.REJECTED]
        about = [self.activity] if self.activity else agreed
        asked = sum((one.asked_amount for one in self.activities), Decimal(0))
        approved = sum((one.approved_amount or Decimal(0) for one in about), Decimal(0))
        accept_by = last_local_day(request.accept_by, zone) if request.accept_by else None
        return self._claims_words(zone) | {
            "what": str(request), "partner": request.partner.name, "asked": self._money(asked),
            "approved": self._money(approved), "answer_by": moment(request.due_at, zone), "accept_by": _day(accept_by),
            "claim_by": _day(min((one.claim_due_on for one in about if one.claim_due_on), default=None)),
            "proofs": _listed(about), "activity": str(self.activity or ""), "days": _left(self.event.data.get("days")),
            "released": self._money(Decimal(self.event.data.get("amount") or 0)),
        }  # fmt: skip

    def _claims_words(self, zone: str) -> dict[str, str]:
        claim = self.claim
        if claim is None:
            return {}
        references = claim.payments.order_by("-ordered_at").values_list("bank_reference", flat=True)
        again_by = last_local_day(claim.resubmit_by, zone) if claim.resubmit_by else None
        return {
            "claimed": self._money(claim.amount), "payable": self._money(claim.approved_amount or Decimal(0)),
            "pay_by": _day(claim.pay_by), "again_by": _day(again_by), "sum": _sum(claim.arithmetic),
            "claim_answer_by": moment(claim.due_at, zone),
            "bank_reference": references.first() or "",
        }  # fmt: skip

    def _money(self, amount: Decimal) -> str:
        return f"{amount:,.2f} {self.request.currency}"


def _day(day: Any) -> str:
    return date_format(day, "j M Y") if day else ""


def _left(days: Any) -> str:
    return "" if days is None else _("1 day") if days == 1 else _("%d days") % days


def _listed(activities: list[Activity]) -> str:
    kinds = dict.fromkeys(kind for one in activities for kind in one.proofs)
    return ", ".join(str(ProofKind(kind).label) for kind in kinds).lower() or _("none")


def _sum(arithmetic: dict[str, str]) -> str:
    """The payable amount as arithmetic."""
    if not arithmetic:
        return ""
    words = _("the least of %(claimed)s claimed, %(approved_left)s left of the approval, and %(share_percent)s%% × "
              "%(accepted_cost)s accepted cost = %(share)s")  # fmt: skip
    return words % arithmetic


# --- to whom -------------------------------------------------------------------------------------------------------


def _partner_side(about: _Subject) -> list[str]:
    """Who wrote it while still working there, else the partner's admins; of payments its admins and finance people."""
    members = Member.objects.filter(partner_id=about.request.partner_id, ended_at=None, user__is_active=True)
    writer = about.record.created_by_id
    own = members.filter(user_id=writer) if writer else members.none()
    if about.event.type in ("mdf_claim.paid", "mdf_claim.unpaid", "mdf_claim.clawed_back"):
        found = own.union(members.filter(role__in=(MemberRole.ADMIN, MemberRole.FINANCE)))
    else:
        found = own if own.exists() else members.filter(role=MemberRole.ADMIN)
    return sorted({member.user.email for member in found})


def _vendor_side(about: _Subject) -> list[str]:
    """Whose step of a request it is, else who looks after the partner."""
    request = about.request
    deciding = about.claim is None and request.status == RequestStatus.IN_REVIEW
    step = request.steps[request.steps_done] if deciding and request.steps_done < len(request.steps) else "manager"
    return recipients.everybody(_ROLES[step]) if step in _ROLES else recipients.of_partner(request.partner)


@outside
def tell_partner(event: Event, delivery: Delivery):
    """Nothing about what is over before the mail leaves, and no receipt for what was approved at once."""
    about, news = _Subject(event), _TO_PARTNER[event.type]
    if event.type == "mdf_request.submitted" and about.unconfirmed:
        news = _TO_PARTNER["mdf_request.to_confirm"]
    if about.is_over:
        return None
    if event.type == "mdf_activity.reminded" and about.activity and about.activity.status != ActivityStatus.APPROVED:
        return None
    url = about.record.get_absolute_url()
    return _send(about, delivery, _partner_side(about), news, url, "")


@outside
def tell_vendor(event: Event, delivery: Delivery):
    """Nothing about drafts, and nothing to decide where the partner's own word comes first."""
    about = _Subject(event)
    request = about.request
    unheard = request.submitted_at is None or (about.claim is not None and about.claim.submitted_at is None)
    not_yet = event.type == "mdf_request.submitted" and about.unconfirmed
    if unheard or not_yet or about.is_over:
        return None
    return _send(
        about, delivery, _vendor_side(about), _TO_VENDOR[event.type], about.record.get_console_url(), ".vendor"
    )


def _send(about: _Subject, delivery: Delivery, to: list[str], news: News, url: str, side: str):
    words = about.words()
    if is_past(words, *news):
        return None
    subject, sentence = (str(part) % words for part in news)
    told = {"sentence": sentence, "text": about.event.data.get("text", ""), "url": address(url)}
    return compose(delivery, to, subject, "mdf_news", told, thread=f"{about.request.pk.hex}{side}")
