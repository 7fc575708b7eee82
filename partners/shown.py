"""What pages show of partners and their people: frozen, in words, no query left for the template."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.models import Event
from core.parts import Column, Fact, Moment, Row, Table, Tag
from partners import rules
from partners.countries import country_name
from partners.enums import PartnerStatus
from partners.models import Agreement, Contact, Invitation, ManagerTerm, Member, Note, Partner

Link = Callable[[Any], str]
TONES: dict[str, str] = {
    PartnerStatus.ACTIVE: "good", PartnerStatus.ONBOARDING: "info", PartnerStatus.APPROVED: "info",
    PartnerStatus.INACTIVE: "warn", PartnerStatus.OFFBOARDING: "warn", PartnerStatus.SUSPENDED: "bad",
}  # fmt: skip

_ACCESS = {"active": "good", "invited": "info", "disabled": "warn"}
# event type: what the actor did, icon, tone
_HAPPENED = {
    "partner.created": (gettext_lazy("added the partner"), "building", "good"),
    "partner.evaluated": (gettext_lazy("began to evaluate the partner"), "search", ""),
    "partner.approved": (gettext_lazy("approved the partner"), "check", "good"),
    "partner.nurtured": (gettext_lazy("put the partner off"), "clock", ""),
    "partner.declined": (gettext_lazy("declined the partner"), "x", "bad"),
    "partner.vetted": (gettext_lazy("checked the partner"), "check", "good"),
    "partner.suspended": (gettext_lazy("suspended the partner"), "lock", "bad"),
    "partner.resumed": (gettext_lazy("ended the suspension"), "check", "good"),
    "partner.offboarding_begun": (gettext_lazy("began the offboarding"), "clock", "warn"),
    "partner.offboarded": (gettext_lazy("ended the partnership"), "x", "bad"),
    "onboarding_action.handed_in": (gettext_lazy("sent what the checklist asks for"), "file", "info"),
    "onboarding_action.completed": (gettext_lazy("approved a line of the checklist"), "check", "good"),
    "onboarding_action.sent_back": (gettext_lazy("asked for something again"), "help", "warn"),
    "onboarding_action.skipped": (gettext_lazy("skipped a line of the checklist"), "check", ""),
    "partner.updated": (gettext_lazy("changed the profile"), "edit", ""),
    "partner.manager_changed": (gettext_lazy("changed who looks after the partner"), "user", ""),
    "partner.manager_announced": (gettext_lazy("announced who looks after the partner next"), "user", ""),
    "invitation.sent": (gettext_lazy("sent an invitation"), "mail", ""),
    "invitation.accepted": (gettext_lazy("accepted an invitation"), "check", "good"),
    "invitation.revoked": (gettext_lazy("cancelled an invitation"), "x", ""),
    "invitation.expired": (gettext_lazy("noted that an invitation ran out"), "clock", ""),
    "member.created": (gettext_lazy("joined the team"), "users", "good"),
    "member.role_changed": (gettext_lazy("changed a role in the team"), "users", ""),
    "member.removed": (gettext_lazy("removed somebody from the team"), "users", "warn"),
    "contact.created": (gettext_lazy("added a contact"), "user", ""),
    "contact.updated": (gettext_lazy("changed a contact"), "user", ""),
    "contact.deleted": (gettext_lazy("removed a contact"), "user", ""),
    "agreement.recorded": (gettext_lazy("recorded an agreement"), "file", "good"),
    "api_key.created": (gettext_lazy("made an API key"), "key", ""),
    "api_key.revoked": (gettext_lazy("revoked an API key"), "key", ""),
    "integration.created": (gettext_lazy("added an integration"), "layers", ""),
    "integration.updated": (gettext_lazy("changed an integration"), "edit", ""),
    "integration.tried_out": (gettext_lazy("took an integration into beta"), "layers", "info"),
    "integration.went_live": (gettext_lazy("took an integration live"), "layers", "good"),
    "integration.retired": (gettext_lazy("retired an integration"), "layers", "warn"),
    "integration.planned_again": (gettext_lazy("planned an integration again"), "layers", ""),
    "mutual_value.created": (gettext_lazy("noted what each side gives"), "users", ""),
    "mutual_value.updated": (gettext_lazy("changed what each side gives"), "users", ""),
    "year_plan.created": (gettext_lazy("wrote the plan of a year"), "target", "good"),
    "year_plan.updated": (gettext_lazy("changed the plan of a year"), "target", ""),
    "call.created": (gettext_lazy("logged a call"), "user", ""),
    "call.done": (gettext_lazy("did a next step"), "check", ""),
    "partner.merged": (gettext_lazy("merged another partner into this one"), "users", "good"),
    "partner.watched": (gettext_lazy("saw the portal as this partner"), "user", ""),
    "deal_registration.created": (gettext_lazy("started a deal registration"), "deal", ""),
    "deal_registration.submitted": (gettext_lazy("sent a deal registration"), "deal", "info"),
    "deal_registration.approved": (gettext_lazy("approved a deal registration"), "deal", "good"),
    "deal_registration.rejected": (gettext_lazy("declined a deal registration"), "deal", "bad"),
    "deal_registration.questioned": (gettext_lazy("asked a question about a deal"), "help", "warn"),
    "deal_registration.answered": (gettext_lazy("answered a question about a deal"), "deal", "info"),
    "deal_registration.updated": (gettext_lazy("updated a deal"), "edit", ""),
    "deal_registration.withdrawn": (gettext_lazy("withdrew a deal registration"), "x", ""),
    "deal_registration.released": (gettext_lazy("released a deal"), "x", ""),
    "opportunity.created": (gettext_lazy("opened an opportunity"), "target", ""),
    "opportunity.updated": (gettext_lazy("updated an opportunity"), "edit", ""),
    "opportunity.won": (gettext_lazy("closed an opportunity as won"), "target", "good"),
    "opportunity.lost": (gettext_lazy("closed an opportunity as lost"), "target", "bad"),
    "deal_registration.won": (gettext_lazy("closed a deal as won"), "deal", "good"),
    "deal_registration.lost": (gettext_lazy("closed a deal as lost"), "deal", "bad"),
    "program_membership.created": (gettext_lazy("took the partner into a program"), "award", "good"),
    "tier_review.deferred": (gettext_lazy("put a move up a tier off"), "award", ""),
    "tier_review.promoted": (gettext_lazy("moved the partner up a tier"), "award", "good"),
}


def status_tag(partner: Partner) -> Tag:
    return Tag(partner.get_status_display(), TONES.get(partner.status, ""))


def moment(event: Event) -> Moment:
    """An event in words; of kinds without words the name of the resource and the verb."""
    plain = event.type.replace(".", ": ").replace("_", " ")
    words, icon, tone = _HAPPENED.get(event.type, (plain, "info", ""))
    return Moment(str(words), event.at, event.actor_label, icon=icon, tone=tone, inside=event.partner_id is None)


def facts(partner: Partner) -> list[Fact]:
    """What the partner's own people may know about their company."""
    rows = [
        Fact(_("Legal name"), partner.legal_name),
        Fact(_("Website"), partner.website),
        Fact(_("Country"), country_name(partner.country)),
        Fact(_("Region"), partner.region),
        Fact(_("Where it works"), ", ".join(partner.territories)),
        Fact(_("Industries"), ", ".join(partner.industries)),
        Fact(_("Specialities"), ", ".join(partner.specialisations)),
        Fact(_("Employees"), partner.employee_count),
        Fact(_("Currency"), partner.default_currency),
        Fact(_("Time zone"), partner.time_zone.replace("_", " ")),
        Fact(_("Partner since"), partner.joined_on),
        Fact(_("In the directory"), partner.is_listed),
        Fact(_("What it does"), partner.description),
    ]
    return [row for row in rows if row.value not in (None, "")]


