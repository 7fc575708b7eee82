"""Whether channel managers are kept to the partners of their regions, and which regions those are."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from core.actor import Actor
from core.events import record
from partners.models import HouseRules, ManagerRegion
from partners.particulars import Regions, Sight
from partners.services.keeping import set_house_rule


@transaction.atomic
def keep_managers(sight: Sight, *, by: Actor, at: datetime) -> None:
    """From the next click on channel managers see the partners they look after alone, or all of them again."""
    set_house_rule("managers_by_region", sight.by_region, by=by, at=at)


def managers_are_kept() -> bool:
    return HouseRules.objects.filter(managers_by_region=True).exists()


@transaction.atomic
def give_regions(person: User, given: Regions, *, by: Actor, at: datetime) -> None:
    """The regions whose partners a channel manager sees. Raises Forbidden without staff.manage."""
    by.require("staff.manage")
    User.objects.select_for_update(no_key=True).get(pk=person.pk)  # of two at once the second one is whole
    rows = ManagerRegion.objects.filter(person=person)
    before, after = sorted(rows.values_list("region", flat=True)), sorted(set(given.names))
    if before == after:
        return
    rows.exclude(region__in=after).delete()
    ManagerRegion.objects.bulk_create(ManagerRegion(person=person, region=name) for name in after if name not in before)
    record("regions_changed", person, by=by, at=at, data={"changes": {"regions": [before, after]}})  # type: ignore[arg-type]
