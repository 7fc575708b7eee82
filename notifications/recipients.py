"""Who gets a mail about a partner's deal."""

from typing import Any
from uuid import UUID

from accounts.enums import Kind
from accounts.models import User
from deals import rules
from deals.models import Registration
from partners.enums import MemberRole, StaffRole
from partners.models import Member, Partner
from partners.queries import delegate_of


def partner_side(deal: Registration) -> list[str]:
    """Who wrote the registration while still working there, else the partner's admins."""
    members = Member.objects.filter(partner_id=deal.partner_id, ended_at=None, user__is_active=True)
    writer = members.filter(user=deal.created_by) if deal.created_by else members.none()
    rows = writer if writer.exists() else members.filter(role=MemberRole.ADMIN)
    return sorted(rows.values_list("user__email", flat=True))


def vendor_side(deal: Any) -> list[str]:
    """Who looks after the partner of a deal, or of anything else that is a partner's."""
    return of_partner(deal.partner)


def of_partner(partner: Partner) -> list[str]:
    """The partner's channel manager, else the backup, else all channel operations."""
    people = [p for p in (partner.manager, partner.backup) if p and p.is_active]
    return [_here(people[0]).email] if people else everybody(StaffRole.CHANNEL_OPERATIONS)


def _here(person: User) -> User:
    """Whoever decides for somebody who is away today, else that person."""
    return delegate_of(person) or person


def everybody(role: StaffRole) -> list[str]:
    """All of the vendor's people with this role."""
    rows = User.objects.filter(kind=Kind.VENDOR, staff_role=role, is_active=True)
    return sorted(rows.values_list("email", flat=True))


_ROLES = {
    "operations": StaffRole.CHANNEL_OPERATIONS,
    "finance": StaffRole.FINANCE,
    "executive": StaffRole.EXECUTIVE,
}


def step_side(deal: Registration) -> list[str]:
    """Whose step of the approval it is now."""
    approver = rules.present_approver(deal)
    return everybody(_ROLES[approver]) if approver in _ROLES else vendor_side(deal)


def second_side(deal: Registration) -> list[str]:
    """Who helps where the first one is late or may not decide: the manager's backup, else all channel operations."""
    backup, first = deal.partner.backup, deal.decided_by_id
    if backup and backup.is_active and backup.pk != first:
        return [backup.email]
    return everybody(StaffRole.CHANNEL_OPERATIONS)


def second_people(deal: Any, proposer: UUID | None) -> list[str]:
    """Who may confirm what a colleague proposed: the partner's manager and channel operations, without that one."""
    own = User.objects.filter(pk__in=[proposer] if proposer else []).values_list("email", flat=True)
    return sorted({*vendor_side(deal), *everybody(StaffRole.CHANNEL_OPERATIONS)} - set(own))


def admins(partner_id: UUID) -> list[str]:
    """A partner's admins."""
    rows = Member.objects.filter(
        partner_id=partner_id, ended_at=None, user__is_active=True, role=MemberRole.ADMIN
    )  # fmt: skip
    return sorted(rows.values_list("user__email", flat=True))


def payees(partner_id: UUID) -> list[str]:
    """Those who look after a partner's money: its admins and its finance people."""
    rows = Member.objects.filter(
        partner_id=partner_id, ended_at=None, user__is_active=True, role__in=(MemberRole.ADMIN, MemberRole.FINANCE)
    )
    return sorted(rows.values_list("user__email", flat=True))
