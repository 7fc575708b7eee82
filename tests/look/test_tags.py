"""What templates say about money, time and standing."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.template import Context, Template
from django.utils import timezone, translation

from core.money import Money
from core.parts import Bar, Column, Series, Table, Tag
from core.templatetags import prm

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def show(text: str, **values) -> str:
    return Template("{% load prm %}" + text).render(Context(values))


@pytest.mark.parametrize(
    ("amount", "currency", "style", "shown"),
    [
        ("48000", "USD", "", "$48,000"),
        ("48000.00", "USD", "", "$48,000"),
        ("36500.50", "USD", "", "$36,500.50"),
        ("12840", "USD", "cents", "$12,840.00"),
        ("48000", "USD", "code", "$48,000 USD"),
        ("5673474.45", "USD", "whole", "$5,673,474"),
        ("-1200", "EUR", "", "−€1,200"),
        ("99.90", "BRL", "", "R$99.90"),
        ("0", "USD", "", "$0"),
        ("5000", "JPY", "cents", "¥5,000"),
        ("12345678901234567890.12", "USD", "", "$12,345,678,901,234,567,890.12"),
    ],
)
def test_money_is_exact_and_shows_cents_only_where_there_are_any(amount, currency, style, shown):
    assert prm.money(Money(Decimal(amount), currency), style) == shown


def test_money_follows_the_readers_language():
    with translation.override("de"):
        assert prm.money(Money(Decimal(48000), "EUR")) == "48.000\N{NO-BREAK SPACE}€"


def test_no_money_is_a_dash():
    assert prm.money(None) == "–"


@pytest.mark.parametrize(
    ("share", "digits", "shown"), [(0.184, 0, "18%"), (Decimal("0.2"), 0, "20%"), (0.1845, 1, "18.4%"), (None, 0, "–")]
)
def test_a_share_is_shown_as_a_percentage(share, digits, shown):
    assert prm.percent(share, digits) == shown


@pytest.mark.parametrize(("value", "shown"), [(1204, "1,204"), (Decimal(-3), "−3"), (None, "–")])
def test_a_figure_has_the_readers_separators(value, shown):
    assert prm.number(value) == shown


@time_machine.travel(NOW)
def test_a_moment_is_told_in_the_readers_time_zone():
    with timezone.override(ZoneInfo("Europe/Lisbon")):
        shown = prm.when(datetime(2026, 11, 24, 17, tzinfo=UTC))
    assert shown == '<time datetime="2026-11-24T17:00:00+00:00">Tue 24 Nov, 17:00 (Lisbon)</time>'


@time_machine.travel(NOW)
def test_a_moment_of_another_year_names_the_year():
    with timezone.override(UTC):
        shown = prm.when(datetime(2027, 1, 5, 9, tzinfo=UTC), "short")
    assert shown == '<time datetime="2027-01-05T09:00:00+00:00" title="UTC">Tue 5 Jan 2027, 09:00</time>'


def test_a_day_is_told_without_time():
    assert prm.day(date(2026, 11, 24)) == '<time datetime="2026-11-24">24 Nov 2026</time>'


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(minutes=12), "12 min"),
        (timedelta(hours=3, minutes=12), "3 h 12 min"),
        (timedelta(hours=5), "5 h"),
        (timedelta(hours=47), "47 h"),
        (timedelta(days=2, hours=5), "2 days"),
    ],
)
def test_a_length_of_time_has_two_units_at_most(left, words):
    assert prm.span(left) == words


@pytest.mark.parametrize(
    ("left", "start", "tone", "words"),
    [
        (timedelta(hours=9), NOW - timedelta(hours=1), "", "9 h left"),
        (timedelta(hours=3), NOW - timedelta(hours=5), "warn", "3 h left"),
        (timedelta(hours=1), NOW - timedelta(minutes=1), "bad", "1 h left"),
        (timedelta(days=-2), None, "bad", "2 days late"),
        (timedelta(hours=20), None, "warn", "20 h left"),
    ],
)
def test_a_clock_turns_amber_in_its_second_half_and_red_in_its_last_two_hours(left, start, tone, words):
    shown = prm.clock_tag(NOW + left, NOW, start)
    assert (f'class="tag {tone}"' in shown, f">{words}</time>" in shown) == (True, True)


@pytest.mark.parametrize(
    ("status", "tone"),
    [("approved", "good"), ("Declined", "bad"), ("in_review", "info"), ("question", "warn"), ("draft", "")],
)
def test_a_status_has_one_tone_everywhere(status, tone):
    assert prm.tone(status) == tone


@dataclass
class Row:
    name: str


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"),
        (True, "Yes"),
        ("<b>", "&lt;b&gt;"),
        (1204, "1,204"),
        (Money(Decimal(5), "USD"), "$5"),
        (Tag("Approved", "good"), '<span class="tag good">Approved</span>'),
        (Tag("Waits for the second person", "warn"), '<span class="tag warn long">Waits for the second person</span>'),
        (Tag("Waits for the second person"), '<span class="tag long">Waits for the second person</span>'),
        (date(2026, 1, 2), '<time datetime="2026-01-02">2 Jan 2026</time>'),
    ],
)
def test_a_cell_shows_each_kind_of_value_in_its_way(value, shown):
    assert prm.cell(value) == shown


def test_a_total_on_a_phone_has_its_labels_and_no_empty_places():
    columns = [Column("Partner"), Column("Tier"), Column("Margin", "num")]
    shown = show('{% part "table" table %}', table=Table("Costs", columns, [], ("All", "", Money(Decimal(5), "USD"))))
    (foot,) = re.findall("<tfoot>(.*)</tfoot>", shown)
    assert foot == (
        '<tr class="total"><th scope="row">All</th><td class=""></td><td class="num" data-label="Margin">$5</td></tr>'
    )


def test_a_card_has_a_heading_that_names_it():
    assert show('{% card "Earnings" %}<p>x</p>{% endcard %}').strip() == (
        '<section class="card " aria-labelledby="earnings-h"><h2 id="earnings-h">Earnings</h2><p>x</p></section>'
    )


def test_a_part_sees_nothing_of_the_page_but_its_subject():
    assert (
        show('{% part "tag" tag %}', tag=Tag("Late", "bad"), secret="x").strip() == '<span class="tag bad">Late</span>'
    )


def test_an_icon_alone_speaks():
    assert show('{% icon "bell" "Notifications" %}').endswith('<span class="sr">Notifications</span>')


def test_bars_are_a_table_whose_longest_bar_is_the_largest_value():
    shown = show('{% bars rows label="By tier" %}', rows=[Bar("Gold", 200, "200"), Bar("Silver", 50, "50")])
    assert (shown.count("<tr>"), 'width="25%"' in shown, '<caption class="sr">By tier</caption>' in shown) == (
        3,
        True,
        True,
    )


def test_a_line_chart_comes_with_its_table():
    shown = show(
        '{% line series labels label="Pipeline" %}', series=[Series("Sourced", [1, 2, 3])], labels=["a", "b", "c"]
    )
    assert (shown.count("<polyline"), shown.count('<td class="num">')) == (1, 3)


def test_a_trend_of_one_value_says_that_there_is_none():
    assert "Not enough data" in show('{% spark values "x" %}', values=[5])


def test_the_number_of_a_record_is_never_broken_at_its_hyphen():
    assert prm.cell("D-4PCZT") == '<span class="nowrap">D-4PCZT</span>'
    assert prm.cell("B-side <5>") == "B-side &lt;5&gt;"
