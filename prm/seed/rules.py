"""Other rules of the default program, drafted by one person and waiting for another."""

from copy import deepcopy
from datetime import datetime, timedelta

from accounts.models import User
from partners.actors import actor_for
from partners.models import Program
from tiers import services
from tiers.particulars import DraftText, Publication

WHY = "Gold from six closed deals: five are too easy since the new price list."


def ask(at: datetime) -> None:
    """Olga's draft: Gold at six closed deals. Root publishes it, or gives it back."""
    olga = actor_for(User.objects.get(email="olga@northwind.example"))
    told = at - timedelta(hours=20)
    version = services.draft(Program.objects.get(key="default"), by=olga, at=told)
    changed = deepcopy(version.definition)
    gold = next(tier for tier in changed["tiers"] if tier["name"] == "Gold")
    gold["requires"]["all"][0]["value"] = 6
    services.edit_draft(version, DraftText(changed, WHY), by=olga, at=told)
    services.request_publication(version, Publication(reason=WHY), by=olga, at=told)
