"""Mails about touches: to the owner of the opportunity, who answers without signing in, and to the partner."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.calendar import last_local_day
from core.deliver import outside
from core.models import Delivery, Event
from deals.enums import TouchStatus
from deals.models import Touch
from deals.services.touches import token
from notifications.mail import address, compose
from partners.enums import MemberRole
from partners.models import Member


def _touch(event: Event) -> Touch:
    return Touch.objects.select_related("partner", "opportunity__account", "created_by").get(pk=event.subject_id)


def _words(touch: Touch) -> dict[str, Any]:
    until = last_local_day(touch.due_at, settings.TIME_ZONE) if touch.due_at else None
    return {
        "touch": touch,
        "partner": touch.partner.name,
        "company": touch.account_name,
        "what": touch.get_kind_display(),
        "day": date_format(touch.happened_on, "j M Y"),
        "until": date_format(until, "j M Y") if until else "",
    }


@outside
def touch_asked(event: Event, delivery: Delivery):
    """To the owner: did this happen? Nothing where there is nobody to ask or nothing to ask any more."""
    touch = _touch(event)
    if touch.status != TouchStatus.CLAIMED or not (touch.opportunity and touch.asked_email):
        return None
    url = address(reverse("touch_answer", args=[token(touch)]))
    words = _words(touch) | {"deal": str(touch.opportunity), "url": url}
    subject = _("Did this happen? %(partner)s on %(deal)s") % words
    return compose(delivery, [touch.asked_email], subject, "touch_asked", words, thread=touch.pk.hex)


@outside
def touch_answered(event: Event, delivery: Delivery):
    """To who claimed it while still working there, else the partner's admins."""
    touch = _touch(event)
    words = _words(touch) | {"url": address(reverse("portal:touches")), "status": touch.status}
    subject = str(_ANSWERS[touch.status]) % words
    return compose(delivery, _claimers(touch), subject, "touch_answered", words, thread=f"{touch.pk.hex}.partner")


_ANSWERS: dict[str, Any] = {
    TouchStatus.CONFIRMED: gettext_lazy("Confirmed: %(what)s, %(day)s"),
    TouchStatus.REFUSED: gettext_lazy("Not confirmed: %(what)s, %(day)s"),
    TouchStatus.LAPSED: gettext_lazy("Nobody answered: %(what)s, %(day)s"),
}


def _claimers(touch: Touch) -> list[str]:
    members = Member.objects.filter(partner_id=touch.partner_id, ended_at=None, user__is_active=True)
    writer = members.filter(user=touch.created_by) if touch.created_by else members.none()
    rows = writer if writer.exists() else members.filter(role=MemberRole.ADMIN)
    return sorted(rows.values_list("user__email", flat=True))
