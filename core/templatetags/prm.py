"""What templates may say beyond Django's own words. Nothing here queries."""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.numbers import NumberPattern, format_compact_decimal, format_decimal, format_percent, parse_pattern
from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext, pgettext, to_locale
from django.utils.translation import gettext as _

from core import charts, clock
from core.parts import Bar, Series

register = template.Library()

DASH = "–"
LONG_TAG = 20  # letters
FLIPPED = {"left", "right", "out", "undo"}  # icons that point the other way where one reads from the right
TONES = {
    "good": "approved accepted active won closed_won paid done completed valid passed published live agreed released "
    "delivered succeeded protected met signed met_all confirmed reimbursed ok on",
    "warn": "question info_requested needs_info waiting_for_partner waiting_for_you expiring at_risk partly_approved "
    "on_hold held paused unconfirmed incomplete probation stalled disputed appealed conflict",
    "bad": "declined rejected lost closed_lost failed late overdue revoked suspended terminated blocked invalid dead "
    "expired_late breached reversed clawed_back withdrawn_by_us off",
    "info": "submitted in_review under_review review requested received open new offered assigned processing queued "
    "claimed scheduled invited running pending payable sent",
}
_TONE = {word: tone for tone, words in TONES.items() for word in words.split()}


# --- words, figures, dates ------------------------------------------------------------------------------------------


@register.filter
def tone(status: Any) -> str:
    """The tone of a status word: good, warn, bad, info or nothing."""
    return _TONE.get(str(getattr(status, "value", status)).lower().replace(" ", "_").replace("-", "_"), "")


@lru_cache(maxsize=8)
def _locale(code: str) -> Locale:
    return Locale.parse(to_locale(code), sep="_")


def _here() -> Locale:
    return _locale(get_language() or "en")


@lru_cache(maxsize=16)
def _whole(locale: Locale) -> NumberPattern:
    """The locale's pattern for money without cents."""
    return parse_pattern(locale.currency_formats["standard"].pattern.replace(".00", ""))


@register.filter
def money(value: Any, style: str = "") -> str:
    """An object with amount and currency in words: "$48,000". Cents where there are any; always with "cents".

    "whole" rounds to whole units, for overviews; "code" adds the currency's code. A Decimal throughout.
    """
    if value is None or value == "":
        return DASH
    amount = Decimal(value.amount)
    if style == "whole":
        amount = amount.to_integral_value()
    locale = _here()
    whole = style != "cents" and amount == amount.to_integral_value()
    pattern = _whole(locale) if whole else locale.currency_formats["standard"]
    shown = pattern.apply(amount, locale, currency=value.currency, currency_digits=not whole).replace("-", "−")
    return f"{shown} {value.currency}" if style == "code" else shown


@register.filter
def number(value: Any, digits: int = 0) -> str:
    """A figure with the reader's separators; `digits` after the point at most."""
    if value is None:
        return DASH
    return format_decimal(round(Decimal(str(value)), digits), "#,##0.######", locale=_here()).replace("-", "−")


@register.filter
def percent(share: Any, digits: int = 0) -> str:
    """A share of 1 as a percentage: 0.184 becomes 18%."""
    if share is None:
        return DASH
    pattern = "#,##0" + ("." + "#" * digits if digits else "")
    sign = _here().percent_formats[None].pattern.lstrip("#,0")
    return format_percent(round(Decimal(str(share)), digits + 2), pattern + sign, locale=_here()).replace("-", "−")


def _city(zone: str) -> str:
    return zone.rsplit("/", 1)[-1].replace("_", " ")


def _words(moment: datetime, with_year: bool) -> str:
    if with_year:
        return format_date(moment, pgettext("date and time", "D j M Y, H:i"))
    return format_date(moment, pgettext("date and time", "D j M, H:i"))


@register.filter
def when(at: datetime | None, style: str = "") -> str:
    """A moment in the reader's time zone: "Tue 24 Nov, 17:00 (Lisbon)"; "short" leaves the zone to the title."""
    if not at:
        return DASH
    local = timezone.localtime(at)
    words = _words(local, local.year != timezone.localtime(clock.now()).year)
    zone = _city(timezone.get_current_timezone_name())
    if style == "short":
        return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), zone, words)
    return format_html('<time datetime="{}">{} ({})</time>', at.isoformat(), words, zone)


