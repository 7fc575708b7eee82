"""Mails about people: invitations."""

from django.urls import reverse
from django.utils.translation import gettext as _

from core.deliver import outside
from core.models import Delivery, Event
from notifications.mail import address, compose
from partners import rules, tokens
from partners.enums import InvitationStatus
from partners.models import Invitation


@outside
def invitation_sent(event: Event, delivery: Delivery):
    """The link to join. It is made anew by signing: no table and no task ever held it."""
    invitation = Invitation.objects.select_related("partner", "invited_by").get(pk=event.subject_id)
    token = tokens.of(invitation)
    if invitation.status != InvitationStatus.SENT or invitation.sent_at != event.at or token is None:
        return None  # cancelled, used or sent again since
    words = {
        "partner": invitation.partner,
        "inviter": invitation.invited_by,
        "role": invitation.get_role_display(),
        "days": rules.INVITATION_LIVES.days,
        "url": address(reverse("join", args=[token])),
    }
    subject = _("Join %(partner)s · the link works for %(days)d days") % words
    return compose(delivery, [invitation.email], subject, "invitation", words)
