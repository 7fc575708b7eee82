"""Becoming a partner without an invitation: an address is proved first; what then happens depends on what it proves."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.particulars import Person as Account
from accounts.queries import with_address
from accounts.services import enrol
from core.actor import SYSTEM, Actor
from core.calendar import working_days_after
from core.errors import Refused
from core.events import record
from partners import roles, rules, rules_lifecycle, terms, tokens
from partners.actors import hash_token
from partners.enums import ApplicationStatus, MemberRole, PartnerStatus
from partners.lifecycle import Lifecycle
from partners.models import Application, Contact, Member, Partner
from partners.particulars import Applicant, Click, Invites, Newcomer
from partners.services.agreements import settle_terms, sign
from partners.services.people import invite
from partners.services.standing import take_in_alone
from partners.workflow import APPLICATION, PARTNER

WORKING_DAYS = 2  # until we answer
_GONE = (PartnerStatus.DECLINED, PartnerStatus.OFFBOARDED)


@transaction.atomic
def apply(applicant: Applicant, *, by: Actor, at: datetime) -> None:
    """Sends a link to the address. Says nothing about whom we know; who asks too often gets no more mail."""
    day = at - timedelta(days=1)
    email = applicant.email.strip().casefold()
    if Application.objects.filter(email=email, sent_at__gt=day).count() >= rules_lifecycle.APPLICATIONS_A_DAY:
        return
    values = applicant.values() | {"email": email, "domain": rules.domain_of(applicant.website)}
    application = Application(sent_at=at, expires_at=at + rules_lifecycle.LINK_LIVES, **values)
    application.token_hash = hash_token(tokens.fresh(application))
    application.save(force_insert=True)
    record("sent", application, by=by, at=at)


class Way(NamedTuple):
    """Where a proved application goes: in alone, or to somebody who decides."""

    step: str  # of the workflow
    partner: Partner | None = None  # that it is passed on to


def way_of(application: Application, at: datetime) -> Way:
    """A known company's people go to its admin, a new one comes in alone if its address proves it, else we decide."""
    domain, mail = application.domain, rules_lifecycle.mail_domain(application.email)
    if mail not in rules_lifecycle.FREE_MAIL and (known := _known(mail).first()):
        return Way("pass_on", known) if _has_admin(known) else Way("wait")
    alone = Lifecycle.of(application.program.lifecycle).self_sign_up
    proved = rules_lifecycle.proves_company(application.email, domain)
    stranger = not _known(domain).exists() and with_address(application.email) is None
    return Way("enter") if alone and proved and stranger else Way("wait")


def _known(domain: str) -> QuerySet[Partner]:
    rows = Partner.objects.filter(domain=domain, deleted_at=None, is_direct=False).exclude(status__in=_GONE)
    return rows.order_by("created_at")


def _has_admin(partner: Partner) -> bool:
    return Member.objects.filter(partner=partner, role=MemberRole.ADMIN, ended_at=None).exists()


@transaction.atomic
def prove(application: Application, newcomer: Newcomer, ip: str | None, *, by: Actor, at: datetime) -> User | None:
    """The link was opened and confirmed. Returns who may sign in now; None for those who wait."""
    application = Application.objects.select_for_update(of=("self",)).select_related("program").get(pk=application.pk)
    if application.status != ApplicationStatus.SENT or application.expires_at <= at:
        raise Refused(_("This link was used or has ended. Send the form again."), code="link_gone")
    way = way_of(application, at)
    if way.step == "enter":
        return _enter(application, newcomer, ip, at)
    due = working_days_after(at, WORKING_DAYS, "UTC")
    partner = way.partner or _candidate(application, at)
    APPLICATION.fire(application, way.step, by=SYSTEM, at=at, partner_id=partner.pk, proved_at=at, due_at=due)
    return None


def _candidate(application: Application, at: datetime) -> Partner:
    partner = _company(application, at)
    PARTNER.fire(partner, "evaluate", by=SYSTEM, at=at)
    contact = Contact.objects.create(partner=partner, last_name=application.name, email=application.email)
    record("created", contact, by=SYSTEM, at=at, partner_id=partner.pk)
    return partner


def _company(application: Application, at: datetime) -> Partner:
    partner = Partner.objects.create(
        name=application.company, website=application.website, domain=application.domain, country=application.country,
        status=PartnerStatus.CANDIDATE, default_currency=application.program.currency,
    )  # fmt: skip
    record("created", partner, by=SYSTEM, at=at, partner_id=partner.pk, data={"status": partner.status})
    return partner


def _enter(application: Application, newcomer: Newcomer, ip: str | None, at: datetime) -> User:
    """Company, admin, accepted terms, checklist: all at once, and no person was asked."""
    partner = _company(application, at)
    me = Actor(newcomer.name, "partner", None, frozenset({partner.pk}), permissions=roles.of_member(MemberRole.ADMIN))
    user = enrol(Account(application.email, newcomer.name, password=newcomer.password), by=me, at=at)
    member = Member.objects.create(partner=partner, user=user, role=MemberRole.ADMIN)
    me = Actor(str(user), "partner", user.pk, frozenset({partner.pk}), permissions=me.permissions)
    record("created", member, by=me, at=at, partner_id=partner.pk, data={"role": member.role})
    APPLICATION.fire(application, "enter", by=SYSTEM, at=at, partner_id=partner.pk, proved_at=at)
    take_in_alone(partner, application, at=at)
    for text in terms.in_force(partner, at):
        sign(partner, Click(text, ip), by=me, at=at)
    partner.refresh_from_db()
    settle_terms(partner, at=at)
    return user


@transaction.atomic
def take_in(application: Application, *, by: Actor, at: datetime) -> None:
    """The partner's admin wants them: an invitation goes out."""
    APPLICATION.fire(application, "take_in", by=by, at=at)
    invite(application.partner, Invites((application.email,), MemberRole.VIEWER), by=by, at=at)  # type: ignore[arg-type]


def turn_away(application: Application, *, by: Actor, at: datetime) -> None:
    """The partner's admin doesn't know them."""
    APPLICATION.fire(application, "turn_away", by=by, at=at)


def expire_application(application: Application, *, by: Actor, at: datetime) -> None:
    """Nobody opened the link."""
    APPLICATION.fire(application, "expire", by=by, at=at)
