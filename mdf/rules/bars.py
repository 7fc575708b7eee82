"""Why something about market funds can't be done now: a sentence, or None. Pure."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from core.calendar import is_working_day, last_local_day
from mdf.enums import ActivityStatus, Criterion, ProofKind, ProofStatus
from partners.enums import WORKING
from partners.rules_lifecycle import unvetted

MEASURED = ("metric", "target", "capture", "report_on")


def _activities(request) -> list[Any]:
    return list(request.activities.all())


def incomplete(request, at: datetime) -> str | None:
    if request.allocation_id is None:
        return _("Your company has no market funds now. Ask your channel manager.")
    if not _activities(request):
        return _("Add at least one activity.")
    planned = request.fund_terms.plan_required
    return next((why for activity in _activities(request) if (why := _missing(activity, planned))), None)


def _missing(activity, planned: bool) -> str | None:
    if not activity.target_segment:
        return _("%s: say which segment it is for.") % activity
    if planned and any(not activity.measurement.get(part) for part in MEASURED):
        return _("%s: say how you measure it: what, how many, how you find out and when you report.") % activity
    if activity.expected_pipeline is None:
        return _("%s: say how much pipeline you expect from it.") % activity
    return None


def too_late(request, at: datetime) -> str | None:
    """So close to the start, a reason is needed."""
    need, today = request.fund_terms.apply_working_days, _today(request, at)
    short = [a for a in _activities(request) if working_days_between(today, a.starts_on) < need]
    if not short or request.late_reason:
        return None
    return _("%(what)s starts in fewer than %(n)d working days. Say why you ask so late.") % {
        "what": short[0],
        "n": need,
    }


def started(request, at: datetime) -> str | None:
    today = _today(request, at)
    past = next((a for a in _activities(request) if a.starts_on < today), None)
    return _("%s has started already. Only what is still to come can be funded.") % past if past else None


def outside_period(request, at: datetime) -> str | None:
    """The start of an activity decides whose budget it is."""
    funds = request.allocation
    strange = next((a for a in _activities(request) if not funds.period_start <= a.starts_on <= funds.period_end), None)
    if strange is None:
        return None
    return _("%s doesn't start in the period of these funds. Choose other dates or other funds.") % strange


def unlisted(request, at: datetime) -> str | None:
    terms = request.fund_terms
    types = () if terms.preapproval and terms.preapproval.unlisted else terms.types  # then people decide about them
    strange = next((a for a in _activities(request) if types and a.activity_type not in types), None)
    return _("This program doesn't fund such activities: %s.") % strange if strange else None


def partner_stands_aside(request, at: datetime) -> str | None:
    if request.partner.status in WORKING:
        return unvetted(request.partner)
    return _("This partner is %s. Market funds wait until it works with us.") % (
        request.partner.get_status_display().lower()
    )


def not_confirmed(request, at: datetime) -> str | None:
    if not request.on_behalf or request.confirmed_at:
        return None
    return _("We wrote this request for the partner. The partner confirms it first.")


def no_changed_part(request, at: datetime) -> str | None:
    return None if request.changed_from_id else _("This is no part of an earlier request. Send it instead.")


def accepted_too_late(request, at: datetime) -> str | None:
    if request.accept_by is None or at < request.accept_by:
        return None
    return _("The offer has ended. Ask for the activity anew.")


def still_time_to_accept(request, at: datetime) -> str | None:
    return _("The partner may still accept.") if request.accept_by and at < request.accept_by else None


def claim_too_late(claim, at: datetime) -> str | None:
    zone = claim.partner.time_zone
    due = last_local_day(claim.resubmit_by, zone) if claim.resubmit_by else claim.activity.claim_due_on
    if due is None or _local(at, zone) <= due:
        return None
    return _("The last day for this claim has passed. Ask your channel manager.")


def invoice_too_old(claim, at: datetime) -> str | None:
    """Where the days for a claim run from each invoice, not from the activity's end."""
    terms = claim.activity.request.fund_terms
    if terms.claim_from != "invoice":
        return None
    oldest = _local(at, claim.partner.time_zone) - timedelta(days=terms.claim_days)
    late = next((line for line in claim.invoice_lines.all() if line.invoice_date < oldest), None)
    words = {"invoice": late, "days": terms.claim_days}
    return _("%(invoice)s is older than %(days)d days. Leave it out.") % words if late else None


