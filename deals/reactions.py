"""What deals do when something happens. Bears running twice: recomputes, never counts up."""

from core.actor import SYSTEM
from core.ids import parse_public_id
from core.models import Event
from deals import services
from deals.matching import build, index
from deals.models import Account, Registration


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
