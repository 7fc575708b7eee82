"""Changes of registrations: one function per verb."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core.actor import SYSTEM, Actor
from core.errors import Refused, Stale
from core.events import changes, record
from core.scope import elevated
from deals import check, rules
from deals.enums import CaseStatus, OpportunityKind, PartnerRole, Status, Verdict
from deals.models import Account, ConflictCase, Opportunity, OpportunityPartner, Registration
from deals.normalise import normal_name, registrable_domain
from deals.particulars import Answer, Approval, Claim, Progress, Question, Reason, Rejection, Resolution, as_values
from deals.queries import policy_of, with_standing
from deals.workflow import REGISTRATION

PERSONAL = frozenset({"contact_name", "contact_email", "contact_role"})


def _keys(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with the keys of the duplicate check beside what they are made of."""
    made = {}
    if "website" in values:
        made["domain"] = registrable_domain(values["website"])
    if "account_name" in values:
        made["normal_name"] = normal_name(values["account_name"])
    return {**values, **made}


def _before_and_after(deal: Registration, values: Mapping[str, Any]) -> dict[str, Any]:
    """What an edit changes, for the event: of personal fields only the names."""
    moved = changes({name: getattr(deal, name) for name in values}, values)
    return {name: [None, None] if name in PERSONAL else pair for name, pair in moved.items()}


def _write(deal: Registration, values: Mapping[str, Any]) -> None:
    """Compare-and-set on the version that was read. Raises Stale when somebody was faster."""
    if Registration.objects.filter(pk=deal.pk, version=deal.version, status=deal.status).update(**values) != 1:
        raise Stale(_("This was changed a moment ago. Look at it again."), code="version_mismatch")
    deal.refresh_from_db()


def _may_register(claim: Claim, by: Actor) -> None:
    by.require("deal.register")
    if claim.membership.status != "active":
        raise Refused(_("This program membership has ended. Choose another one."), field="membership")


@transaction.atomic
def register(claim: Claim, *, by: Actor, at: datetime, pk: UUID | None = None) -> Registration:
    """A new draft under the claim's membership; on behalf of the partner when the vendor's people write it."""
    _may_register(claim, by)
    if pk and _is_taken(pk):
        raise Refused(_("This form was used already. Load the page again."), code="id_taken")
    known = {"pk": pk} if pk else {}
    deal = Registration.objects.create(
        **known,
        partner_id=claim.membership.partner_id,
        created_by_id=by.id if by.kind in ("partner", "vendor") else None,
        on_behalf=by.sees_all,
        **_keys(claim.values()),
    )
    record("created", deal, by=by, at=at, partner_id=deal.partner_id)
    return deal


def _is_taken(pk: UUID) -> bool:
    """Whether somebody, perhaps behind the wall, has a registration with this id."""
    with elevated():
        return Registration.objects.filter(pk=pk).exists()


@transaction.atomic
def redraft(deal: Registration, claim: Claim, *, by: Actor, at: datetime) -> Registration:
    """Writes the present words of a draft. A draft's edits are nobody's business yet, so they leave no event."""
    by.require("deal.register")
    if deal.status != Status.DRAFT:
        raise Refused(_("This registration was sent already."), code="illegal_transition")
    values = {n: v for n, v in _keys(claim.values()).items() if getattr(deal, n) != v}
    if values:
        _write(deal, values)
    return deal


@transaction.atomic
def submit(deal: Registration, *, by: Actor, at: datetime) -> Registration:
    """Sends a draft: its moment is the priority; the duplicate check decides what the review must look at."""
    REGISTRATION.check(deal, "submit", by=by, at=at)
    findings = _look_around(deal, at)
    if findings.own:
        raise Refused(
            _("You registered this customer for this product already: %s.") % findings.own.reference, code="duplicate"
        )
    due = rules.decision_due(policy_of(deal), deal.motion, at, deal.partner.time_zone)
    REGISTRATION.fire(deal, "submit", by=by, at=at, submitted_at=at, due_at=due, verdict=findings.verdict)
    _open_cases(deal, findings)
    REGISTRATION.fire(deal, "take_up", by=SYSTEM, at=at)
    return deal


def _look_around(deal: Registration, at: datetime) -> check.Findings:
    customer = check.Customer.of(deal.website, deal.account_name, deal.country)
    check.one_at_a_time(customer)
    return check.find(customer, partner_id=deal.partner_id, product_id=deal.product_id, ignore=deal.pk, at=at)


