"""What follows from imported opportunities: their partners' roles and registrations.

The rule of `registrations: from_opportunities`. An opportunity with a partner, an account, a day of opening and an
amount counts as registered and approved at the start of that day, in the partner's zone, and is protected as long as
the program says. Won and lost ones closed theirs on the day they closed. An open one is approved while its protection
lasts at the moment of the import, and expired after: the import gives no protection that time has taken already.
Where the CRM closed an opportunity without an amount, the claim bears the product's list price, and its terms say so;
an open one without an amount was never claimed. A claim that the import made follows the CRM: it closes, reopens, and
is withdrawn when the CRM names another partner. What people registered here closes too, but is never made or
withdrawn by an import.
"""
# ruff: noqa: S608 - words of SQL come from code, values go through parameters

import json
from typing import Any
from uuid import UUID

from django.db import connection

from core import bulk
from crm import programs
from crm.job import IMPORTER, Job
from deals.models import OpportunityPartner, Registration
from deals.rules import Policy
from partners.models import Program

_MEMBERS = "crm_members"  # of the chunk: partner, its membership, zone and tier
_SOUND = "s.outcome IN ('created', 'updated', 'unchanged')"
_OPPORTUNITY = "'opp_' || replace(s.object_id::text, '-', '')"
# What the claim on an opportunity is worth, and whether that is the product's list price.
_PRICED = "o.stage <> 'open' AND p.currency = o.currency"
_WORTH = f"coalesce(nullif(o.amount, 0), CASE WHEN {_PRICED} THEN nullif(p.list_price, 0) END)"
# OFFSET 0 keeps each row a look-up by key: a chunk must cost the same whatever the statistics of fresh tables say.
_OF_ROWS = """FROM {t} s
    CROSS JOIN LATERAL (SELECT * FROM deals_opportunity WHERE id = s.object_id OFFSET 0) o
    LEFT JOIN LATERAL (SELECT * FROM partners_product WHERE id = o.product_id OFFSET 0) p ON true
    LEFT JOIN LATERAL (SELECT * FROM deals_account WHERE id = o.account_id OFFSET 0) a ON true"""


def follow(job: Job, batch: bulk.Batch, table: str) -> set[UUID]:
    """Writes roles and registrations of the staged opportunities; the partners whose figures may have changed."""
    if "partner" not in job.mapping.files["opportunities"].fields:
        return partners_on(table)
    program = programs.program_of(job)
    _enrol(job, batch, table, program)
    claims = job.mapping.registrations
    moved = _leave(batch, table)
    moved += _join(batch, table, ("sourcing", "selling") if claims else ("selling",))
    moved += _claim(job, batch, table, program) if claims else []
    moved += _move(job, batch, table)
    _mark(table, [subject for subject, _partner in moved])
    if claims:
        _note_unclaimed(table)
    return partners_on(table) | {partner for _subject, partner in moved if partner}


def _run(sql: str, params: Any = ()) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else []


def partners_on(table: str, of: str = "object_id") -> set[UUID]:
    """The partners with a role in the opportunities that were written, or that the rows are `of`."""
    on = f"FROM {table} s JOIN deals_opportunitypartner r ON r.opportunity_id = s.{of}"
    return {pk for (pk,) in _run(f"SELECT DISTINCT r.partner_id {on} WHERE s.outcome IN ('created', 'updated')")}


def _enrol(job: Job, batch: bulk.Batch, table: str, program: Program) -> None:
    found = _run(f"SELECT DISTINCT s.partner_id FROM {table} s WHERE {_SOUND} AND s.partner_id IS NOT NULL")
    programs.enrol(job, {pk: None for (pk,) in found}, batch)
    _run(f"DROP TABLE IF EXISTS pg_temp.{_MEMBERS}")
    _run(
        f"""CREATE TEMPORARY TABLE {_MEMBERS} ON COMMIT DROP AS
        SELECT DISTINCT ON (m.partner_id) m.partner_id, m.id AS membership_id, pt.time_zone AS zone, ti.key AS tier
        FROM tiers_programmembership m JOIN partners_partner pt ON pt.id = m.partner_id
            LEFT JOIN tiers_tier ti ON ti.id = m.tier_id
        WHERE m.partner_id = ANY (%s) AND m.program_id = %s AND m.status = 'active'
        ORDER BY m.partner_id, m.starts_on""",
        [[pk for (pk,) in found], program.pk],
    )
    _run(f"ANALYZE pg_temp.{_MEMBERS}")


