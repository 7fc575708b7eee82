"""Direct opportunities on deals that we protect: found, shown to both sides, decided."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from core.actor import SYSTEM, Actor
from core.errors import Refused, Stale
from core.events import record
from deals.enums import BreachOutcome, PartnerRole
from deals.models import Breach, Opportunity
from deals.particulars import BreachDecision
from deals.services import roles
from deals.services.requests import answered

MOST_MAILS = 50  # of one search; a load that finds more tells through the queue alone

# The scope of each protected registration, as its program says: the account (with its daughters where ticked), narrowed
# by product family, or this very opportunity. Direct is what no partner but our own people has a role in.
_FIND = """
    WITH RECURSIVE direct AS MATERIALIZED (
        SELECT o.id, o.account_id, o.opened_on, a.domain, coalesce(nullif(p.family, ''), p.id::text) AS family
        FROM deals_opportunity o LEFT JOIN deals_account a ON a.id = o.account_id
        LEFT JOIN partners_product p ON p.id = o.product_id
        WHERE o.deleted_at IS NULL AND o.stage IN ('open', 'won') AND {which}
            AND NOT EXISTS (SELECT FROM deals_opportunitypartner x JOIN partners_partner q ON q.id = x.partner_id
                WHERE x.opportunity_id = o.id AND x.deleted_at IS NULL AND NOT q.is_direct)
    ), above (account_id, id) AS (
        SELECT DISTINCT account_id, account_id FROM direct
        UNION SELECT t.account_id, a.parent_id FROM above t JOIN deals_account a ON a.id = t.id
            WHERE a.parent_id IS NOT NULL
    ), held AS MATERIALIZED (
        SELECT r.id, r.partner_id, r.account_id, r.opportunity_id, r.domain, r.submitted_at,
            coalesce(nullif(p.family, ''), p.id::text) AS family,
            coalesce(g.policy->>'scope', 'product_family') AS scope,
            coalesce((g.policy->>'with_subsidiaries')::boolean, false) AS daughters
        FROM deals_registration r
        JOIN tiers_programmembership m ON m.id = r.membership_id JOIN partners_program g ON g.id = m.program_id
        LEFT JOIN partners_product p ON p.id = r.product_id
        WHERE r.status IN ('approved', 'expiring') AND r.protection_expires_at > %(at)s AND r.deleted_at IS NULL
            AND (%(registration)s::uuid IS NULL OR r.id = %(registration)s)
            AND (r.account_id IN (SELECT id FROM above) OR r.opportunity_id IN (SELECT id FROM direct)
                OR r.domain <> '' AND r.domain IN (SELECT domain FROM direct))
    ), near (registration_id, opportunity_id) AS (
        SELECT h.id, d.id FROM held h JOIN direct d ON d.account_id = h.account_id WHERE h.scope <> 'opportunity'
        UNION SELECT h.id, d.id FROM held h JOIN direct d ON d.domain = h.domain
            WHERE h.domain <> '' AND h.scope <> 'opportunity'
        UNION SELECT h.id, d.id FROM held h JOIN above t ON t.id = h.account_id
            JOIN direct d ON d.account_id = t.account_id WHERE h.daughters AND h.scope <> 'opportunity'
        UNION SELECT h.id, d.id FROM held h JOIN direct d ON d.id = h.opportunity_id
    ), met AS (
        SELECT h.id AS registration_id, h.partner_id, d.id AS opportunity_id
        FROM near n JOIN held h ON h.id = n.registration_id JOIN direct d ON d.id = n.opportunity_id
        WHERE d.id = h.opportunity_id OR d.opened_on >= (h.submitted_at AT TIME ZONE 'UTC')::date
            AND (h.scope = 'account' OR d.family = h.family OR d.family IS NULL)
    )
    INSERT INTO deals_breach (id, partner_id, registration_id, opportunity_id, found_at, outcome, reason, metadata)
    SELECT gen_random_uuid(), partner_id, registration_id, opportunity_id, %(at)s, '', '', '{{}}' FROM met
    ON CONFLICT DO NOTHING RETURNING id
"""
_OF_THESE = "o.id = ANY (%(opportunities)s::uuid[])"
_OF_BATCH = """o.id IN (SELECT e.subject_id FROM core_event e WHERE e.batch = %(batch)s
    AND e.subject_type = 'opportunity')"""

_NEAR_IT = """o.account_id IN (
    SELECT a.id FROM deals_registration r JOIN deals_account a
        ON a.id = r.account_id OR a.parent_id = r.account_id OR r.domain <> '' AND a.domain = r.domain
    WHERE r.id = %(registration)s)"""


def find_breaches(opportunity_ids: Collection[UUID], *, at: datetime) -> list[Breach]:
    """Which of these opportunities stand on a deal that we protect for a partner; each is found once."""
    ids = "{" + ",".join(map(str, opportunity_ids)) + "}"
    return _find(_OF_THESE, {"opportunities": ids}, at)


def find_in_batch(batch: UUID, *, at: datetime) -> list[Breach]:
    """The same of all opportunities that a load brought or changed."""
    return _find(_OF_BATCH, {"batch": batch}, at)


def find_on(registration_id: UUID, *, at: datetime) -> list[Breach]:
    """What stood on the deal already when it was protected: opened since the partner sent it."""
    return _find(_NEAR_IT, {"registration": registration_id}, at)


@transaction.atomic
def _find(which: str, params: dict[str, Any], at: datetime) -> list[Breach]:
    with connection.cursor() as cursor:
        # the filter is one of the constants above; values go through parameters
        cursor.execute(_FIND.format(which=which), {"at": at, "registration": None, **params})
        ids = [row[0] for row in cursor.fetchall()]
    found = list(Breach.objects.filter(pk__in=ids).select_related("registration").order_by("pk"))
    for breach in found:
        verb = "opened" if len(found) <= MOST_MAILS else "listed"
        data = {"registration": breach.registration.public_id}
        record(verb, breach, by=SYSTEM, at=at, partner_id=breach.partner_id, data=data)
    return found


@transaction.atomic
def settle_breach(breach: Breach, decision: BreachDecision, *, by: Actor, at: datetime) -> Breach:
    """What became of it, with the reason that the partner reads."""
    by.require("deal.decide")
    if not decision.reason:
        raise Refused(_("Enter the reason. The partner reads it."), field="reason")
    rows = Breach.objects.filter(pk=breach.pk, outcome="")
    if rows.update(outcome=decision.outcome, reason=decision.reason, **answered(by, at)) != 1:
        raise Stale(_("Somebody was faster: this breach is settled."))
    breach.refresh_from_db()
    data = {
        "changes": {"outcome": ["", str(decision.outcome)]}, "text": decision.reason,
        "registration": breach.registration.public_id,
    }  # fmt: skip
    record("settled", breach, by=by, at=at, partner_id=breach.partner_id, data=data)
    if breach.outcome == BreachOutcome.COMPENSATED:
        _let_in(breach, at)
    return breach


def _let_in(breach: Breach, at: datetime) -> None:
    """The partner sells along in the direct opportunity, and sees it from now on."""
    opportunity = Opportunity.objects.filter(pk=breach.opportunity_id, deleted_at=None).first()
    role = {"partner_id": breach.partner_id, "role": PartnerRole.CO_SELL}
    if opportunity and not opportunity.partners.filter(**role).exists():
        membership = breach.registration.membership_id
        roles.add_role(opportunity, {**role, "share_percent": None, "membership_id": membership}, by=SYSTEM, at=at)
