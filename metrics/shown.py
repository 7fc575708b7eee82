"""What pages show of figures: tiles, charts, tables. Frozen, in words, nothing left to query."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.money import Money
from core.parts import Bar, Column, Row, Series, Table, Tag, Tile
from core.templatetags.prm import money, number, percent
from mdf.enums import ActivityType
from metrics.definitions import DAYS, MONEY, PARTNERS, PERCENT, RATIO, Definition
from metrics.queries import Group, Reading
from metrics.queries.returns import Grouped

KEPT = Decimal("0.8")  # of a forecast: well forecast


def whole(value: Decimal | None) -> Money | None:
    """A sum in the reporting currency without its cents: pages show them on statements alone."""
    return None if value is None else Money(value.quantize(Decimal(1)), settings.REPORTING_CURRENCY)


def figure(definition: Definition, value: Decimal | None) -> str:
    """A value in words: "$4,820,000", "64.3%", "37 days"."""
    if value is None:
        return "–"
    if definition.unit == MONEY:
        return money(whole(value))
    if definition.unit == PERCENT:
        return percent(value / 100, 1)
    if definition.unit == DAYS:
        return ngettext("%(n)s day", "%(n)s days", int(value)) % {"n": number(value)}
    return number(value, 1)


def tile(now: Reading, before: Reading, trend: Sequence[Reading], href: str) -> Tile:
    """A metric as a tile of the dashboard; `before` is the reading it is compared with."""
    known = [float(r.value) for r in trend if r.value is not None]
    rows = str(now.definition.rows) % {"n": number(now.rows)} if now.rows and now.definition.rows else ""
    change, tone = _change(now, before)
    estimated = _("%s of it estimated") % figure(now.definition, now.estimated) if now.estimated else ""
    return Tile(
        label=str(now.definition.name),
        value=_short(now),
        unit=now.note if now.definition.unit == PARTNERS else "",
        change=change,
        tone=tone,
        before=_("from %s a year before") % figure(before.definition, before.value) if change else "",
        trend=known if len(known) > 1 else (),
        trend_label=_trend_words(now.definition, trend),
        href=f"{href}#rows" if rows else href,
        rows=rows or _("See the definition"),
        definition=str(now.definition.text),
        note=estimated or (now.note if now.definition.unit != PARTNERS and now.value is None else ""),
    )


def _short(found: Reading) -> str:
    return _("Not yet") if found.value is None else figure(found.definition, found.value)


def _change(now: Reading, before: Reading) -> tuple[str, str]:
    """The change in words, "▲ 18% more", and whether that is good; nothing where there is nothing to compare."""
    if now.value is None or before.value is None or now.value == before.value:
        return "", ""
    more = now.value > before.value
    arrow, word = ("▲", _("more")) if more else ("▼", _("less"))
    tone = "good" if more != now.definition.lower_is_better else "bad"
    return f"{arrow} {_by(now, before)} {word}", tone


def _by(now: Reading, before: Reading) -> str:
    step = abs(now.value - before.value)  # type: ignore[operator]
    if now.definition.unit == MONEY and before.value:
        return percent(step / before.value)
    if now.definition.unit == PERCENT:
        return _("%s points") % number(step, 1)
    return figure(now.definition, step)


def _trend_words(definition: Definition, trend: Sequence[Reading]) -> str:
    known = [r for r in trend if r.value is not None]
    if len(known) < 2:
        return ""
    first, last = known[0], known[-1]
    return _("Monthly, %(since)s to %(until)s: from %(first)s to %(last)s") % {
        "since": date_format(first.as_of, "M Y"), "until": date_format(last.as_of, "M Y"),
        "first": figure(definition, first.value), "last": figure(definition, last.value),
    }  # fmt: skip


def month_labels(readings: Sequence[Reading]) -> list[str]:
    return [date_format(r.as_of, "M Y") for r in readings]


def trend_series(definition: Definition, trend: Sequence[Reading]) -> Series:
    return Series(str(definition.name), [plain(r.value) for r in trend])


def plain(value: Decimal | None) -> float | int | None:
    """A value for a chart and its table: whole numbers stay whole, money loses its cents."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() or abs(value) > 1000 else float(value)


def bars(definition: Definition, groups: Sequence[Group], unknown: str) -> list[Bar]:
    """A breakdown as sorted bars; groups without a name are said to be unknown."""
    return [
        Bar(group.label or unknown, float(group.value or 0), _bar_words(definition, group))
        for group in groups
        if group.value is not None or group.rows
    ]


def _bar_words(definition: Definition, group: Group) -> str:
    words = figure(definition, group.value)
    if definition.unit == PARTNERS and group.denominator:
        return _("%(n)s of %(all)s") % {"n": words, "all": number(group.denominator)}
    return words


def kept(name: str, groups: Sequence[Grouped]) -> Table | None:
    """Forecast against result as a table of groups; None where nothing is measured."""
    columns = (
        Column(name), Column(_("Activities"), "num"), Column(_("Forecast"), "num"), Column(_("Result"), "num"),
        Column(_("Of the forecast"), "tag"), Column(_("Per unit paid"), "num"),
    )  # fmt: skip
    rows = [_kept_row(one) for one in groups]
    return Table(_("Forecast against result: %s") % name.lower(), columns, rows) if rows else None


def _kept_row(one: Grouped) -> Row:
    known, part = one.of, one.of.kept
    tag = Tag(percent(part), "good" if part >= KEPT else "warn") if part is not None else None
    label = dict(ActivityType.choices).get(one.label, one.label)
    times = f"{known.ratio:,.1f}×" if known.ratio is not None else None
    return Row((str(label), known.activities, whole(known.forecast), whole(known.pipeline), tag, times))


def beside(found: Reading) -> list[tuple[str, str]]:
    """The figures that stand beside a metric, with their names."""
    names: dict[str, Any] = {
        "renewals": (_("Open renewals that partners sourced"), MONEY),
        "renewals_influenced": (_("Open renewals that partners influenced"), MONEY),
        "attached": (_("Open pipeline that partners sourced or influenced"), MONEY),
        "transacted": (_("Won with a selling partner, whoever sourced"), MONEY),
        "attached_revenue": (_("Won that partners sourced or influenced"), MONEY),
        "won_for_each_unit": (_("Won for each unit paid"), RATIO),
        "paid_activities": (_("Activities that count"), PARTNERS),
        "forecast": (_("Pipeline that was forecast for them"), MONEY),
        "maturing_activities": (_("Activities whose 180 days still run"), PARTNERS),
        "maturing_paid": (_("Paid for those"), MONEY),
        "maturing_pipeline": (_("Pipeline of those so far"), MONEY),
        "unpaid_activities": (_("Activities without a payment, not counted"), PARTNERS),
        "share": (_("Share of all partners"), PERCENT),
        "won": (_("Won opportunities, partners' and direct"), PARTNERS),
        "first_registration": (_("Median days to the first approved registration"), PARTNERS),
        "deals_before_agreement": (_("Deals won before the agreement, left out"), PARTNERS),
    }
    shown = [(names[key], value) for key, value in found.beside.items() if value is not None]
    return [(str(name), figure(Definition("", "", unit, ""), Decimal(value))) for (name, unit), value in shown]
