"""The first wall between partners: doors read through `visible_to` alone."""

from collections.abc import Mapping
from typing import Any, Self

from django.db import models

from core.actor import Actor, Reach


class PartnerQuerySet(models.QuerySet):
    """Rows that belong to a partner by `partner_path`; None = rows of the vendor alone, "" = for all who signed in."""

    partner_path: str | None = "partner_id"
    first_wall = True  # a law switches it off to see the second wall alone hold

    def visible_to(self, actor: Actor) -> Self:
        if actor.sees_all or not PartnerQuerySet.first_wall:
            return self.all()
        if self.partner_path == "" and actor.kind != "anonymous":
            return self.all()
        if actor.reach:
            return self.reached(actor.reach)
        if not self.partner_path or not actor.partner_ids:
            return self.none()
        return self.of_partners(actor.partner_ids)

    def reached(self, reach: Reach) -> Self:
        """What one of the vendor's people sees who is kept to some partners; rows of no partner are the house's."""
        if not hasattr(self.model, "partner_id"):
            return self.all()
        if not self.model._meta.get_field("partner_id").null:
            return self.filter(partner_id__in=reach.partners)
        own = models.Exists(reach.partners.filter(pk=models.OuterRef("partner_id")))
        return self.filter(models.Q(own) | models.Q(partner_id=None))

    def of_partners(self, partner_ids) -> Self:
        return self.filter(**{f"{self.partner_path}__in": partner_ids})


class VendorQuerySet(PartnerQuerySet):
    partner_path = None


class SealedQuerySet(VendorQuerySet):
    """Rows for those alone who see all partners: what was loaded for all of them, and what only the program reads."""

    def reached(self, reach: Reach) -> Self:
        return self.none()


class SharedQuerySet(PartnerQuerySet):
    partner_path = ""


def sizes(sets: Mapping[str, models.QuerySet[Any]]) -> dict[str, int]:
    """How many rows each set has, in one statement."""
    counts = [
        rows.order_by().values(set_name=models.Value(name)).values_list("set_name", models.Count("pk"))
        for name, rows in sets.items()
    ]
    return dict.fromkeys(sets, 0) | dict(counts[0].union(*counts[1:], all=True) if counts else ())