def _mark(table: str, subjects: list[UUID]) -> None:
    """An opportunity is updated when its roles or registrations are."""
    unchanged = _run(f"SELECT EXISTS (SELECT FROM {table} WHERE outcome = 'unchanged')") == [(True,)]
    for rows in ("deals_opportunitypartner", "deals_registration") if subjects and unchanged else ():
        _run(
            f"""UPDATE {table} s SET outcome = 'updated' FROM {rows} x
            WHERE x.id = ANY (%s) AND x.opportunity_id = s.object_id AND s.outcome = 'unchanged'""",
            [subjects],
        )


# --- roles ------------------------------------------------------------------------------------------------------------


def _leave(batch: bulk.Batch, table: str) -> list[tuple[UUID, UUID | None]]:
    """The CRM names another partner: what an import had written of the old one goes."""
    old = """FROM deals_opportunitypartner r WHERE r.opportunity_id = s.object_id
        AND r.metadata->>'origin' = 'import' AND r.partner_id IS DISTINCT FROM s.partner_id"""
    _run(f"UPDATE {table} s SET outcome = 'updated' WHERE s.outcome = 'unchanged' AND EXISTS (SELECT {old})")
    return bulk.write_events(
        batch,
        OpportunityPartner,
        f"""DELETE FROM deals_opportunitypartner r USING {table} s WHERE r.opportunity_id = s.object_id AND {_SOUND}
        AND r.metadata->>'origin' = 'import' AND r.partner_id IS DISTINCT FROM s.partner_id
        RETURNING r.id, 'deleted', r.version, r.partner_id,
            jsonb_build_object('role', r.role, 'opportunity', {_OPPORTUNITY})""",
    )


def _join(batch: bulk.Batch, table: str, roles: tuple[str, ...]) -> list[tuple[UUID, UUID | None]]:
    """The named partner gets each role that nobody has in the opportunity."""
    moved = []
    for role in roles:
        moved += bulk.write_events(
            batch,
            OpportunityPartner,
            f"""INSERT INTO deals_opportunitypartner
                (id, opportunity_id, partner_id, membership_id, role, share_percent, metadata)
            SELECT s.{role}_id, s.object_id, k.partner_id, k.membership_id, %(role)s, %(share)s,
                '{{"origin": "import"}}' FROM {table} s JOIN {_MEMBERS} k ON k.partner_id = s.partner_id
            WHERE {_SOUND} AND NOT EXISTS (
                SELECT FROM deals_opportunitypartner r WHERE r.opportunity_id = s.object_id AND r.role = %(role)s)
            RETURNING id, 'created', version, partner_id, jsonb_build_object('role', role, 'share_percent',
                share_percent::text, 'opportunity', 'opp_' || replace(opportunity_id::text, '-', ''))""",
            {"role": role, "share": 100 if role == "sourcing" else None},
        )
    return moved


# --- registrations ----------------------------------------------------------------------------------------------------


def _start(day: str, zone: str = "k.zone") -> str:
    """The moment a day begins for the partner."""
    return f"(({day})::timestamp AT TIME ZONE {zone})"


_ENDS = _start("o.opened_on + %(days)s + 1")
_CLAIM = {
    "id": "s.registration_id",
    "partner_id": "s.partner_id",
    "membership_id": "k.membership_id",
    "status": f"CASE WHEN o.stage <> 'open' THEN o.stage WHEN {_ENDS} > %(at)s THEN 'approved' ELSE 'expired' END",
    "account_name": "a.name",
    "domain": "a.domain",
    "normal_name": "a.normal_name",
    "country": "a.country",
    "product_id": "o.product_id",
    "amount": _WORTH,
    "currency": "o.currency",
    "expected_close_on": "coalesce(o.close_on, o.closed_on)",
    "account_id": "o.account_id",
    "opportunity_id": "o.id",
    "submitted_at": _start("o.opened_on"),
    "decided_at": _start("o.opened_on"),
    "decided_label": "%(label)s",
    "terms": """%(terms)s::jsonb || jsonb_build_object('tier', k.tier, 'amount_from',
        CASE WHEN coalesce(o.amount, 0) = 0 OR o.amount_estimated THEN 'product.list_price' ELSE 'opportunity' END)""",
    "protection_expires_at": _ENDS,
    "grace_until": _start("o.opened_on + %(grace)s + 1"),
    "closed_at": f"CASE WHEN o.stage <> 'open' THEN {_start('o.closed_on')} END",
}


