"""Sums of the read models between points in time: stocks at a point, flows between two. A handful of statements."""
# ruff: noqa: S608 - the only words put into SQL are the names below

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connections

from metrics import rules
from metrics.measures import MEASURES
from metrics.queries.cut import Cut, group_columns, joined

_UNRATED = {name: f"{name.removesuffix('reported')}unrated" for name in MEASURES if name.endswith("reported")}
_SUMS = ", ".join(
    [f"coalesce(sum(t.{n}), 0) AS {n}" for n in MEASURES]
    + [f"count(*) - count(t.{n}) AS {alias}" for n, alias in _UNRATED.items()]
)
_NAMES = (*MEASURES, *_UNRATED.values())
Sums = Mapping[str, Decimal]
NOTHING: Sums = dict.fromkeys(_NAMES, Decimal(0))


@dataclass(frozen=True)
class Series:
    """What happened up to the first point and between each and the next, by currency. Rates are those of each point."""

    points: Sequence[date]
    buckets: Sequence[Mapping[str, Sums]]  # bucket 0 = up to and with the first point
    rates: Sequence[Mapping[str, Decimal]]

    def stock(self, name: str, day: date) -> tuple[Decimal | None, list[str]]:
        """What came in less what went out up to a point, in the reporting currency; and currencies without a rate."""
        at = self.points.index(day)
        amounts: dict[str, Decimal] = defaultdict(Decimal)
        for bucket in self.buckets[: at + 1]:
            for currency, sums in bucket.items():
                amounts[currency] += sums[name.replace("*", "in")] - sums[name.replace("*", "out")]
        return rules.convert(amounts, self.rates[at])

    def count(self, name: str, day: date) -> int:
        """The same for a number of rows."""
        buckets = self.buckets[: self.points.index(day) + 1]
        sums = [s for bucket in buckets for s in bucket.values()]
        return int(sum(s[name.replace("*", "in")] - s[name.replace("*", "out")] for s in sums))

    def between(self, after: date, last: date) -> Sequence[Mapping[str, Sums]]:
        """The buckets after one point, up to and with another."""
        return self.buckets[self.points.index(after) + 1 : self.points.index(last) + 1]

    def flow(self, name: str, after: date, last: date) -> Decimal:
        """What happened after one point, up to and with another."""
        return sum((s[name] for b in self.between(after, last) for s in b.values()), Decimal(0))


@dataclass
class Grouped:
    """The series of each group, with its label."""

    label: str
    series: Series = field(repr=False)