def line_without_invoice(claim, at: datetime) -> str | None:
    """Who claims all that was approved shows an invoice for each line of the plan; a part names the lines it is for."""
    activity = claim.activity
    if not activity.request.fund_terms.invoice_per_line:
        return None
    rows = list(claim.invoice_lines.all())
    if any(row.budget_line_id is None for row in rows):
        return _("Say for each invoice which line of the plan it is for.")
    shown = {row.budget_line_id for row in rows} | _shown_before(claim)
    bare = next((line for line in activity.lines.all() if line.pk not in shown), None)
    if bare is None or claim.amount < activity.approved_amount:
        return None
    return _("Add the invoice for “%s”, or claim a part.") % bare.label


def _shown_before(claim) -> set[Any]:
    others = [one for one in claim.activity.claims.all() if one.pk != claim.pk and one.approved_amount]
    return {row.budget_line_id for one in others for row in one.invoice_lines.all()}


def results_missing(claim, at: datetime) -> str | None:
    """Where nothing is paid before it is known what came of it."""
    if not claim.activity.request.fund_terms.results_before_payment:
        return None
    if claim.results or claim.activity.results:
        return None
    return _("The program pays once results are reported. Ask the partner for them.")


def proofs_missing(claim, at: datetime) -> str | None:
    """Every proof on the frozen list is there, and the invoices."""
    if not claim.invoice_lines.all():
        return _("Add at least one invoice.")
    have = {proof.kind for proof in claim.proofs.all()}
    asked = [kind for kind in claim.activity.proofs if kind not in have]
    missing = [str(ProofKind(kind).label) for kind in asked]
    return _("Add what is still missing: %s.") % ", ".join(missing).lower() if missing else None


def proofs_undecided(claim, at: datetime) -> str | None:
    rows = [*claim.proofs.all(), *claim.invoice_lines.all()]
    if all(row.status != ProofStatus.WAITING for row in rows):
        return None
    return _("Look at every proof and every invoice first.")


def no_extension(activity, terms, at: datetime, zone: str) -> str | None:
    """Why no more time for a claim can be asked for."""
    if activity.status != ActivityStatus.APPROVED or activity.claim_due_on is None:
        return _("Nothing of this activity is open any more.")
    if activity.claim_extended or not terms.claim_extension_days:
        return _("The time for this claim can't be extended any more.")
    if activity.extension_asked_at is not None:
        return _("You asked for more time already. We answer soon.")
    if _local(at, zone) > activity.claim_due_on:
        return _("The last day for this claim has passed. Ask your channel manager.")
    return None


def ended_before_end(request, at: datetime) -> str | None:
    today = _today(request, at)
    running = next((a for a in _activities(request) if a.ends_on >= today), None)
    return _("%s is not over yet.") % running if running else None


def verdicts_missing(verdicts: Mapping[str, Mapping[str, Any]], title: str) -> str | None:
    """All three criteria are judged; a "no" has its reason."""
    for criterion in Criterion:
        found = verdicts.get(criterion)
        if found is None or found.get("met") is None:
            return _("%(what)s: judge “%(criterion)s”.") % {"what": title, "criterion": criterion.label}
        if not found["met"] and not found.get("reason"):
            return _("%(what)s: say why “%(criterion)s” is not met.") % {"what": title, "criterion": criterion.label}
    return None


def working_days_between(today: date, day: date) -> int:
    """Working days from the day after `today` up to the day before `day`, and `day` itself when it is one."""
    return sum(is_working_day(today + timedelta(days=n)) for n in range(1, max((day - today).days, 0) + 1))


def _today(request, at: datetime) -> date:
    return _local(at, request.partner.time_zone)


def _local(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()
