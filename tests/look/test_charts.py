"""The geometry of charts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import charts
from core.parts import Series


def test_a_flat_trend_runs_in_the_middle():
    assert charts.spark_points([5, 5, 5]) == ["0,20", "60,20", "120,20"]


def test_a_trend_fills_its_height():
    assert charts.spark_points([0, 10]) == ["0,36", "120,4"]


def test_bars_start_at_zero_and_negative_ones_have_no_length():
    assert charts.shares([50, 100, -20, 0]) == ["50%", "100%", "0%", "0%"]


def test_bars_of_nothing_have_no_length():
    assert charts.shares([0, 0]) == ["0%", "0%"]


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [(0, 510, [0, 200, 400, 600]), (290, 510, [200, 300, 400, 500, 600]), (0, 0, [0, 0.25, 0.5, 0.75, 1])],
)
def test_a_scale_has_round_numbers(low, high, ticks):
    assert charts.scale(low, high) == pytest.approx(ticks)


@given(st.floats(-1e9, 1e9), st.floats(0, 1e9))
def test_a_scale_covers_what_it_shows(low, length):
    ticks = charts.scale(low, low + length)
    assert (ticks[0] <= low + 1e-6 * abs(low), ticks[-1] >= (low + length) - 1e-6 * abs(low + length)) == (True, True)


def test_a_gap_splits_a_line():
    drawn = charts.lines([Series("a", [1, 2, None, 4, 5])], list("abcde"))
    assert len(drawn.traces[0].pieces) == 2


def test_an_unfinished_period_is_dashed_alone():
    trace = charts.lines([Series("a", [1, 2, 3])], list("abc"), unfinished=True).traces[0]
    assert (len(trace.pieces[0].split()), len(trace.fade.split())) == (2, 2)


def test_the_last_label_is_always_shown():
    labels = [str(i) for i in range(24)]
    assert charts.lines([Series("a", list(range(24)))], labels).labels[-1][1] == "23"


def test_no_more_than_five_lines_are_drawn():
    assert len(charts.lines([Series(str(i), [1, 2]) for i in range(9)], ["a", "b"]).traces) == 5
