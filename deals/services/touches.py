"""What partners did for an opportunity: claimed, put to its owner, confirmed or not."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from core import links, slots, timers
from core.actor import SYSTEM, Actor
from core.calendar import working_days_after
from core.errors import IllegalTransition, Refused, Stale
from core.events import record
from core.scope import across
from deals.enums import Stage, TouchStatus
from deals.models import Opportunity, Registration, Touch
from deals.normalise import normal_name
from deals.particulars import Reason, TouchClaim
from deals.workflow import TOUCH

ANSWER_DAYS = 10  # working days the owner has
BEFORE = timedelta(days=90)  # a customer's opportunity is looked for among those opened until so long after the touch


def _today(at: datetime) -> date:
    return at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


@transaction.atomic
def claim(told: TouchClaim, *, by: Actor, at: datetime) -> Touch:
    """A partner's claim. The owner of the opportunity is asked; where none is found, our people link one."""
    by.require("touch.claim")
    _check(told, at)
    _refuse_unknown_code(told, at)
    with across():  # whether we work with the customer is not the partner's to know
        opportunity = told.opportunity or _find(told)
    touch = Touch.objects.create(
        partner=told.partner, opportunity=opportunity, account_name=told.account_name, kind=told.kind,
        happened_on=told.happened_on, note=told.note, campaign=told.campaign, entered_at=at,
        created_by_id=by.id if by.kind in ("partner", "vendor") else None, **_asked(opportunity, at),
    )  # fmt: skip
    _wind(touch)
    data = {"kind": touch.kind, "happened_on": touch.happened_on.isoformat(), "text": touch.note}
    record("claimed", touch, by=by, at=at, partner_id=touch.partner_id, data=data)
    return touch


@transaction.atomic
def enter(told: TouchClaim, *, by: Actor, at: datetime) -> Touch:
    """A touch that our own people know of: confirmed at once."""
    by.require("touch.confirm")
    if told.opportunity is None:
        raise Refused(_("Choose the opportunity it was for."), field="opportunity")
    return confirm(claim(told, by=by, at=at), by=by, at=at)


def _check(told: TouchClaim, at: datetime) -> None:
    if told.happened_on > _today(at):
        raise Refused(_("Enter a day that is not in the future."), field="happened_on")
    if told.opportunity is None and not told.account_name:
        raise Refused(_("Choose an opportunity, or enter the customer."), field="account_name")


def _refuse_unknown_code(told: TouchClaim, at: datetime) -> None:
    """A tracking code is one of the partner's own activities."""
    if told.campaign and not any(slots.ask("tracking_code", SYSTEM, (told.partner.pk, told.campaign), at=at)):
        raise Refused(_("We don't know this tracking code. Take it from your activity's page."), field="campaign")


def _find(told: TouchClaim) -> Opportunity | None:
    """The one opportunity this can be about: the partner's own by registration, else the customer's. Not a guess."""
    name = normal_name(told.account_name)
    own = Registration.objects.filter(partner=told.partner, normal_name=name, opportunity__isnull=False)
    rows = Opportunity.objects.filter(opened_on__lte=told.happened_on + BEFORE, deleted_at=None)
    rows = rows.filter(Q(stage=Stage.OPEN) | Q(closed_on__gte=told.happened_on)) if name else rows.none()
    for narrowed in (rows.filter(pk__in=own.values("opportunity_id")), rows.filter(account__normal_name=name)):
        found = list(narrowed[:2])
        if len(found) == 1:
            return found[0]
    return None


def _asked(opportunity: Opportunity | None, at: datetime) -> dict:
    """Who is asked, and until when; nobody before there is an opportunity."""
    if opportunity is None:
        return {}
    return {
        "asked_email": opportunity.owner_email,
        "due_at": working_days_after(at, ANSWER_DAYS, settings.TIME_ZONE),
    }


def _wind(touch: Touch) -> None:
    """Timers are the vendor's: the partner whose act this is doesn't see them."""
    with across():
        timers.put(touch, {"lapse": touch.due_at})


@transaction.atomic
def link(touch: Touch, opportunity: Opportunity, *, by: Actor, at: datetime) -> Touch:
    """Says which opportunity a claim is about; its owner is asked from now on."""
    by.require("touch.confirm")
    if touch.status != TouchStatus.CLAIMED:
        raise IllegalTransition(_("This can't be done any more: it is %s now.") % touch.get_status_display().lower())
    rows = Touch.objects.filter(pk=touch.pk, version=touch.version, status=TouchStatus.CLAIMED)
    if rows.update(opportunity=opportunity, **_asked(opportunity, at)) != 1:
        raise Stale(_("This was changed a moment ago. Look at it again."), code="version_mismatch")
    touch.refresh_from_db()
    _wind(touch)
    record("linked", touch, by=by, at=at, data={"opportunity": opportunity.public_id})
    return touch


@transaction.atomic
def confirm(touch: Touch, reason: Reason = Reason(""), *, by: Actor, at: datetime) -> Touch:  # noqa: B008
    """It was so. From now on it counts, if its days are right."""
    return _answer(touch, "confirm", reason, by=by, at=at)


@transaction.atomic
def refuse(touch: Touch, reason: Reason, *, by: Actor, at: datetime) -> Touch:
    """It was not so; the partner reads why."""
    if not reason.text:
        raise Refused(_("Enter what the partner is told."), field="text")
    return _answer(touch, "refuse", reason, by=by, at=at)


def _answer(touch: Touch, step: str, reason: Reason, *, by: Actor, at: datetime) -> Touch:
    values = {"answered_at": at, "answered_label": by.label[:200], "answer": reason.text[:1000]}
    TOUCH.fire(touch, step, by=by, at=at, data={"text": reason.text}, **values)
    timers.stop(touch)
    return touch


def lapse(touch: Touch, *, at: datetime) -> None:
    """Nobody answered in time."""
    TOUCH.fire(touch, "lapse", by=SYSTEM, at=at, answered_at=at)


# --- the owner's link -----------------------------------------------------------------------------------------------

_PURPOSE = "touch"
_LIVES = timedelta(days=60)  # the timer ends it long before


def token(touch: Touch) -> str:
    """What the mail to the owner holds; a touch that is asked about anew has another."""
    return links.token(_PURPOSE, touch, _stamp(touch))


def behind(text: str) -> Touch | None:
    """The touch that this link asks about; None when it was made for another asking, or by nobody."""
    found = links.read(_PURPOSE, text, _LIVES)
    touch = (
        Touch.objects.filter(pk=found[0]).select_related("opportunity__account", "partner").first() if found else None
    )
    return touch if touch is not None and found is not None and _stamp(touch) == found[1] else None


def _stamp(touch: Touch) -> str:
    return f"{touch.opportunity_id} {touch.asked_email}"