@register.filter
def day(at: date | None, style: str = "") -> str:
    """A day: "24 Nov 2026"; "weekday" puts the weekday before it."""
    if not at:
        return DASH
    local = timezone.localtime(at) if isinstance(at, datetime) else at
    pattern = pgettext("date", "D j M Y") if style == "weekday" else pgettext("date", "j M Y")
    return format_html('<time datetime="{}">{}</time>', f"{local:%Y-%m-%d}", format_date(local, pattern))


def span(length: timedelta) -> str:
    """A length of time in two units at most: "3 h 12 min", "2 days"."""
    minutes = max(int(length.total_seconds() // 60), 0)
    if minutes >= 2 * 1440:
        return ngettext("%(n)d day", "%(n)d days", minutes // 1440) % {"n": minutes // 1440}
    hours, rest = divmod(minutes, 60)
    if not hours:
        return _("%(n)d min") % {"n": rest}
    return _("%(n)d h") % {"n": hours} + (" " + _("%(n)d min") % {"n": rest} if rest else "")


def _urgency(due: datetime, now: datetime, start: datetime | None) -> str:
    left = due - now
    if left < timedelta(hours=2):
        return "bad"
    soon = left < (due - start) / 2 if start else left < timedelta(days=1)
    return "warn" if soon else ""


@register.simple_tag(name="clock")
def clock_tag(due: datetime | None, now: datetime | None = None, start: datetime | None = None) -> str:
    """What is left until `due`, as a tag that ticks: amber in the second half of the span, red in the last 2 hours."""
    if not due:
        return ""
    now = now or clock.now()
    words = _("%(span)s left") if due > now else _("%(span)s late")
    return format_html(
        '<time class="tag {}" datetime="{}"{} data-clock>{}</time>',
        _urgency(due, now, start),
        due.isoformat(),
        format_html(' data-start="{}"', start.isoformat()) if start else "",
        words % {"span": span(abs(due - now))},
    )


_NUMBER = re.compile("[A-Z]{1,2}-[0-9A-Z]{5}")  # of a record, like D-4PCZT: never broken at its hyphen


@register.filter
def cell(value: Any) -> str:
    """A value of a table or a list of facts as it is shown: text, money, a date, a moment, a tag, a yes or no."""
    if value is None or value == "":
        return DASH
    if isinstance(value, SafeString):
        return value
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    for is_kind, show in _KINDS:
        if is_kind(value):
            return show(value)
    return conditional_escape(value)


_KINDS: tuple[tuple[Callable[[Any], bool], Callable[[Any], str]], ...] = (
    (lambda v: isinstance(v, datetime), lambda v: when(v, "short")),
    (lambda v: isinstance(v, date), day),
    (lambda v: hasattr(v, "amount") and hasattr(v, "currency"), money),
    (lambda v: hasattr(v, "tone") and hasattr(v, "text"), lambda v: _tag(v.text, _in_a_cell(v.text, v.tone))),
    (lambda v: isinstance(v, int), number),
    (
        lambda v: isinstance(v, str) and bool(_NUMBER.fullmatch(v)),
        lambda v: format_html('<span class="nowrap">{}</span>', v),
    ),
)


@register.filter
def at(items: Sequence[Any], index: int) -> Any:
    """The item at a place, or nothing past the end."""
    return items[index] if index < len(items) else None


@register.filter
def brief(value: float) -> str:
    """A figure for an axis: 1.2M."""
    return format_compact_decimal(value, locale=_here(), fraction_digits=1)


# --- parts ----------------------------------------------------------------------------------------------------------


@register.simple_tag
def icon(name: str, label: str = "", size: str = "") -> str:
    """An icon of the sprite, unseen by screen readers; with `label` it speaks."""
    return format_html(
        '<svg class="icon{}{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>{}',
        " flip" if name in FLIPPED else "",
        f" {size}" if size else "",
        static("icons.svg"),
        name,
        format_html('<span class="sr">{}</span>', label) if label else "",
    )


def _tag(text: Any, tone: str) -> str:
    return format_html('<span class="tag {}">{}</span>', tone, text) if text else ""


def _in_a_cell(text: Any, tone: str) -> str:
    """The classes of a tag in a table: a long one turns lines before figures beside it are pushed out of sight."""
    return f"{tone} long".lstrip() if len(str(text)) > LONG_TAG else tone


@register.simple_tag
def tag(text: Any, tone: str = "") -> str:
    """A status word with its tone."""
    return _tag(text, tone)


@register.simple_tag
def badge(text: Any, status: Any) -> str:
    """A status word whose tone follows from the status."""
    return _tag(text, tone(status))


def _render(context: template.Context, name: str, values: dict[str, Any]) -> str:
    assert context.template
    shared = {key: context.get(key) for key in ("request", "csrf_token")}
    return context.template.engine.get_template(f"parts/{name}.html").render(context.new(shared | values))


@register.simple_tag(takes_context=True)
def part(context: template.Context, name: str, subject: Any = None, **more: Any) -> str:
    """parts/<name>.html with the subject under the part's own name, and nothing else of the page."""
    return _render(context, name, {name: subject, **more})


@register.simple_tag(takes_context=True)
def action(context: template.Context, subject: Any, **more: Any) -> str:
    """A button of a form, or a link; a barred one is off and says why."""
    return _render(context, "action", {"action": subject, **more})


@register.simple_block_tag(takes_context=True)
def card(context: template.Context, content: str, title: str = "", **more: Any) -> str:
    """A section with a heading. `id`, `href` and `link` (a link beside the heading), `level`, `class`."""
    return _render(context, "card", {"title": title, "content": content, **more})


@register.simple_block_tag
def note(content: str, tone: str = "info", live: bool = False) -> str:
    """A note in its tone; `live` lets a screen reader say it when it changes."""
    return format_html('<div class="note {}"{}>{}</div>', tone, SafeString(' role="status"' if live else ""), content)


# --- charts ---------------------------------------------------------------------------------------------------------


@register.inclusion_tag("parts/chart_spark.html")
def spark(values: Sequence[Any], label: str = "", labels: Sequence[str] = ()) -> dict[str, Any]:
    """A small trend; `label` says it in words, `labels` (one a value) give it a table."""
    known = [float(v) for v in values if v is not None]
    points = charts.spark_points(known) if len(known) > 1 else []
    end = points[-1].split(",") if points else None
    return {"points": points, "end": end, "label": label, "rows": list(zip(labels, values, strict=False))}


@register.inclusion_tag("parts/chart_bars.html")
def bars(rows: Sequence[Bar], label: str = "", head: str = "", value_head: str = "") -> dict[str, Any]:
    """Bars from zero as a table: label, bar, value."""
    widths = charts.shares([float(row.value) for row in rows])
    return {"rows": list(zip(rows, widths, strict=True)), "label": label, "head": head, "value_head": value_head}


@register.inclusion_tag("parts/chart_line.html")
def line(
    series: Sequence[Series], labels: Sequence[str], label: str = "", unfinished: bool = False, unit: str = ""
) -> dict[str, Any]:
    """Up to five lines over common labels, with legend and table; `unfinished` dashes the last period."""
    drawn = charts.lines([_floats(s) for s in series], labels, unfinished=unfinished)
    table = [(word, [s.values[i] for s in series]) for i, word in enumerate(labels)]
    return {"chart": drawn, "series": series, "label": label, "table": table, "unit": unit, "box": _BOX}


_BOX = {
    "width": charts.WIDTH,
    "height": charts.HEIGHT,
    "left": charts.LEFT,
    "right": charts.WIDTH - charts.RIGHT,
    "base": charts.HEIGHT - 8,
    "tick": charts.LEFT - 8,
}


def _floats(series: Series) -> Series:
    return Series(series.name, [None if v is None else float(v) for v in series.values])
