"""Which terms concern a partner now, and which of them it has not accepted yet."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from core import slots
from core.actor import SYSTEM
from partners.enums import ApplicationStatus
from partners.models import Agreement, AgreementText, Application, Partner

Place = tuple[UUID, str]  # program, type of partner


def places(partner: Partner, at: datetime) -> set[Place]:
    """Where it belongs: its memberships, and what it applied for until there is one."""
    held = {place for several in slots.ask("program_places", SYSTEM, partner, at=at) for place in several}
    if held:
        return held
    wanted = Application.objects.filter(partner=partner).exclude(status=ApplicationStatus.PASSED_ON)
    return set(wanted.values_list("program_id", "partner_type"))


def texts(among: set[Place], at: datetime) -> list[AgreementText]:
    """The newest version of every text that concerns somebody in these places, in the order of their titles."""
    found: dict[str, AgreementText] = {}
    for text in AgreementText.objects.filter(published_at__lte=at, deleted_at=None).order_by("published_at", "pk"):
        found[text.key] = text
    return sorted(_fitting(found.values(), among), key=lambda text: (text.title, text.key))


def _fitting(several: Iterable[AgreementText], among: set[Place]) -> list[AgreementText]:
    programs, types = {program for program, _type in among}, {kind for _program, kind in among}
    return [t for t in several if t.program_id in (None, *programs) and t.partner_type in ("", *types)]


def in_force(partner: Partner, at: datetime) -> list[AgreementText]:
    return texts(places(partner, at), at)


def unsigned(partner: Partner, at: datetime) -> QuerySet[AgreementText]:
    """Newest texts, of any program, that it has not accepted. What was signed on paper under the same title counts."""
    published = AgreementText.objects.filter(published_at__lte=at, deleted_at=None)
    later = Q(published_at__gt=OuterRef("published_at")) | Q(
        published_at=OuterRef("published_at"), pk__gt=OuterRef("pk")
    )
    same = Q(text_id=OuterRef("pk")) | Q(title=OuterRef("title"), text_version=OuterRef("text_version"))
    signed = Agreement.objects.filter(same, partner=partner, deleted_at=None)
    return published.filter(~Exists(published.filter(later, key=OuterRef("key"))), ~Exists(signed))


def outstanding(partner: Partner, at: datetime) -> list[AgreementText]:
    """What it has to accept."""
    found = sorted(unsigned(partner, at), key=lambda text: (text.title, text.key))
    return _fitting(found, places(partner, at)) if found else []


def accepted(partner: Partner, at: datetime) -> bool:
    """Whether it accepted something, and owes nothing."""
    return Agreement.objects.filter(partner=partner, deleted_at=None).exists() and not outstanding(partner, at)
