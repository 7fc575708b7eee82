"""The review queue: every tier that is looked at, by what it waits for."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.calendar import last_local_day
from core.console import ConsolePage
from core.parts import Column, Row, Table, Tag
from tiers import queries, shown
from tiers.enums import STANDING_OVERRIDES, ReviewStatus
from tiers.models import TierOverride, TierReview

SHOWN = 100
KINDS: dict[str, Any] = {
    "proposed": gettext_lazy("Move up"),
    "at_risk": gettext_lazy("At risk"),
    "below": gettext_lazy("Below"),
    "notice": gettext_lazy("Notice"),
    "waived": gettext_lazy("Waived"),
    "exceptions": gettext_lazy("Exceptions"),
}
_STATES = {
    "proposed": (ReviewStatus.PROPOSED,), "at_risk": (ReviewStatus.AT_RISK,), "below": (ReviewStatus.BELOW,),
    "notice": (ReviewStatus.NOTICE, ReviewStatus.ENDING), "waived": (ReviewStatus.WAIVED,),
}  # fmt: skip


class Reviews(ConsolePage):
    """Who is to move up, whose tier is at risk, lost, under notice or kept by a person, and the exceptions."""

    def get(self, request):
        whose = "all" if request.GET.get("who") == "all" else "mine"
        counts = {kind: self._rows(kind, whose).count() for kind in KINDS}
        kind = request.GET.get("kind", "")
        kind = kind if kind in KINDS else next((k for k, n in counts.items() if n), "proposed")
        rows = list(self._rows(kind, whose)[:SHOWN])
        may = self.actor.can("tier.decide") and kind == "proposed"
        context = {
            "heading": _("Tier reviews"),
            "chips": [_chip(key, label, counts[key], kind, whose) for key, label in KINDS.items()],
            "whose": whose,
            "kind": kind,
            "may": may,
            "table": _table(kind, rows) if rows else None,
        }
        return self.show("tiers/reviews.html", context)

    def _rows(self, kind: str, whose: str) -> QuerySet[Any]:
        mine = Q(partner__manager_id=self.actor.id) | Q(partner__backup_id=self.actor.id)
        narrow = mine if whose == "mine" else Q()
        if kind == "exceptions":
            return queries.overrides(self.actor).filter(narrow, status__in=STANDING_OVERRIDES)
        rows = queries.with_all(TierReview.objects.visible_to(self.actor).filter(status__in=_STATES[kind]))
        holds = Q(waived_until__gte=self.at.date()) if kind == "waived" else Q()
        return rows.filter(narrow, holds, deleted_at=None).order_by("due_at", "id")


def _chip(key: str, label: Any, count: int, chosen: str, whose: str) -> dict[str, Any]:
    return {"href": "?" + urlencode({"kind": key, "who": whose}), "label": label, "count": count, "here": key == chosen}


def _table(kind: str, rows: list[Any]) -> Table:
    if kind == "exceptions":
        columns: tuple[Column, ...] = (
            Column(_("Partner")), Column(_("Tier")), Column(_("From"), "when"), Column(_("Until"), "when"),
            Column(_("Status"), "tag"), Column(_("Why")),
        )  # fmt: skip
        return Table(str(KINDS[kind]), columns, [_exception(row) for row in rows])
    columns = (
        Column(_("Partner")), Column(_("Tier")), Column(_("How it was judged")), Column(_("Status"), "tag"),
        Column(_("Until") if kind in ("at_risk", "waived", "notice") else _("Due"), "when"),
    )  # fmt: skip
    return Table(str(KINDS[kind]), columns, [_review(row) for row in rows])


def _exception(one: TierOverride) -> Row:
    status = shown.status_tag(one)
    return Row((one.partner.name, one.tier.name, one.starts_on, one.until, status, one.reason), one.get_absolute_url())


def _review(one: TierReview) -> Row:
    moves = f"{one.from_tier or '–'} → {one.to_tier}"
    ends = last_local_day(one.notice_ends_at, settings.TIME_ZONE) if one.notice_ends_at else None
    until = one.waived_until or (one.falls_on if one.status == ReviewStatus.AT_RISK else ends) or one.due_at
    status: Tag = shown.status_tag(one)
    cells = (one.partner.name, moves, queries.judged(one), status, until)
    return Row(cells, one.get_absolute_url(), one.reference)
