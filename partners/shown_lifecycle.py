"""How partners come, stay and go, in words: frozen, no query left for the template."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.calendar import last_local_day
from core.models import StoredFile
from core.parts import Column, Crumb, Fact, Row, Table, Tag
from partners.enums import OPEN_ACTIONS, ActionStatus, DoneBy, PartnerStatus
from partners.models import Agreement, AgreementText, Application, Offboarding, OnboardingAction, Partner
from partners.rules_lifecycle import ACTIVE_FOR
from partners.shown import status_tag

__all__ = ("status_tag",)
TONES = {
    ActionStatus.COMPLETED: "good", ActionStatus.WAITING: "info", ActionStatus.ACTION_REQUIRED: "bad",
    ActionStatus.PENDING: "warn",
}  # fmt: skip
_WHY = {
    DoneBy.TERMS: gettext_lazy("An admin of your company reads and accepts them."),
    DoneBy.PROFILE: gettext_lazy("Website, country and what you do."),
    DoneBy.COLLEAGUE: gettext_lazy("So that somebody can stand in for you."),
    DoneBy.FIRST_DEAL: gettext_lazy("Done as soon as you send it."),
    DoneBy.DOCUMENT: gettext_lazy("Send it here; we look at it within 2 working days."),
    DoneBy.APPROVAL: gettext_lazy("Tell us when it is done; we look at it within 2 working days."),
}
_WAYS = {
    DoneBy.TERMS: "portal:agreements", DoneBy.PROFILE: "portal:profile", DoneBy.COLLEAGUE: "portal:team",
    DoneBy.FIRST_DEAL: "portal:deal_new",
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A line of a checklist, ready to show; `action` is what the console decides about."""

    title: str
    href: str
    tag: Tag
    note: str
    optional: bool
    id: str = ""
    said: str = ""
    sent_at: datetime | None = None
    files: Sequence[Crumb] = ()
    waits: bool = False
    open: bool = False


def why(action: OnboardingAction) -> str:
    return action.note or str(_WHY[DoneBy(action.done_by)])


def way_to(action: OnboardingAction) -> str:
    """Where the partner does it."""
    page = _WAYS.get(DoneBy(action.done_by))
    return reverse(page) if page else action.get_absolute_url()


def action_tag(action: OnboardingAction) -> Tag:
    return Tag(action.get_status_display(), TONES.get(ActionStatus(action.status), ""))


def line(action: OnboardingAction, files: Iterable[StoredFile] = ()) -> Line:
    """A closed line leads nowhere; an open one to where it is done."""
    is_open = action.status in OPEN_ACTIONS
    return Line(
        action.title, way_to(action) if is_open else "", action_tag(action), action.answer or why(action),
        not action.required, action.public_id, action.said, action.sent_at, crumbs_of(files),
        action.status == ActionStatus.WAITING, is_open,
    )  # fmt: skip


def crumbs_of(files: Iterable[StoredFile]) -> list[Crumb]:
    return [Crumb(file.name, file.get_absolute_url()) for file in files]


def request_url(application: Application) -> str:
    return reverse("portal:join_request", args=[application.public_id])


def standing(
    partner: Partner, actions: Sequence[OnboardingAction], owed: Sequence[AgreementText], at: datetime
) -> list[Fact]:
    """The partner's life in a few facts."""
    done = sum(action.status not in OPEN_ACTIONS for action in actions)
    rows = [
        Fact(_("Joined by itself, to be checked since"), partner.unvetted_since),
        Fact(_("Checklist"), _("%(done)d of %(all)d done") % {"done": done, "all": len(actions)} if actions else None),
        Fact(_("Terms to accept"), ", ".join(map(str, owed))),
        Fact(_("Last business"), partner.last_commercial_at),
        Fact(_("Inactive from"), _inactive_from(partner)),
    ]
    return [row for row in rows if row.value]


def _inactive_from(partner: Partner) -> datetime | None:
    last = partner.last_commercial_at or partner.created_at
    return last + ACTIVE_FOR if partner.status == PartnerStatus.ACTIVE else None


def application(row: Application) -> list[Fact]:
    """What somebody told when applying."""
    facts = [
        Fact(_("Company"), row.company),
        Fact(_("Website"), row.website),
        Fact(_("Who"), f"{row.name} · {row.email}"),
        Fact(_("Address proved"), row.proved_at),
        Fact(_("For"), f"{row.program} · {row.get_partner_type_display()}"),
        Fact(_("Message"), row.message),
    ]
    return [fact for fact in facts if fact.value]


def plan(row: Offboarding) -> list[Fact]:
    """What becomes of what is open when a partner leaves."""
    return [
        Fact(_("Last day"), row.effective_on),
        Fact(_("Reason"), row.get_reason_display(), hint=row.text),
        Fact(_("Registrations"), row.get_deals_display()),
        Fact(_("Claims"), row.get_claims_display()),
        Fact(_("Earnings"), row.get_earnings_display()),
        Fact(_("Leads"), row.get_leads_display()),
    ]


# --- terms --------------------------------------------------------------------------------------------------------


def signed(rows: Iterable[Agreement]) -> Table:
    """What a partner accepted, with its paper."""
    columns = (Column(_("Terms")), Column(_("Version")), Column(_("Accepted by")), Column(_("On"), "when"))
    cells = [
        Row((a.title, a.text_version, a.signed_by, a.signed_at), reverse("portal:agreement_pdf", args=[a.public_id]))
        for a in rows
    ]
    return Table(_("Accepted terms"), columns, cells)


def texts(rows: Iterable[Any]) -> Table:
    """Every version of the terms, with how many accepted it."""
    columns = (
        Column(_("Terms")), Column(_("Version")), Column(_("For")), Column(_("Published"), "when"),
        Column(_("Accepted by"), "num"),
    )  # fmt: skip
    return Table(
        _("Terms"), columns, [Row((t.title, t.text_version, _for(t), t.published_at, t.signatures)) for t in rows]
    )


def _for(text: AgreementText) -> str:
    return " · ".join(filter(None, (str(text.program or ""), text.get_partner_type_display()))) or _("All partners")


def paper(agreement: Agreement, zone: str) -> dict[str, Any]:
    """What the PDF of an accepted text is drawn from."""
    text = agreement.text
    return {
        "agreement": agreement,
        "vendor": settings.VENDOR_NAME or _("the vendor"),
        "partner": agreement.partner.legal_name or agreement.partner.name,
        "paragraphs": text.paragraphs if text else [],
        "day": last_local_day(agreement.signed_at, zone),
    }
