"""What pages show of integrations, mutual value, calls and plans: frozen, in words."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.money import Money
from core.parts import Column, Fact, Moment, Row, Table, Tag
from partners.enums import IntegrationStatus, Maker
from partners.models import Call, Integration, MutualValue, Partner, YearPlan

TONES: dict[str, str] = {
    IntegrationStatus.LIVE: "good", IntegrationStatus.BETA: "info", IntegrationStatus.RETIRED: "warn",
}  # fmt: skip


@dataclass(frozen=True)
class Target:
    """One aim of a year: what is wanted, what there is, and the share of it (0 to 100)."""

    label: str
    wanted: Any
    now: Any = None
    share: int | None = None


@dataclass(frozen=True)
class PlanPage:
    """The plan of a year as both sides read it."""

    year: int
    goal: str
    targets: tuple[Target, ...]
    we_do: str
    they_do: str
    changed: datetime


def us() -> str:
    """The vendor's name as partners read it."""
    return settings.VENDOR_NAME or _("We")


def state(row: Integration) -> Tag:
    return Tag(row.get_status_display(), TONES.get(row.status, ""))


def maker(word: str, partner: Partner, us: str) -> str:
    """Who built or keeps an integration, by name."""
    named = {Maker.VENDOR: us, Maker.PARTNER: partner.name, Maker.BOTH: f"{us}, {partner.name}"}
    return named.get(word) or str(Maker(word).label)  # type: ignore[call-overload]


def integrations(rows: Iterable[Integration], link: Callable[[Integration], str] | None = None) -> Table | None:
    columns = (
        Column(_("Integration")), Column(_("Our products")), Column(_("State"), "tag"),
        Column(_("Joint customers"), "num"), Column(_("Last reviewed"), "when"),
    )  # fmt: skip
    found = [
        Row(
            (r.name, ", ".join(r.products), state(r), r.joint_customers, r.last_reviewed),
            link(r) if link else "",
        )
        for r in rows
    ]
    return Table(_("Integrations"), columns, found) if found else None


def facts(row: Integration, partner: Partner, us: str) -> list[Fact]:
    """One integration, for both sides."""
    found = [
        Fact(_("Our products"), ", ".join(row.products)),
        Fact(_("Data goes"), row.get_direction_display()),
        Fact(_("Built by"), maker(row.built_by, partner, us)),
        Fact(_("Looked after by"), maker(row.maintained_by, partner, us)),
        Fact(_("Live since"), row.live_since),
        Fact(_("Joint customers"), row.joint_customers),
        Fact(_("Last reviewed"), row.last_reviewed),
        Fact(_("Read more"), row.link, href=row.link),
    ]
    return [fact for fact in found if fact.value not in (None, "")]


@dataclass(frozen=True)
class Exchange:
    """What each side gives, ready to read."""

    title: str
    we_give: str
    they_give: str
    when: str
    href: str = ""


def exchanges(rows: Iterable[MutualValue], link: Callable[[MutualValue], str] | None = None) -> list[Exchange]:
    return [Exchange(r.title, r.we_give, r.they_give, _when(r), link(r) if link else "") for r in rows]


def _when(row: MutualValue) -> str:
    agreed = _("Agreed on %s") % date_format(row.agreed_on, "j M Y")
    again = _("to be looked at again on %s") % date_format(row.review_on, "j M Y") if row.review_on else ""
    return ", ".join(words for words in (str(row.integration or ""), agreed, again) if words)


def talks(rows: Iterable[Call]) -> list[Moment]:
    """Talks as a timeline for the vendor; what comes next stands with what was said."""
    return [
        Moment(_("talked with %s") % c.with_whom, c.at, str(c.author or ""), c.summary, "user", inside=True)
        for c in rows
    ]


def plan(row: YearPlan, reached: Mapping[str, Any]) -> PlanPage:
    """The plan with what there is by now; `reached` by the names of the columns."""
    wanted = {
        "revenue": (_("Revenue of closed deals"), Money(row.revenue, row.currency) if row.revenue else None),
        "deals": (_("Closed deals"), row.deals),
        "certified_people": (_("Certified people"), row.certified_people),
        "campaigns": (_("Joint campaigns"), row.campaigns),
    }
    targets = tuple(
        Target(label, value, reached.get(name), _share(value, reached.get(name)))
        for name, (label, value) in wanted.items()
        if value is not None
    )
    return PlanPage(row.year, row.goal, targets, row.we_do, row.they_do, row.updated_at)


def _share(wanted: Any, now: Any) -> int | None:
    """Whole hundredths of what is wanted, at most 100."""
    if now is None or not wanted:
        return None
    full, part = (getattr(v, "amount", v) for v in (wanted, now))
    return min(100, int(part * 100 // full)) if full else None
