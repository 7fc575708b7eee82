"""What partners do when something happens: checklists, files of data. Bears running twice."""

from core.clock import now
from core.models import Event
from partners import services
from partners.enums import PartnerStatus
from partners.models import OnboardingAction, Partner, PartnerExport


def begin_onboarding(event: Event) -> None:
    """A newcomer is in a program: its checklist is made."""
    partner = Partner.objects.filter(pk=event.partner_id or event.subject_id, status=PartnerStatus.ONBOARDING).first()
    if partner and not OnboardingAction.objects.filter(partner=partner).exists():
        services.begin(partner, at=now())
        services.settle(partner, at=now())


def tick_off(event: Event) -> None:
    """Something happened that a checklist may wait for; terms on paper let an approved partner begin."""
    waiting = (PartnerStatus.APPROVED, PartnerStatus.ONBOARDING)
    partner = Partner.objects.filter(pk=event.partner_id or event.subject_id, status__in=waiting).first()
    if partner:
        services.settle_terms(partner, at=now())


def pack_at_the_end(event: Event) -> None:
    """A partner has left: its data are packed once more, with its final papers."""
    services.pack_at_the_end(Partner.objects.get(pk=event.subject_id), at=event.at)


def make_export(event: Event) -> None:
    """Somebody asked for a partner's data: the worker makes the file."""
    services.make_export(PartnerExport.objects.select_related("partner").get(pk=event.subject_id), at=now())