def vendor_facts(partner: Partner) -> list[Fact]:
    """The same, with who looks after it."""
    head = [
        Fact(_("Channel manager"), str(partner.manager) if partner.manager else None),
        Fact(_("Backup"), str(partner.backup) if partner.backup else None),
    ]
    tail = [Fact(_("Tax number"), partner.tax_id), Fact(_("Part of"), partner.parent.name if partner.parent else None)]
    return [*head, *facts(partner), *(row for row in tail if row.value)]


def terms(rows: Iterable[ManagerTerm]) -> list[Fact]:
    """Who will look after a partner, does and did."""
    return [Fact(str(row.manager), _span(row), hint=_backup(row)) for row in rows]


def _span(row: ManagerTerm) -> str:
    since, until = date_format(row.since, "j M Y"), date_format(row.until, "j M Y") if row.until else ""
    if row.begun_at is None:
        return _("from %s on, announced") % since
    return _("from %(since)s until %(until)s") % {"since": since, "until": until} if until else _("since %s") % since


def _backup(row: ManagerTerm) -> str:
    return _("Backup: %s") % row.backup if row.backup else ""


# --- people -----------------------------------------------------------------------------------------------------------


def _yes_no(value: bool, yes: str, no: str) -> Tag:
    return Tag(yes, "good") if value else Tag(no)


def team(members: Iterable[Member], link: Link | None) -> Table:
    """Who works for a partner; `link` gives the address of a member's page."""
    columns = (
        Column(_("Name")), Column(_("Role")), Column(_("Two-step sign-in"), "tag"), Column(_("Last seen"), "when"),
    )  # fmt: skip
    return Table(_("People"), columns, [_colleague(member, link) for member in members])


def _colleague(member: Member, link: Link | None) -> Row:
    two_step = _yes_no(member.two_step, _("On"), _("Off"))  # type: ignore[attr-defined]
    cells = (str(member.user), member.get_role_display(), two_step, member.user.last_login)
    return Row(cells, link(member) if link else "")


def invitations(rows: Iterable[Invitation], at: datetime) -> list[tuple[Invitation, Tag]]:
    """Each invitation with its state in words."""
    return [(row, _state(row, at)) for row in rows]


def _state(invitation: Invitation, at: datetime) -> Tag:
    return Tag(_("Expired"), "warn") if rules.lapsed(invitation, at) else Tag(_("Waits"), "info")


def contacts(rows: Iterable[Contact], link: Link | None) -> Table | None:
    columns = (
        Column(_("Name")), Column(_("Job title")), Column(_("E-mail")), Column(_("Phone")), Column(_("Sign-in"), "tag"),
    )  # fmt: skip
    known = [_contact(contact, link) for contact in rows]
    return Table(_("Contacts"), columns, known) if known else None


def _contact(contact: Contact, link: Link | None) -> Row:
    access = Tag(contact.get_portal_access_display(), _ACCESS.get(contact.portal_access, ""))
    cells = (_named(contact), contact.job_title, contact.email, contact.phone, access)
    return Row(cells, link(contact) if link else "")


def _named(contact: Contact) -> str:
    return _("%s (main contact)") % contact if contact.is_primary else str(contact)


def agreements(rows: Iterable[Agreement]) -> list[Fact]:
    return [Fact(f"{a.title} {a.text_version}", a.signed_at.date(), hint=_("Signed by %s") % a.signed_by) for a in rows]


def notes(rows: Iterable[Note]) -> list[Moment]:
    return [Moment(_("wrote"), n.at, str(n.author or ""), n.text, "lock", inside=True) for n in rows]


def timeline(events: list[Event]) -> list[Moment]:
    return [moment(event) for event in events]
