"""The public directory: what everybody may read of listed partners, and nothing else of them or of anybody."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from core.models import StoredFile
from core.paging import Shown, keyset
from core.scope import elevated
from partners.countries import NAMES, country_name
from partners.enums import IntegrationStatus, PartnerType
from partners.models import Integration, Partner
from tiers.enums import MembershipStatus
from tiers.models import ProgramMembership

CHOICES_FOR = 300  # seconds
MOST_CHOICES = 200


@dataclass(frozen=True)
class Joint:
    """A live integration as everybody reads it."""

    name: str
    products: str
    direction: str
    link: str


@dataclass(frozen=True)
class Listing:
    """A partner as everybody may know it."""

    reference: str
    name: str
    website: str
    about: str
    tiers: tuple[str, ...]
    types: tuple[str, ...]
    places: tuple[str, ...]
    specialisations: tuple[str, ...]
    industries: tuple[str, ...]
    joint: tuple[Joint, ...] = ()
    logo: bool = False

    @property
    def brief(self) -> str:
        """One line of what it does."""
        first = self.about.split("\n")[0]
        return first if len(first) <= 180 else first[:177].rsplit(" ", 1)[0] + "…"


def search(wanted: Mapping[str, str], params: Mapping[str, str]) -> tuple[Shown, int]:
    """A page of listings that fit (q, tier, type, territory, specialisation), by name, and how many there are."""
    with elevated():
        rows = _narrowed(_listed(), wanted)
        page = keyset(rows.prefetch_related(_places()), params, order=("name", "id"))
        return Shown([_listing(row) for row in page.rows], page.newer, page.older), rows.count()


def one(reference: str) -> Listing | None:
    """A listed partner with what it has built, or None for everybody else."""
    with elevated():
        live = Integration.objects.filter(status=IntegrationStatus.LIVE, deleted_at=None).order_by("name")
        rows = _listed().prefetch_related(_places(), Prefetch("integrations", live, to_attr="live"))
        row = rows.filter(reference=reference).first()
        return _listing(row, row.live) if row else None


def logo(reference: str) -> StoredFile | None:
    """The picture of a listed partner."""
    with elevated():
        row = _listed().filter(reference=reference).select_related("logo").first()
        return row.logo if row else None


def choices() -> dict[str, list[tuple[str, str]]]:
    """What the filters offer: only what leads to somebody. Kept for some minutes."""
    return cache.get_or_set("directory:choices", _choices, CHOICES_FOR) or {}


def _choices() -> dict[str, list[tuple[str, str]]]:
    with elevated():
        held = ProgramMembership.objects.filter(partner__in=_listed(), status=MembershipStatus.ACTIVE, deleted_at=None)
        tiers = held.exclude(tier=None).order_by("tier__rank").values_list("tier__name", flat=True)
        types = set(held.values_list("partner_type", flat=True))
        words = list(_listed().values_list("territories", "country", "specialisations"))
    lands = {land for places, country, _words in words for land in (*places, country) if land}
    special = {word for _places, _country, known in words for word in known}
    return {
        "tier": [(name, name) for name in dict.fromkeys(tiers)],
        "type": [(value, str(label)) for value, label in PartnerType.choices if value in types],
        "territory": sorted(((land, _place(land)) for land in lands), key=lambda pair: pair[1])[:MOST_CHOICES],
        "specialisation": [(word, word) for word in sorted(special)][:MOST_CHOICES],
    }


def _listed() -> QuerySet[Partner]:
    """Who is in the directory: partners that wish it and work with us."""
    return Partner.objects.working().filter(is_listed=True, is_direct=False, deleted_at=None)


def _places() -> Prefetch:
    rows = ProgramMembership.objects.filter(status=MembershipStatus.ACTIVE, deleted_at=None)
    return Prefetch("program_memberships", rows.select_related("tier").order_by("pk"), to_attr="held")


def _narrowed(rows: QuerySet[Partner], wanted: Mapping[str, str]) -> QuerySet[Partner]:
    """Rows that fit every filter that is set."""
    held = ProgramMembership.objects.filter(status=MembershipStatus.ACTIVE, deleted_at=None)
    ways: dict[str, Any] = {
        "q": lambda v: Q(name__icontains=v) | Q(description__icontains=v) | Q(specialisations__icontains=v),
        "tier": lambda v: Q(pk__in=held.filter(tier__name=v).values("partner_id")),
        "type": lambda v: Q(pk__in=held.filter(partner_type=v).values("partner_id")),
        "territory": lambda v: Q(territories__contains=[v]) | Q(country=v),
        "specialisation": lambda v: Q(specialisations__contains=[v]),
    }
    for name, value in wanted.items():
        rows = rows.filter(ways[name](value))
    return rows


def _place(word: str) -> str:
    return country_name(word) if word in NAMES else word


def _listing(row: Partner, live: Iterable[Integration] = ()) -> Listing:
    held = row.held  # type: ignore[attr-defined]
    website = f"https://{row.website}" if row.website and "//" not in row.website else row.website
    return Listing(
        row.reference, row.name, website, row.description,
        tuple(dict.fromkeys(place.tier.name for place in held if place.tier)),
        tuple(dict.fromkeys(str(place.get_partner_type_display()) for place in held)),
        tuple(dict.fromkeys(_place(word) for word in (row.country, *row.territories) if word)),
        tuple(row.specialisations), tuple(row.industries),
        tuple(Joint(i.name, ", ".join(i.products), _way(i), i.link) for i in live),
        row.logo_id is not None,
    )  # fmt: skip


def _way(row: Integration) -> str:
    return {"to_us": _("Data flows to us"), "to_them": _("Data flows to them")}.get(row.direction, _("Both ways"))
