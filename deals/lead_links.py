"""The link by which one person of a partner answers one offer without signing in."""

from datetime import timedelta
from uuid import UUID

from accounts.models import User
from core import links
from core.actor import Actor
from deals.models import LeadOffer
from partners.actors import actor_for

_PURPOSE = "lead offer"
_LIVES = timedelta(days=60)  # the offer's own end is sooner


def token(offer: LeadOffer, user: User) -> str:
    return links.token(_PURPOSE, offer, user.pk.hex)


def read(text: str) -> tuple[Actor, UUID] | None:
    """(who answers, which offer): the person the link was sent to, with what that person may do now."""
    found = links.read(_PURPOSE, text, _LIVES)
    if found is None:
        return None
    user = User.objects.filter(pk=UUID(found[1])).first()
    return (actor_for(user), found[0]) if user else None