def _open_cases(deal: Registration, findings: check.Findings) -> None:
    """A case per rival: a person of the vendor decides it before the registration can be approved."""
    with elevated():  # whom it collides with is hidden from the partner whose act this is
        known = set(deal.conflicts.values_list("other_registration_id", "other_account_id"))
        fresh = [m for m in findings.matches if m.verdict != Verdict.YOURS and _rival(m) not in known]
        ConflictCase.objects.bulk_create(_case(deal, match) for match in fresh)


def _rival(match: check.Match) -> tuple[UUID | None, UUID | None]:
    return getattr(match.registration, "pk", None), getattr(match.account, "pk", None)


def _case(deal: Registration, match: check.Match) -> ConflictCase:
    return ConflictCase(
        partner_id=deal.partner_id,
        registration=deal,
        other_registration=match.registration,
        other_account=match.account,
        other_opportunity=match.opportunity,
        verdict=match.verdict,
        score=match.score,
        parts=match.parts,
    )


@transaction.atomic
def approve(deal: Registration, approval: Approval = Approval(), *, by: Actor, at: datetime) -> Registration:  # noqa: B008
    """Protects the deal from now on, opens its opportunity and tells under which terms."""
    check.hold(f"protection of {deal.partner_id}")  # the partner's protected deals are counted by one at a time
    REGISTRATION.check(with_standing(deal), "approve", by=by, at=at)
    policy = policy_of(deal)
    until, grace = rules.protection(policy, at, deal.partner.time_zone)
    account = deal.account or _account_of(deal, by=by, at=at)
    opportunity = _open_opportunity(deal, account, by=by, at=at)
    REGISTRATION.fire(
        deal, "approve", by=by, at=at,
        account=account, opportunity=opportunity, protection_expires_at=until, grace_until=grace, due_at=None,
        terms=_terms(deal, policy), **_decision(by, at, approval.note),
        data={"text": approval.note, "protected_until": until.isoformat(), "amount": str(deal.amount),
              "currency": deal.currency, "opportunity": opportunity.public_id},
    )  # fmt: skip
    return deal


def _decision(by: Actor, at: datetime, reason: str) -> dict[str, Any]:
    person = by.id if by.kind == "vendor" else None
    return {"decided_at": at, "decided_by_id": person, "decided_label": by.label, "decision_reason": reason}


def _terms(deal: Registration, policy: rules.Policy) -> dict[str, Any]:
    tier = deal.membership.tier
    return {
        "program": deal.membership.program.key,
        "tier": tier.key if tier else None,
        "protection_days": policy.protection_days,
        "grace_days": policy.grace_days,
    }


def _account_of(deal: Registration, *, by: Actor, at: datetime) -> Account:
    """The end customer this registration is about: the one with its domain or very name, else a new one."""
    customer = check.Customer.of(deal.website, deal.account_name, deal.country)
    check.one_at_a_time(customer)
    found = Account.objects.filter(customer.rows(), deleted_at=None).order_by("-domain", "created_at").first()
    if found:
        return found
    account = Account.objects.create(
        name=deal.account_name, normal_name=customer.name, domain=customer.domain, country=deal.country
    )
    record("created", account, by=by, at=at)
    return account


def _open_opportunity(deal: Registration, account: Account, *, by: Actor, at: datetime) -> Opportunity:
    opportunity = Opportunity.objects.create(
        account=account,
        name=deal.account_name,
        product=deal.product,
        kind=OpportunityKind.NEW,
        amount=deal.amount,
        currency=deal.currency,
        opened_on=at.date(),
        close_on=deal.expected_close_on,
        owner_email=deal.partner.manager.email if deal.partner.manager else "",
    )
    OpportunityPartner.objects.bulk_create(
        OpportunityPartner(
            opportunity=opportunity,
            partner_id=deal.partner_id,
            membership_id=deal.membership_id,
            role=role,
            share_percent=100 if role == PartnerRole.SOURCING else None,
        )
        for role in rules.roles_of(deal.motion)
    )
    record("created", opportunity, by=by, at=at, partner_id=deal.partner_id)
    return opportunity


