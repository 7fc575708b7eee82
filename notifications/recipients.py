"""Who gets a mail about a partner's deal."""

from accounts.enums import Kind
from accounts.models import User
from deals.models import Registration
from partners.enums import MemberRole, StaffRole
from partners.models import Member


def partner_side(deal: Registration) -> list[str]:
    """Who wrote the registration while still working there, else the partner's admins."""
    members = Member.objects.filter(partner_id=deal.partner_id, ended_at=None, user__is_active=True)
    writer = members.filter(user=deal.created_by) if deal.created_by else members.none()
    rows = writer if writer.exists() else members.filter(role=MemberRole.ADMIN)
    return sorted(rows.values_list("user__email", flat=True))


def vendor_side(deal: Registration) -> list[str]:
    """The partner's channel manager, else the backup, else all channel operations."""
    people = [p for p in (deal.partner.manager, deal.partner.backup) if p and p.is_active]
    if people:
        return [people[0].email]
    operations = User.objects.filter(kind=Kind.VENDOR, staff_role=StaffRole.CHANNEL_OPERATIONS, is_active=True)
    return sorted(operations.values_list("email", flat=True))
