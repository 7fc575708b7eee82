"""The program under which imported partners sell, and their memberships in it."""

from collections.abc import Mapping as Words
from uuid import UUID

from django.utils.text import slugify

from core import bulk
from core.events import record
from crm.job import IMPORTER, Job
from partners.enums import PartnerType, ProgramStatus
from partners.models import Program
from tiers.enums import MembershipStatus
from tiers.models import ProgramMembership, Tier

DEFAULT_PROGRAM = "Partner program"


def program_of(job: Job) -> Program:
    """The program imported partners sell under: the one the mapping names, else the first active, else a new one."""
    name = job.mapping.program
    active = Program.objects.filter(status=ProgramStatus.ACTIVE, deleted_at=None).order_by("created_at", "id")
    found = (active.filter(name=name) if name else active).first()
    if found:
        return found
    name = name or DEFAULT_PROGRAM
    taken = Program.objects.filter(key=slugify(name)).exists()
    key = f"{slugify(name)[:40] or 'program'}-{job.at:%Y%m%d%H%M%S}" if taken else slugify(name)[:60] or "program"
    program = Program.objects.create(
        key=key, name=name, currency=job.mapping.currency, status=ProgramStatus.ACTIVE, starts_on=job.at.date()
    )
    record("created", program, by=IMPORTER, at=job.at, data={"changes": {"status": [None, program.status]}})
    return program


def enrol(job: Job, types: Words[UUID, str | None], batch: bulk.Batch) -> None:
    """Gives each of these partners a membership in the program, on its lowest tier, unless it has one."""
    program = program_of(job)
    members = ProgramMembership.objects.filter(program=program, status=MembershipStatus.ACTIVE)
    known = set(members.filter(partner_id__in=types).values_list("partner_id", flat=True))
    tier = Tier.objects.filter(program=program, deleted_at=None).order_by("rank").first()
    day = job.at.date()
    made = ProgramMembership.objects.bulk_create(
        ProgramMembership(
            partner_id=pk, program=program, partner_type=kind or PartnerType.RESELLER, tier=tier, starts_on=day,
            tier_since=day if tier else None,
        )
        for pk, kind in types.items() if pk not in known
    )  # fmt: skip
    bulk.write_events(
        batch,
        ProgramMembership,
        """SELECT id, 'created', version, partner_id, jsonb_build_object('changes',
            jsonb_build_object('status', jsonb_build_array(NULL, status)))
        FROM tiers_programmembership WHERE id = ANY (%(ids)s)""",
        {"ids": [one.pk for one in made]},
    )
    job.report.made["program memberships"] += len(made)


def date_memberships(job: Job) -> None:
    """A membership begins no later than the first deal that was registered under it."""
    batch = bulk.Batch(IMPORTER, job.at)
    earlier = """WITH first AS (
            SELECT membership_id, min(submitted_at)::date AS day FROM deals_registration
            WHERE terms->>'origin' = 'import' GROUP BY membership_id),
        old AS (SELECT m.id, m.starts_on, first.day FROM first
            JOIN tiers_programmembership m ON m.id = first.membership_id WHERE first.day < m.starts_on FOR UPDATE OF m)
        UPDATE tiers_programmembership m SET starts_on = old.day FROM old WHERE m.id = old.id
        RETURNING m.id, 'updated', m.version, m.partner_id, jsonb_build_object('changes',
            jsonb_build_object('starts_on', jsonb_build_array(old.starts_on, old.day)))"""
    bulk.write_events(batch, ProgramMembership, earlier)
