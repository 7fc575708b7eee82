"""How partners come, stay and go, on pages over many apps: home, queue, the partner's page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from core.actor import Actor
from core.calendar import working_days_after
from core.parts import Crumb, Fact, Tag
from core.queue import Need, Pending, QueueItem, Waiting
from partners import queries_lifecycle as queries
from partners import shown_lifecycle as shown
from partners import terms
from partners.enums import OPEN_ACTIONS, TO_DO, ActionStatus, PartnerStatus
from partners.models import AgreementText, Application, OnboardingAction, Partner
from partners.rules_lifecycle import ACTIVE_FOR, QUIET_AFTER

QUEUE_SHOWN = 100
VETTING_DAYS = 2  # working days until a partner that joined alone is checked


# --- the partner's home -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Checklist:
    """The new partner's way: how much is done."""

    template: ClassVar[str] = "partners/card_checklist.html"
    column: ClassVar[str] = "main"

    lines: Sequence[shown.Line]
    done: int
    of: int


def home_card(actor: Actor, subject: Partner | None, at: datetime) -> Checklist | None:
    """The checklist while the partner is new."""
    if subject is None or subject.status != PartnerStatus.ONBOARDING:
        return None
    actions = list(queries.checklist(actor, subject))
    if not actions:
        return None
    done = sum(action.status not in OPEN_ACTIONS for action in actions)
    return Checklist([shown.line(action) for action in actions], done, len(actions))


def needs_you(actor: Actor, subject: Partner | None, at: datetime) -> tuple[Need | Pending, ...] | None:
    """Terms to accept, the checklist, people who ask to join, business that is missing."""
    if subject is None or not actor.is_partner:
        return None
    return (*_terms(actor, subject, at), *_checklist(actor, subject), *_requests(actor), *_quiet(subject, at))


def _terms(actor: Actor, partner: Partner, at: datetime) -> list[Pending]:
    if not actor.can("agreement.sign"):
        return []
    return [Pending(terms.unsigned(partner, at), lambda: [_term(text) for text in terms.outstanding(partner, at)])]


def _term(text: AgreementText) -> Need:
    page = reverse("portal:agreements")
    return Need(_("Accept: %s") % text.title, _("Read the terms and accept them."), page, _("Terms"))


def _checklist(actor: Actor, partner: Partner) -> list[Need]:
    if partner.status != PartnerStatus.ONBOARDING or not actor.can("onboarding.work"):
        return []
    lines = [a for a in queries.checklist(actor, partner) if a.status in TO_DO and a.done_by != "terms"]
    return [_line(action) for action in lines]


def _line(action: OnboardingAction) -> Need:
    again = action.status == ActionStatus.ACTION_REQUIRED
    reason = action.answer if again else shown.why(action)
    return Need(action.title, reason, shown.way_to(action), _("Again") if again else _("New partner"), "warn")


def _requests(actor: Actor) -> list[Pending]:
    if not actor.can("application.answer"):
        return []
    rows = queries.join_requests(actor)
    return [Pending(rows, lambda: [_request(one) for one in rows[:10]])]


def _request(one: Application) -> Need:
    reason = _("They proved an address of your company.")
    return Need(_("%s wants to join you") % one.name, reason, shown.request_url(one), _("Team"), "info")


def _quiet(partner: Partner, at: datetime) -> list[Need]:
    last = partner.last_commercial_at or partner.created_at
    if partner.status != PartnerStatus.ACTIVE or at < last + QUIET_AFTER:
        return []
    end = last + ACTIVE_FOR
    days = max((end - at) // timedelta(days=1), 0)
    reason = _("Nothing that counts as business for 60 days. In %d days you become inactive.") % days
    return [Need(_("Register a deal to stay active"), reason, reverse("portal:deals"), _("Quiet"), "warn", end)]


# --- the vendor's queue -----------------------------------------------------------------------------------------------


def queue(actor: Actor, subject: Any, at: datetime) -> Waiting | None:
    """Applications, partners to check and documents to look at; `subject` may narrow to one manager's."""
    if not actor.can("onboarding.decide"):
        return None
    inbound = _narrowed(queries.inbound(actor), subject, "partner__")
    unvetted = _narrowed(queries.unvetted(actor), subject, "")
    sent = _narrowed(queries.handed_in(actor), subject, "partner__")
    items = (
        *(_application(one) for one in inbound[:QUEUE_SHOWN]),
        *(_to_check(one) for one in unvetted[:QUEUE_SHOWN]),
        *(_document(one) for one in sent[:QUEUE_SHOWN]),
    )
    late = sum(1 for item in items if item.due_at and item.due_at < at)
    return Waiting(items, inbound.count() + unvetted.count() + sent.count(), late)


def _narrowed(rows: QuerySet[Any], person: Any, path: str) -> QuerySet[Any]:
    """Rows of the partners somebody looks after; those that nobody looks after yet are everybody's."""
    if not person:
        return rows
    mine = Q(**{f"{path}manager_id": person}) | Q(**{f"{path}backup_id": person})
    return rows.filter(mine | Q(**{f"{path}manager_id": None}))


def _application(one: Application) -> QueueItem:
    partner: Partner = one.partner  # type: ignore[assignment]
    return QueueItem(
        kind="applications", kind_label=_("Application"), reference=partner.reference, title=one.company,
        partner=partner.name, url=partner.get_lifecycle_url(), due_at=one.due_at, checks=one.name,
        owner_id=partner.manager_id,
    )  # fmt: skip


def _to_check(partner: Partner) -> QueueItem:
    due = working_days_after(partner.unvetted_since, VETTING_DAYS, partner.time_zone)  # type: ignore[arg-type]
    return QueueItem(
        kind="vetting", kind_label=_("New partner to check"), reference=partner.reference,
        title=_("%s joined by itself") % partner, partner=partner.name, url=partner.get_lifecycle_url(), due_at=due,
        checks=_("Money and leads wait"), tone="warn", owner_id=partner.manager_id,
    )  # fmt: skip


def _document(action: OnboardingAction) -> QueueItem:
    partner = action.partner
    return QueueItem(
        kind="onboarding", kind_label=_("Onboarding"), reference=partner.reference, title=action.title,
        partner=partner.name, url=partner.get_lifecycle_url(), due_at=action.due_at, checks=_("Sent"), tone="info",
        owner_id=partner.manager_id,
    )  # fmt: skip


# --- the partner's page in the console --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """Where the partner stands in its life, and the way to the page that moves it."""

    template: ClassVar[str] = "partners/tab_lifecycle.html"
    column: ClassVar[str] = "side"

    status: Tag
    facts: Sequence[Fact]
    link: Crumb | None


def tab(actor: Actor, partner: Partner, at: datetime) -> Standing:
    actions = list(queries.checklist(actor, partner))
    owed = terms.outstanding(partner, at)
    facts = shown.standing(partner, actions, owed, at)
    return Standing(shown.status_tag(partner), facts, Crumb(_("Manage"), partner.get_lifecycle_url()))