NEVER = date.max.toordinal()


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways of partners to their first deals, as day numbers: agreement, first deal, departure (or NEVER)."""

    label: str
    rows: list[tuple[int, int, int]] = field(default_factory=list)
    registered: list[tuple[int, int]] = field(default_factory=list)  # agreement, first approved registration after it
    deals_before: list[int] = field(default_factory=list)  # won before the agreement

    def seen(self, day: date) -> tuple[list[int], list[int]]:
        """As known on a day: days to each first deal, and days without one so far of the others."""
        now = day.toordinal()
        deals = [first - signed for signed, first, _left in self.rows if first <= now]
        none_yet = [max(min(now, left) - signed, 0) for signed, first, left in self.rows if signed <= now < first]
        return deals, none_yet

    def to_registration(self, day: date) -> list[int]:
        """Days to the first approved registrations known on a day, shortest first."""
        now = day.toordinal()
        return sorted(first - signed for signed, first in self.registered if first <= now)

    def add(self, signed: date, first: date | None, registration: date | None, left: date | None, before: int) -> None:
        first_at, left_at = (NEVER if day is None else day.toordinal() for day in (first, left))
        self.rows.append((signed.toordinal(), first_at, left_at))
        self.deals_before.append(before)
        if registration and registration >= signed:
            self.registered.append((signed.toordinal(), registration.toordinal()))


@dataclass(frozen=True, slots=True)
class Source:
    """Where sums are read: in the transaction that writes, or on the connection for reads over all partners.

    Who reads on the latter must have been found to see all.
    """

    using: str = "default"

    def read(self, points: Sequence[date], cut: Cut | None = None) -> Series:
        """The figures of the whole business, or of the partners of a cut, between the points (ascending)."""
        if cut:
            where, params = cut.where()
            source = f"metrics_partnerday t {joined('t.partner_id')} WHERE {where} AND"
        else:
            source, params = "metrics_totalday t WHERE", {}
        rows = self._sums(
            f"width_bucket(t.day, %(ends)s::date[])::text, t.currency, {_SUMS} FROM {source}", points, params, 2
        )
        buckets: list[dict[str, Sums]] = [{} for _point in points]
        for bucket, currency, *values in rows:
            buckets[int(bucket)][currency] = dict(zip(_NAMES, values, strict=True))
        return Series(points, buckets, self._rates(points, {c for b in buckets for c in b}))

    def read_groups(self, points: Sequence[date], group: str, cut: Cut) -> dict[str, Grouped]:
        """The figures of partners by group; amounts by share, so that groups add up to the whole."""
        key, label = group_columns(group)
        where, params = cut.where()
        select = f"""width_bucket(t.day, %(ends)s::date[])::text, t.currency, {key}, {label}, {_SUMS}
            FROM metrics_partnerday t {joined("t.partner_id", group)} WHERE {where} AND"""
        rows = self._sums(select, points, params, 4)
        currencies = {row[1] for row in rows}
        rates = self._rates(points, currencies)
        found: dict[str, Grouped] = {}
        for bucket, currency, name, words, *values in rows:
            empty: list[dict[str, Sums]] = [{} for _point in points]
            one = found.setdefault(name or "", Grouped(words or "", Series(points, empty, rates)))
            one.series.buckets[int(bucket)][currency] = dict(zip(_NAMES, values, strict=True))  # type: ignore[index]
        return found

    def _sums(self, select: str, points: Sequence[date], params: dict[str, Any], keys: int) -> list[tuple]:
        ends = [day + timedelta(days=1) for day in points[:-1]]
        groups = ", ".join(str(i + 1) for i in range(keys))
        with connections[self.using].cursor() as cursor:
            cursor.execute(
                f"SELECT {select} t.day <= %(last)s GROUP BY {groups}", params | {"ends": ends, "last": points[-1]}
            )
            return cursor.fetchall()

    def _rates(self, points: Sequence[date], currencies: Iterable[str]) -> list[dict[str, Decimal]]:
        """For each point what one unit of each currency was worth; currencies without a rate are left out."""
        home = settings.REPORTING_CURRENCY
        others = sorted(set(currencies) - {home})
        rates: list[dict[str, Decimal]] = [{home: Decimal(1)} for _point in points]
        if not others:
            return rates
        with connections[self.using].cursor() as cursor:
            cursor.execute(
                """SELECT i, c, x.rate FROM unnest(%s::date[]) WITH ORDINALITY p (day, i)
                   CROSS JOIN unnest(%s::text[]) c CROSS JOIN LATERAL (
                       SELECT rate FROM deals_exchangerate e WHERE e.currency = c AND e.day <= p.day
                       ORDER BY e.day DESC LIMIT 1) x""",
                [list(points), others],
            )
            for i, currency, rate in cursor.fetchall():
                rates[i - 1][currency] = rate
        return rates

    def active(
        self, moments: Sequence[datetime], cut: Cut | None = None, group: str = ""
    ) -> dict[str, tuple[str, list[int]]]:
        """How many partners were active at each moment: group key → (label, counts); one group "" without a group."""
        where, params = (cut or Cut()).where()
        key, label = group_columns(group)
        counts = ", ".join(
            f"count(*) FILTER (WHERE s.starts_at <= %(m{i})s AND s.ends_at > %(m{i})s)"
            for i, _moment in enumerate(moments)
        )
        params |= {f"m{i}": moment for i, moment in enumerate(moments)}
        sql = f"""SELECT {key}, {label}, {counts} FROM metrics_activespan s {joined("s.partner_id", group)}
            WHERE {where} AND s.ends_at > %(m0)s GROUP BY 1, 2"""
        with connections[self.using].cursor() as cursor:
            cursor.execute(sql, params)
            found = {row[0] or "": (row[1] or "", list(row[2:])) for row in cursor.fetchall()}
        return found or {"": ("", [0] * len(moments))}

    def working(self, cut: Cut | None = None, group: str = "") -> dict[str, tuple[str, int]]:
        """How many partners are onboarding, active or inactive now: group key → (label, count)."""
        where, params = (cut or Cut()).where()
        key, label = group_columns(group)
        sql = f"""SELECT {key}, {label}, count(*) FROM metrics_scorecard c {joined("c.partner_id", group)}
            WHERE {where} AND p.status IN ('onboarding', 'active', 'inactive') GROUP BY 1, 2"""
        with connections[self.using].cursor() as cursor:
            cursor.execute(sql, params)
            return {key or "": (label or "", count) for key, label, count in cursor.fetchall()}

    def ways(self, cut: Cut | None = None, group: str = "") -> dict[str, Ways]:
        """The ways of the partners that signed an agreement, by group key."""
        where, params = (cut or Cut()).where()
        key, label = group_columns(group)
        sql = f"""SELECT {key}, {label}, c.agreement_on, c.first_deal_on, c.first_registration_on, c.left_on,
                   c.deals_before_agreement
            FROM metrics_scorecard c {joined("c.partner_id", group)} WHERE {where} AND c.agreement_on IS NOT NULL"""
        found: dict[str, Ways] = {}
        with connections[self.using].cursor() as cursor:
            cursor.execute(sql, params)
            for name, words, *days in cursor.fetchall():
                found.setdefault(name or "", Ways(words or "")).add(*days)
        return found
