"""Marks every text of a partner with its name, so that one that is shown to another partner gives itself away."""

from collections import Counter
from uuid import UUID

from django.db.models import CharField, EmailField, Field, Model, TextField
from django.utils.text import slugify

from deals.models import Opportunity, OpportunityPartner
from partners.models import Member, Note, Partner
from prm.seed.book import Happened
from prm.seed.people import World

# Words of machines: keys, states, addresses that the program compares or sends to.
LEFT = {
    "normal_name",
    "reference",
    "domain",
    "website",
    "time_zone",
    "token_hash",
    "password",
    "metric",
    "window",
    "text_version",
    "locale",
}


class _Marker:
    """Gives each text its own mark: CANARY-<partner>-<n>."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def __call__(self, partner: str, text: str, longest: int | None = None) -> str:
        self.counts[partner] += 1
        mark = f"CANARY-{partner}-{self.counts[partner]}"
        return f"{text[: longest - len(mark) - 1] if longest else text} {mark}".strip()


def mark(world: World) -> None:
    """Every text of every partner; texts of the vendor about a partner are marked as the vendor's."""
    names = {house.partner.pk: slugify(house.partner.name) for house in world.houses}
    owners, marker = _owners(world), _Marker()
    for model, rows in world.book.rows.items():
        fields = [f for f in model._meta.concrete_fields if _is_text(f)]
        for row in rows:
            if owner := owners.get(row.pk) or getattr(row, "partner_id", None):
                _mark_row(row, fields, "vendor" if model is Note else names[owner], marker)
    for event in world.book.events:
        _mark_event(event, names, owners, marker)


def _owners(world: World) -> dict[UUID, UUID]:
    """Whose row it is, where the row itself does not say."""
    rows = world.book.rows
    found = {member.user_id: member.partner_id for member in rows[Member]}
    found |= {role.opportunity_id: role.partner_id for role in rows[OpportunityPartner]}
    accounts = {o.account_id: found[o.pk] for o in rows[Opportunity] if o.account_id and o.pk in found}
    return found | accounts | {partner.pk: partner.pk for partner in rows[Partner]}


def _is_text(field: Field) -> bool:
    plain = isinstance(field, CharField | TextField) and not isinstance(field, EmailField)
    return plain and not field.choices and field.name not in LEFT and (field.max_length or 99) >= 40


def _mark_row(row: Model, fields: list[Field], partner: str, marker: _Marker) -> None:
    for field in fields:
        setattr(row, field.name, marker(partner, str(getattr(row, field.name)), field.max_length))


def _mark_event(event: Happened, names: dict[UUID, str], owners: dict[UUID, UUID], marker: _Marker) -> None:
    """The words in an event, and the name of who acted where it is the partner's."""
    if event.actor_id in owners:
        event.actor_label = marker(names[owners[event.actor_id]], event.actor_label, 200)
    if event.partner_id and isinstance(event.data.get("text"), str):
        event.data["text"] = marker(names[event.partner_id], event.data["text"])
