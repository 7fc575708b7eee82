"""What deals do when something happens. Bears running twice: recomputes, never counts up."""

from django.utils.translation import gettext as _

from core.actor import SYSTEM
from core.ids import parse_public_id
from core.models import Event
from deals import services
from deals.enums import PROTECTED
from deals.matching import build, index
from deals.models import Account, Lead, Registration
from deals.particulars import Reason
from deals.services import offers
from deals.services.leads import AT_WORK
from partners.enums import OpenDeals, OpenLeads


def _deal(event: Event) -> Registration:
    rows = Registration.objects.visible_to(SYSTEM).select_related("partner", "membership__program")
    return rows.get(pk=event.subject_id)


def move_line(event: Event) -> None:
    """A registration has ended: the next in line behind it moves up, now or when it can't come back any more."""
    services.advance(_deal(event), at=event.at)


def dissolve_line(event: Event) -> None:
    """A registration is won: those behind it are told."""
    services.dissolve(_deal(event), at=event.at)


def watch_direct(event: Event) -> None:
    """An opportunity is new or has changed: does it stand on a deal that we protect?"""
    pk = parse_public_id("opp", event.data.get("opportunity")) or event.subject_id
    services.find_breaches([pk], at=event.at)


def watch_loaded(event: Event) -> None:
    """The same for all opportunities of a load."""
    if event.data.get("resource") == "opportunity":
        services.find_in_batch(event.subject_id, at=event.at)


def watch_protected(event: Event) -> None:
    """A deal is protected from now on: what stands on it already?"""
    services.find_on(event.subject_id, at=event.at)


def index_account(event: Event) -> None:
    """An account is new, renamed or gone: the conflict check finds it by its present name."""
    index.renew(*Account.objects.visible_to(SYSTEM).filter(pk=event.subject_id))


def index_loaded(event: Event) -> None:
    """The same for all accounts of a load. Of several loads the last does the work."""
    later = Event.objects.filter(type=event.type, pk__gt=event.pk, data__resource="account")
    if event.data.get("resource") == "account" and not later.exists():
        build.catch_up(tidy=False)


def take_leads_back(event: Event) -> None:
    """A partner is leaving, and its plan says that its leads come back."""
    if event.data.get("leads") == OpenLeads.RECALL:
        for lead in Lead.objects.filter(partner_id=event.subject_id, status__in=AT_WORK, deleted_at=None):
            offers.recall(lead, Reason(_("The partner leaves the program.")), by=SYSTEM, at=event.at)


def let_go(event: Event) -> None:
    """A partner has left, and its plan says that its registrations are released."""
    if event.data.get("deals") == OpenDeals.RELEASE:
        for deal in Registration.objects.filter(partner_id=event.subject_id, status__in=PROTECTED, deleted_at=None):
            services.release(deal, Reason(_("The partner left the program.")), by=SYSTEM, at=event.at)
