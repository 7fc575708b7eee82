"""Who works on an opportunity, in which role, with which share."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import Refused
from core.events import changes, record
from deals.enums import PartnerRole
from deals.models import Opportunity, OpportunityPartner

Wanted = Mapping[str, Any]  # partner_id, role, share_percent, membership_id
COLUMNS = ("partner_id", "role", "share_percent", "membership_id")
_WHOLE = Decimal(100)


def set_roles(opportunity: Opportunity, wanted: Sequence[Wanted], *, by: Actor, at: datetime) -> bool:
    """Makes the roles exactly these; whether anything changed. Raises Refused when sourcing shares are not 100%."""
    by.require("opportunity.edit")
    fresh = {(w["partner_id"], w["role"]): w for w in wanted}
    if len(fresh) != len(wanted):
        raise Refused(_("A partner has each role once."), field="partners")
    if _same(roles_of(opportunity), fresh):
        return False
    _refuse_odd_shares([(role, w.get("share_percent")) for (_partner, role), w in fresh.items()])
    return _rewrite(opportunity, fresh, by=by, at=at)


def _same(rows: Sequence[Wanted], fresh: Mapping[tuple, Wanted]) -> bool:
    there = {(row["partner_id"], row["role"]): row for row in rows}
    return there.keys() == fresh.keys() and all(
        there[key][name] == value for key, wanted in fresh.items() for name, value in wanted.items()
    )


@transaction.atomic
def _rewrite(opportunity: Opportunity, fresh: Mapping[tuple, Wanted], *, by: Actor, at: datetime) -> bool:
    _lock(opportunity)
    rows = {(row.partner_id, row.role): row for row in OpportunityPartner.objects.filter(opportunity=opportunity)}
    moved = [_write(opportunity, rows.get(key), w, by=by, at=at) for key, w in fresh.items()]
    gone = [row for key, row in rows.items() if key not in fresh]
    for row in gone:
        _remove(row, by=by, at=at)
    return bool(gone) or any(moved)


def add_role(opportunity: Opportunity, wanted: Wanted, *, by: Actor, at: datetime) -> OpportunityPartner:
    """One more role beside those that are there. Raises Refused when the partner has it already."""
    rows = roles_of(opportunity)
    mine = {"opportunity": opportunity, "partner_id": wanted["partner_id"], "role": wanted["role"]}
    if OpportunityPartner.objects.filter(**mine).exists():
        raise Refused(_("The partner has this role already."), code="conflict")
    if set_roles(opportunity, [*rows, wanted], by=by, at=at):
        renew(opportunity)
    return OpportunityPartner.objects.get(**mine)


def remove_role(row: OpportunityPartner, *, by: Actor, at: datetime) -> None:
    """Takes one role away, for good."""
    rest = [one for one in roles_of(row.opportunity) if (one["partner_id"], one["role"]) != (row.partner_id, row.role)]
    if set_roles(row.opportunity, rest, by=by, at=at):
        renew(row.opportunity)


def roles_of(opportunity: Opportunity) -> list[dict[str, Any]]:
    return list(OpportunityPartner.objects.filter(opportunity=opportunity).values(*COLUMNS))


def renew(opportunity: Opportunity) -> None:
    """A new version: who reads the opportunity sees its roles."""
    Opportunity.objects.filter(pk=opportunity.pk).update(deleted_at=F("deleted_at"))
    opportunity.refresh_from_db()


def _lock(opportunity: Opportunity) -> None:
    """Shares are added up on still ground."""
    Opportunity.objects.select_for_update(no_key=True).get(pk=opportunity.pk)


def _refuse_odd_shares(rows: Sequence[tuple[str, Decimal | None]]) -> None:
    """Sourcing shares make 100%; one sourcing partner without a share has it all."""
    shares = [share for role, share in rows if role == PartnerRole.SOURCING]
    if (len(shares) == 1 and shares[0] is None) or not shares:
        return
    if sum((share or Decimal(0) for share in shares), Decimal(0)) != _WHOLE:
        raise Refused(_("The shares of the sourcing partners must make 100%."), field="partners", code="shares")


def _write(
    opportunity: Opportunity, row: OpportunityPartner | None, wanted: Wanted, *, by: Actor, at: datetime
) -> bool:
    if row is None:
        row = OpportunityPartner(opportunity=opportunity, version=1, **wanted)
        row.save(force_insert=True)
        moved = {"role": [None, row.role]}
    else:
        moved = changes({name: getattr(row, name) for name in wanted}, wanted)
        if not moved:
            return False
        OpportunityPartner.objects.filter(pk=row.pk).update(**{name: wanted[name] for name in moved})
        row.refresh_from_db()
    verb = "created" if moved.get("role", [""])[0] is None else "updated"
    record(verb, row, by=by, at=at, partner_id=row.partner_id, data={"changes": moved, **_about(row)})
    return True


def _remove(row: OpportunityPartner, *, by: Actor, at: datetime) -> None:
    """For good: a partner without a role must not see the opportunity."""
    record("deleted", row, by=by, at=at, partner_id=row.partner_id, data=_about(row))
    OpportunityPartner.objects.filter(pk=row.pk).delete()


def _about(row: OpportunityPartner) -> dict[str, str | None]:
    return {"opportunity": Opportunity(pk=row.opportunity_id).public_id, "role": row.role}
