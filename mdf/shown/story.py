"""What happened to a request and its claims, as a timeline."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.models import Event
from core.parts import Moment

_SAID: dict[str, tuple[Any, str, str]] = {
    "mdf_request.drafted": (gettext_lazy("started a draft"), "edit", ""),
    "mdf_request.submitted": (gettext_lazy("sent the request"), "upload", "info"),
    "mdf_request.taken_up": (gettext_lazy("opened the review"), "clock", ""),
    "mdf_request.questioned": (gettext_lazy("asked a question"), "help", "warn"),
    "mdf_request.answered": (gettext_lazy("answered"), "upload", "info"),
    "mdf_request.written": (gettext_lazy("changed the request"), "edit", ""),
    "mdf_request.changed": (gettext_lazy("changed what was approved: it is decided anew"), "edit", "warn"),
    "mdf_request.changed_partly": (gettext_lazy("changed a part of it, which is decided anew"), "edit", "warn"),
    "mdf_request.reduced": (gettext_lazy("left out a part of what was approved"), "edit", "warn"),
    "mdf_request.endorsed": (gettext_lazy("approved a step"), "check", "info"),
    "mdf_request.approved": (gettext_lazy("approved the request"), "check", "good"),
    "mdf_request.partly_approved": (gettext_lazy("approved a part of the request"), "check", "warn"),
    "mdf_request.accepted": (gettext_lazy("accepted the part that was approved"), "check", "good"),
    "mdf_request.confirmed": (gettext_lazy("confirmed what was written for the company"), "check", "info"),
    "mdf_request.rejected": (gettext_lazy("declined the request"), "x", "bad"),
    "mdf_request.declined": (gettext_lazy("declined the request for good"), "x", "bad"),
    "mdf_request.withdrawn": (gettext_lazy("withdrew the request"), "x", ""),
    "mdf_request.ran_out": (gettext_lazy("noted that the offer was not accepted in time"), "clock", "bad"),
    "mdf_request.cancelled": (gettext_lazy("cancelled what was approved"), "x", ""),
    "mdf_request.started": (gettext_lazy("noted that it has begun"), "play", ""),
    "mdf_request.completed": (gettext_lazy("noted that it is over"), "check", ""),
    "mdf_request.closed": (gettext_lazy("closed the request"), "check", "good"),
    "mdf_request.lapsed": (gettext_lazy("closed the request: nothing was claimed in time"), "clock", "bad"),
    "mdf_activity.reminded": (gettext_lazy("reminded of the last day for a claim"), "clock", "warn"),
    "mdf_activity.extension_asked": (gettext_lazy("asked for more time for a claim"), "clock", "info"),
    "mdf_activity.extended": (gettext_lazy("gave more time for a claim"), "clock", "good"),
    "mdf_activity.lapsed": (gettext_lazy("freed what was not claimed in time"), "clock", "bad"),
    "mdf_activity.results_due": (gettext_lazy("asked what came of it"), "help", "info"),
    "mdf_activity.reported": (gettext_lazy("reported what came of it"), "upload", "info"),
    "mdf_activity.settled": (gettext_lazy("settled an activity"), "check", "good"),
    "mdf_claim.drafted": (gettext_lazy("started a claim"), "edit", ""),
    "mdf_claim.submitted": (gettext_lazy("sent a claim"), "upload", "info"),
    "mdf_claim.questioned": (gettext_lazy("asked about a claim"), "help", "warn"),
    "mdf_claim.answered": (gettext_lazy("answered about a claim"), "upload", "info"),
    "mdf_claim.looked_at": (gettext_lazy("looked at proofs"), "search", ""),
    "mdf_claim.approved": (gettext_lazy("approved a claim"), "check", "good"),
    "mdf_claim.partly_approved": (gettext_lazy("approved a part of a claim"), "check", "warn"),
    "mdf_claim.rejected": (gettext_lazy("declined a claim"), "x", "bad"),
    "mdf_claim.withdrawn": (gettext_lazy("withdrew a claim"), "x", ""),
    "mdf_claim.paid": (gettext_lazy("paid a claim"), "check", "good"),
    "mdf_claim.unpaid": (gettext_lazy("noted that a payment came back"), "x", "bad"),
    "mdf_claim.reconciled": (gettext_lazy("noted that the payment arrived"), "check", "good"),
    "mdf_claim.clawed_back": (gettext_lazy("took a payment back"), "x", "bad"),
}
_QUIET = {"mdf_claim.taken_up", "mdf_claim.payable", "mdf_claim.written"}  # steps that tell a partner nothing new


def moments(events: Iterable[Event]) -> list[Moment]:
    """What tells something, in the order given; runs of one writer's changes once."""
    told: list[Moment] = []
    last = ""
    for event in events:
        mark = f"{event.type} {event.actor_label}"
        if event.type in _QUIET or (mark == last and event.type == "mdf_request.written"):
            continue
        last = mark
        told.append(_moment(event))
    return told


def _moment(event: Event) -> Moment:
    words, icon, tone = _SAID.get(event.type, (event.verb, "info", ""))
    title = event.data.get("title")
    told = _("%(what)s: %(title)s") % {"what": words, "title": title} if title else str(words)
    if part := event.data.get("part"):
        told = _("%(what)s as %(reference)s") % {"what": words, "reference": part}
    return Moment(told, event.at, event.actor_label, event.data.get("text", ""), icon, tone)