@transaction.atomic
def ask(deal: Registration, question: Question, *, by: Actor, at: datetime) -> Registration:
    """Asks the partner, opens the named fields and stops the vendor's clock."""
    REGISTRATION.fire(
        deal, "ask", by=by, at=at,
        question=question.text, opened_fields=list(question.opened_fields),
        clock_left=deal.due_at - at if deal.due_at else None, due_at=None,
        data={"text": question.text, "opened_fields": list(question.opened_fields)},
    )  # fmt: skip
    return deal


@transaction.atomic
def answer(deal: Registration, reply: Answer, *, by: Actor, at: datetime) -> Registration:
    """The partner's answer: opened fields change, the clock runs on, the priority stays."""
    REGISTRATION.check(deal, "answer", by=by, at=at)
    shut = set(reply.changes) - set(deal.opened_fields)
    if shut:
        raise Refused(_("Only the fields we asked about can change."), code="field_closed", field=min(shut))
    values = _keys(reply.changes)
    moved = _before_and_after(deal, reply.changes)
    due = at + deal.clock_left if deal.clock_left is not None else None
    REGISTRATION.fire(
        deal, "answer", by=by, at=at, **values, due_at=due, clock_left=None, opened_fields=[], question="",
        data={"text": reply.text, "fields": moved},
    )  # fmt: skip
    if {"website", "account_name", "country"} & set(reply.changes):
        findings = _look_around(deal, at)
        _open_cases(deal, findings)
    REGISTRATION.fire(deal, "take_up", by=SYSTEM, at=at)
    return deal


@transaction.atomic
def reject(deal: Registration, rejection: Rejection, *, by: Actor, at: datetime) -> Registration:
    """Declines with a reason code and words for the partner."""
    REGISTRATION.fire(
        deal, "reject", by=by, at=at,
        rejection_code=rejection.code, due_at=None, **_decision(by, at, rejection.reason),
        data={"text": rejection.reason, "rejection_code": rejection.code},
    )  # fmt: skip
    return deal


@transaction.atomic
def withdraw(deal: Registration, *, by: Actor, at: datetime) -> Registration:
    """The partner takes its claim back before a decision."""
    REGISTRATION.fire(deal, "withdraw", by=by, at=at, due_at=None, clock_left=None, closed_at=at)
    return deal


@transaction.atomic
def release(deal: Registration, reason: Reason, *, by: Actor, at: datetime) -> Registration:
    """The partner gives its protection up."""
    REGISTRATION.fire(deal, "release", by=by, at=at, closed_at=at, data={"text": reason.text})
    return deal


@transaction.atomic
def report_progress(deal: Registration, progress: Progress, *, by: Actor, at: datetime) -> Registration:
    """Next step, close date and value of a live deal; who the customer is stays as it was decided."""
    by.require("deal.update")
    if deal.status not in (Status.APPROVED, Status.EXPIRING):
        raise Refused(_("Only protected deals have progress to report."), code="illegal_transition")
    values = as_values(progress)
    moved = _before_and_after(deal, values)
    if moved:
        _write(deal, values)
        record("updated", deal, by=by, at=at, partner_id=deal.partner_id, data={"fields": moved})
    return deal


# --- conflicts ------------------------------------------------------------------------------------------------------


@transaction.atomic
def resolve(case: ConflictCase, resolution: Resolution, *, by: Actor, at: datetime) -> ConflictCase:
    """Decides a conflict case for good. The registration itself is then approved or declined as any other."""
    by.require("deal.decide")
    rows = ConflictCase.objects.filter(pk=case.pk, status=CaseStatus.OPEN)
    done = rows.update(
        status=CaseStatus.RESOLVED, outcome=resolution.outcome, reason=resolution.reason, decided_at=at,
        decided_by_id=by.id if by.kind == "vendor" else None,
    )  # fmt: skip
    if done != 1:
        raise Stale(_("Somebody was faster: this conflict is decided."))
    case.refresh_from_db()
    moved = {"status": [CaseStatus.OPEN, CaseStatus.RESOLVED], "outcome": ["", resolution.outcome]}
    record("resolved", case, by=by, at=at, data={"changes": moved})
    return case


# --- time passes ------------------------------------------------------------------------------------------------------


def approach_end(deal: Registration, *, at: datetime) -> None:
    """The protection ends soon: the partner is told."""
    REGISTRATION.fire(deal, "approach_end", by=SYSTEM, at=at)


def expire(deal: Registration, *, at: datetime) -> None:
    """The protection has ended."""
    REGISTRATION.fire(deal, "expire", by=SYSTEM, at=at)
