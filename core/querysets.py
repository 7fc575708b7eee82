"""The first wall between partners: doors read through `visible_to` alone."""

from typing import Self

from django.db import models

from core.actor import Actor


class PartnerQuerySet(models.QuerySet):
    """Rows that belong to a partner by `partner_path`; None = rows of the vendor alone, "" = for all who signed in."""

    partner_path: str | None = "partner_id"
    first_wall = True  # a law switches it off to see the second wall alone hold

    def visible_to(self, actor: Actor) -> Self:
        if actor.sees_all or not PartnerQuerySet.first_wall:
            return self.all()
        if self.partner_path == "" and actor.kind != "anonymous":
            return self.all()
        if not self.partner_path or not actor.partner_ids:
            return self.none()
        return self.of_partners(actor.partner_ids)

    def of_partners(self, partner_ids) -> Self:
        return self.filter(**{f"{self.partner_path}__in": partner_ids})


class VendorQuerySet(PartnerQuerySet):
    partner_path = None


class SharedQuerySet(PartnerQuerySet):
    partner_path = ""
