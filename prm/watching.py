"""The vendor's people see the portal as a partner sees it: read-only, for half an hour, and written down."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from core.actor import Actor
from core.scope import scope
from partners.enums import MemberRole
from partners.models import Partner
from partners.roles import of_member

KEY = "watching"
LASTS = timedelta(minutes=30)
PERMISSION = "partner.watch"
SAFE = ("GET", "HEAD", "OPTIONS")
# what still works: to leave, to sign out, to choose colours
ALLOWED: set[str | None] = {"watch_leave", "account_logout", "theme"}


@dataclass(frozen=True)
class Watch:
    """Whose portal somebody of the vendor looks at, until when (seconds since 1970)."""

    partner_id: str
    name: str
    back: str
    until: int

    @property
    def leave_url(self) -> str:
        return reverse("admin:watch_leave")

    def actor(self, me: Actor) -> Actor:
        """What the partner's own admin sees. Nothing can be done with it: `barred` stops every change."""
        ours = frozenset({UUID(self.partner_id)})
        return Actor(me.label, "partner", me.id, ours, permissions=of_member(MemberRole.ADMIN))


def begin(request: HttpRequest, partner: Partner, at: datetime) -> None:
    until = int((at + LASTS).timestamp())
    request.session[KEY] = [str(partner.pk), partner.name, partner.get_console_url(), until]


def end(request: HttpRequest) -> str:
    """Ends it; the address of the partner's page in the console."""
    kept = request.session.pop(KEY, None)
    return Watch(*kept).back if kept else reverse("admin:index")


def present(request: HttpRequest, me: Actor) -> Watch | None:
    """What is being watched, by somebody who may."""
    kept = request.session.get(KEY)
    watch = Watch(*kept) if kept and me.is_vendor and me.can(PERMISSION) else None
    return watch if watch is None or not me.reach or _looks_after(me, watch) else None


def _looks_after(me: Actor, watch: Watch) -> bool:
    """Whether the partner is still one that somebody sees who is kept to some."""
    with scope(me):
        return Partner.objects.visible_to(me).filter(pk=watch.partner_id).exists()


def over(watch: Watch, at: datetime) -> bool:
    return at.timestamp() >= watch.until


def in_portal(request: HttpRequest) -> bool:
    return "portal" in request.resolver_match.namespaces  # type: ignore[union-attr]


def barred(request: HttpRequest, watch: Watch) -> str | None:
    """Why this request can't be done now: nothing is changed by somebody who looks as another."""
    match = request.resolver_match
    if request.method in SAFE or (match and match.url_name in ALLOWED):
        return None
    return _("You see what %s sees, and nothing can be changed meanwhile. Leave that view first.") % watch.name
