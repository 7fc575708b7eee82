"""Writing a registration: the keys of the check beside the words, and what an edit changes."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from core.errors import Stale
from core.events import changes
from deals.models import Registration
from deals.normalise import normal_name, registrable_domain

PERSONAL = frozenset({"contact_name", "contact_email", "contact_role"})


def with_keys(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with the keys of the duplicate check beside what they are made of."""
    made = {}
    if "website" in values:
        made["domain"] = registrable_domain(values["website"])
    if "account_name" in values:
        made["normal_name"] = normal_name(values["account_name"])
    return {**values, **made}


def before_and_after(deal: Registration, values: Mapping[str, Any]) -> dict[str, Any]:
    """What an edit changes, for the event: of personal fields only the names."""
    moved = changes({name: getattr(deal, name) for name in values}, values)
    return {name: [None, None] if name in PERSONAL else pair for name, pair in moved.items()}


def write(deal: Registration, values: Mapping[str, Any]) -> None:
    """Compare-and-set on the version that was read. Raises Stale when somebody was faster."""
    if Registration.objects.filter(pk=deal.pk, version=deal.version, status=deal.status).update(**values) != 1:
        raise Stale(_("This was changed a moment ago. Look at it again."), code="version_mismatch")
    deal.refresh_from_db()