def _claim(job: Job, batch: bulk.Batch, table: str, program: Program) -> list[tuple[UUID, UUID | None]]:
    policy = Policy.of(program.policy)
    rest = bulk.Target(Registration, job.mapping.system, tuple(_CLAIM)).constants()
    names = ", ".join(f'"{name}"' for name in (*_CLAIM, *rest))
    values = ", ".join([*_CLAIM.values(), *(f"%({name})s" for name in rest)])
    terms = {
        "origin": "import", "program": program.key, "protection_days": policy.protection_days,
        "grace_days": policy.grace_days,
    }  # fmt: skip
    moved = bulk.write_events(
        batch,
        Registration,
        f"""INSERT INTO deals_registration ({names}) SELECT {values} {_OF_ROWS.format(t=table)}
            JOIN {_MEMBERS} k ON k.partner_id = s.partner_id
            LEFT JOIN LATERAL (SELECT true AS found FROM deals_registration WHERE opportunity_id = o.id
                AND partner_id = s.partner_id AND NOT (status = 'withdrawn' AND terms->>'origin' = 'import')
                LIMIT 1) g ON true
        WHERE {_SOUND} AND a.id IS NOT NULL AND o.opened_on IS NOT NULL AND {_WORTH} IS NOT NULL AND g.found IS NULL
        ORDER BY s.line RETURNING id, 'created', version, partner_id, jsonb_build_object(
            'changes', jsonb_build_object('status', jsonb_build_array(NULL, status)),
            'opportunity', 'opp_' || replace(opportunity_id::text, '-', ''))""",
        {
            **rest, "at": job.at, "label": IMPORTER.label, "terms": json.dumps(terms), "days": policy.protection_days,
            "grace": policy.protection_days + policy.grace_days,
        },
    )  # fmt: skip
    job.report.made["registrations"] += len(moved)
    return moved


def _move(job: Job, batch: bulk.Batch, table: str) -> list[tuple[UUID, UUID | None]]:
    """Registrations follow their opportunity: closed with it, reopened with it, withdrawn when the partner changed."""
    imported = "g.terms->>'origin' = 'import'"
    in_time = f"g.grace_until > {_start('o.closed_on', 'pt.time_zone')}"
    ended = _start("old.closed_on", "old.time_zone")
    return bulk.write_events(
        batch,
        Registration,
        f"""WITH found AS MATERIALIZED (
            SELECT g.id, g.status AS before, o.closed_on, pt.time_zone, CASE
                WHEN {imported} AND g.partner_id IS DISTINCT FROM s.partner_id THEN 'withdrawn'
                WHEN o.stage <> 'open' THEN o.stage
                WHEN g.protection_expires_at > %(at)s THEN 'approved' ELSE 'expired' END AS after
            FROM {table} s
            CROSS JOIN LATERAL (SELECT * FROM deals_registration WHERE opportunity_id = s.object_id OFFSET 0) g
            CROSS JOIN LATERAL (SELECT * FROM deals_opportunity WHERE id = s.object_id OFFSET 0) o
            JOIN partners_partner pt ON pt.id = g.partner_id
            WHERE {_SOUND} AND g.deleted_at IS NULL AND g.status <> 'withdrawn' AND (
                {imported} AND g.partner_id IS DISTINCT FROM s.partner_id
                OR g.status IN ('won', 'lost') AND g.status <> o.stage
                OR o.stage <> 'open' AND (g.status IN ('approved', 'expiring')
                    OR g.status = 'expired' AND ({imported} OR o.stage = 'won' AND {in_time})))),
        old AS (SELECT f.* FROM (SELECT * FROM found ORDER BY id) f CROSS JOIN LATERAL (
            SELECT FROM deals_registration WHERE id = f.id AND status = f.before FOR UPDATE) held)
        UPDATE deals_registration g SET status = old.after, closed_at = CASE old.after WHEN 'withdrawn' THEN %(at)s
            WHEN 'won' THEN {ended} WHEN 'lost' THEN {ended} END
        FROM old WHERE g.id = old.id
        RETURNING g.id, CASE g.status WHEN 'approved' THEN 'reopened' ELSE g.status END, g.version, g.partner_id,
            jsonb_build_object('changes', jsonb_build_object('status', jsonb_build_array(old.before, g.status)))""",
        {"at": job.at},
    )


def _note_unclaimed(table: str) -> None:
    """Lists what can't be attributed: no claim was made on it."""
    missing = {"opened_on": "o.opened_on IS NULL", "account": "o.account_id IS NULL", "amount": f"{_WORTH} IS NULL"}
    notes = ", ".join(
        f"CASE WHEN {lacks} THEN 'without {name}: never attributed' END" for name, lacks in missing.items()
    )
    _run(
        f"""UPDATE {table} s SET note = concat_ws(E'\\n', s.note, {notes})
        FROM deals_opportunity o LEFT JOIN partners_product p ON p.id = o.product_id
        WHERE o.id = s.object_id AND {_SOUND} AND ({" OR ".join(missing.values())})"""
    )
