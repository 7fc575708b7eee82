"""Who acts: a person, an API client or the system, as one frozen value."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from core.errors import Forbidden


@dataclass(frozen=True, slots=True)
class Reach:
    """Where one of the vendor's people is kept to some partners: those of these regions and of these people."""

    regions: frozenset[str]
    people: frozenset[UUID]  # this one, and whom this one stands in for
    partners: Any  # the ids of those partners, as a query


@dataclass(frozen=True, slots=True)
class Actor:
    """Answers what somebody may see and do. The empty actor sees nothing and may do nothing."""

    label: str = ""
    kind: str = "anonymous"  # partner | vendor | api | system | anonymous
    id: UUID | None = None
    partner_ids: frozenset[UUID] = field(default_factory=frozenset)
    sees_all: bool = False
    permissions: frozenset[str] = field(default_factory=frozenset)
    scopes: frozenset[str] = field(default_factory=frozenset)
    own: UUID | None = None  # of an API key: the partner in whose name it writes, whatever else it may read
    reach: Reach | None = None  # of the vendor's people who don't see all

    def can(self, permission: str) -> bool:
        return self.kind == "system" or permission in self.permissions

    def require(self, permission: str) -> None:
        """Raises Forbidden when the actor lacks `permission`."""
        if not self.can(permission):
            raise Forbidden(_("Your role can't do this. Ask your administrator."), permission=permission)

    @property
    def inside(self) -> bool:
        """Whether it reads as the vendor does, internal words too, be it of all partners or of some."""
        return self.sees_all or self.reach is not None

    @property
    def is_vendor(self) -> bool:
        return self.kind == "vendor"

    @property
    def is_partner(self) -> bool:
        return self.kind == "partner"


NOBODY = Actor()
SYSTEM = Actor(label="System", kind="system", sees_all=True)
