"""Shapes of programs beyond plain rules: points, markets, windows, what can't be read or reached."""

import pytest

from tests.tiers.test_rules import leaf, program
from tiers import rules

CANNOT = "nobody can reach this tier: its rule can't be met, or a higher tier is always reached with it"


def points(table, facts, metric="total_points"):
    """The points that facts make by a table, as a leaf reads them."""
    definition = program({"all": []}, leaf(metric, ">=", 1), kind="points", points=table)
    return next(rules.assess(definition, facts).tiers[1].finding.leaves()).value


@pytest.mark.parametrize(
    ("table", "facts", "total"),
    [
        ({"a": 2, "b": 3}, {"a": 5, "b": 1}, 13),
        ({"a": 2, "b": 3}, {"a": 5}, 10),
        ({"a": 2}, {}, 0),
        ({"a": 0.1}, {"a": 3}, "0.3"),
        ([{"metric": "a", "points": 2}, {"unit": "b", "points_per_unit": 3}], {"a": 5, "b": 1}, 13),
        ({"per_unit": {"a": 2, "b": 3}}, {"a": 5, "b": 1}, 13),
        ({"unit": "a", "per_unit": 10}, {"a": 3}, 30),
        ({"a": {"points": 10, "max": 25}, "b": 1}, {"a": 9, "b": 1}, 26),
        ({"a": {"points": 1, "per": 1000}}, {"a": 2500}, "2.5"),
        ({"a": 2, "max": 7}, {"a": 5}, 7),
    ],
)
def test_units_times_points_per_unit_in_every_spelling(table, facts, total):
    assert points(table, facts) == rules.plain(float(total) if isinstance(total, str) else total)


@pytest.mark.parametrize(
    ("multipliers", "facts", "total"),
    [
        (2, {}, 26),
        ([2, 3], {}, 78),
        ("boost", {"boost": 1.5}, 19.5),
        ("boost", {}, 13),
        ({"certified": 2}, {"certified": True}, 26),
        ({"certified": 2}, {"certified": False}, 13),
        ({"certified": 2}, {}, 13),
        ({"a": 2}, {}, 23),
        ({"a": 2, "certified": 3}, {"certified": 1}, 69),
        ([{"metric": "tenure", "op": ">=", "value": 12, "factor": 2}], {"tenure": 12}, 26),
        ([{"metric": "tenure", "op": ">=", "value": 12, "factor": 2}], {"tenure": 11}, 13),
        ([{"when": {"any": [leaf("x"), leaf("y")]}, "factor": 2, "metric": "b"}], {"y": 1}, 16),
        ({"market": {"growth": 2, "mature": 1}}, {"market": "growth"}, 26),
        ({"market": {"growth": 2, "mature": 1}}, {"market": "elsewhere"}, 13),
        ({"region": {"emea": 3, "default": 2}}, {"region": "EMEA"}, 39),
        ({"region": {"emea": 3, "default": 2}}, {"region": "apac"}, 26),
    ],
)
def test_multipliers_in_every_spelling(multipliers, facts, total):
    table = {"a": 2, "b": 3, "multipliers": multipliers}
    assert points(table, {"a": 5, "b": 1} | facts) == rules.plain(total)


def test_a_multiplier_of_one_line_leaves_the_others_alone():
    table = [{"metric": "a", "points": 2, "multiplier": {"new": 3}}, {"metric": "b", "points": 1}]
    assert points(table, {"a": 1, "b": 1, "new": True}) == 7


def test_points_per_unit_may_differ_by_market():
    table = {"a": {"mature": 1, "growth": 2}}
    assert [points(table, {"a": 3, "market": m}) for m in ("Mature", "growth", "elsewhere")] == [3, 6, 0]


def test_the_points_of_one_line_and_any_figure_named_points_can_be_asked_for():
    table, facts = {"a": 2, "b": 3}, {"a": 5, "b": 1}
    assert [points(table, facts, m) for m in ("points", "partner_points", "a_points")] == [13, 13, 10]


def test_points_that_the_facts_bring_stand():
    assert points({"a": 2}, {"a": 5, "total_points": 99}) == 99


def test_points_over_a_window_are_made_of_the_units_of_that_window():
    quarterly = leaf("points", value=4) | {"window": "each quarter"}
    definition = program({"all": []}, {"all": [leaf("points", value=10), quarterly]}, kind="points", points={"a": 2})
    found = [{"a": 5}, {"a": 5, "a@each_of_4_quarters": 1}, {"a": 5, "a@each_of_4_quarters": 2}]
    assert rules.judge_all(definition, found) == [1, 0, 1]


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ({"a": "x"}, ("points.a", "is not a number")),
        ({"a": {"points": None}}, ("points.a.points", "is not a number")),
        ([{"points": 2}], ("points[0]", "names no metric")),
        (7, ("points", "is no table of points")),
        ({"a": {"points": 1, "per": 0}}, ("points.a.per", "is not a number above 0")),
        ({"a": 1, "multipliers": {"b": "x"}}, ("points.multipliers.b", "is not a number")),
        (
            {"a": 1, "multipliers": [{"metric": "t", "op": "~", "value": 1, "factor": 2}]},
            ("points.multipliers[0].op", "unknown operator ~"),
        ),
    ],
)
def test_a_table_of_points_that_cannot_be_read_says_where_and_why(table, problem):
    definition = program(leaf("total_points"), kind="points", points=table)
    assert [(p.path, p.reason) for p in rules.problems(definition)] == [problem]


# --- markets --------------------------------------------------------------------------------------------------------

MARKETS = ("Mature", "growth", None, "elsewhere")


@pytest.mark.parametrize(
    ("rule", "tiers"),
    [
        (leaf("a", ">=", {"mature": 10, "growth": 5}), ["T0", "T1", "T0", "T0"]),
        (leaf("a", ">=", {"mature": 10, "default": 5}), ["T0", "T1", "T1", "T1"]),
        ({"mature": leaf("a", value=10), "growth": leaf("a", value=5)}, ["T0", "T1", "T0", "T0"]),
        ({"mature": leaf("a", value=10), "default": {"all": []}}, ["T0", "T1", "T1", "T1"]),
        ({"all": [leaf("a", value=5), leaf("b") | {"market": "growth"}]}, ["T1", "T0", "T1", "T1"]),
        ({"all": [leaf("market", "==", "growth"), leaf("a", value=5)]}, ["T0", "T1", "T0", "T0"]),
    ],
)
def test_rules_differ_by_market(rule, tiers):
    definition = program({"all": []}, rule)
    assert rules.problems(definition) == []
    assert [rules.assess(definition, {"a": 7, "market": market}).name for market in MARKETS] == tiers


def test_a_tier_may_be_for_some_markets_only_and_ranks_are_given_once_in_each():
    tiers = [
        {"name": "Gold", "rank": 1, "market": "mature", "requires": leaf("a", value=10)},
        {"name": "Gold", "rank": 1, "market": ["growth"], "requires": leaf("a", value=5)},
    ]
    definition = {"tiers": tiers}
    assert rules.problems(definition) == []
    assert [rules.assess(definition, {"a": 7, "market": m}).name for m in MARKETS] == [None, "Gold", None, None]
    twice = {"tiers": [*tiers, {"name": "Silver", "rank": 1, "requires": leaf("b")}]}
    assert rules.problems(twice)[0] == rules.Problem("tiers[2].rank", "rank 1 is given twice")


def test_a_threshold_by_currency_is_that_of_the_program():
    definition = program({"all": []}, leaf("a", ">=", {"EUR": 5, "USD": 10}), currency="EUR")
    assert rules.assess(definition, {"a": 7}).name == "T1"


# --- figures --------------------------------------------------------------------------------------------------------


def test_each_of_several_figures_must_meet_a_minimum():
    definition = program({"all": []}, leaf("quarterly", value=2))
    assert rules.judge_all(definition, [{"quarterly": q} for q in ([2, 3, 9, 2], [2, 3, 1, 2], [], [2, None])]) == [
        1,
        0,
        0,
        0,
    ]


def test_all_and_any_side_by_side_must_both_hold():
    definition = program({"all": []}, {"all": [leaf("a")], "any": [leaf("b"), leaf("c")]})
    found = [dict.fromkeys(names, 1) for names in ("a", "ab", "bc", "abc")]
    assert rules.judge_all(definition, found) == [0, 1, 0, 1]


def test_words_are_compared_with_words():
    definition = program(
        {"all": []},
        leaf("status", "==", "signed"),
    )
    assert rules.judge_all(definition, [{"status": s} for s in ("signed", "draft", 1, None)]) == [1, 0, 0, 0]


def test_a_part_of_a_weighted_score_counts_up_to_its_maximum():
    definition = program({"all": []}, leaf("a", value=16), kind="weighted_score", metrics={"a": {"max": 20}, "b": 5})
    assert rules.judge_all(definition, [{"a": 15}, {"a": 99}]) == [0, 1]


# --- what is wrong --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("definition", "problems"),
    [
        ([], [("", "is not a program")]),
        ({"tiers": "x"}, [("tiers", "there is no tier")]),
        ({"tiers": [7]}, [("tiers[0]", "is not a tier")]),
        ({"tiers": [{}]}, [("tiers[0].name", "name is missing"), ("tiers[0].rank", "rank is missing")]),
        ({"tiers": [{"name": "A", "rank": "x"}]}, [("tiers[0].rank", "rank x is not a whole number from 0 on")]),
        ({"tiers": [{"name": "A", "rank": True}]}, [("tiers[0].rank", "rank True is not a whole number from 0 on")]),
        ({"tiers": [{"name": "A", "rank": 1}, {"name": "A", "rank": 2}]}, [("tiers[1].name", "name A is given twice")]),
        (program({"al": []}), [("tiers[0].requires", "neither all, any nor a metric")]),
        (program({"not": leaf()}), [("tiers[0].requires", "neither all, any nor a metric")]),
        (program({"all": None}), [("tiers[0].requires.all", "is not a list")]),
        (program(leaf(value=float("nan"))), [("tiers[0].requires.value", "the threshold is not a number")]),
        (program(leaf(value="ten")), [("tiers[0].requires.value", "the threshold is not a number")]),
        (program(leaf(value={"growth": None})), [("tiers[0].requires.value.growth", "the threshold is missing")]),
        (program({"all": []}, gate={"all": [{"op": ">="}]}), [
            ("gate.all[0]", "neither all, any nor a metric"), ("gate.all[0].value", "the threshold is missing"),
        ]),
        (program({"all": []}, effective="soon"), [("effective", "is not a date")]),
        (program({"all": []}, kind="weighted_score"), [("metrics", "there is no part with its maximum")]),
        (program({"all": []}, kind="weighted_score", metrics={"a": "x"}), [("metrics.a", "is not a number")]),
        (program({"all": []}, kind="score_band", score={"max": "x"}), [("score.max", "is not a number")]),
        (program({"all": []}, kind=["points"]), [("kind", "unknown kind ['points']")]),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_with_its_path(definition, problems):
    assert [(p.path, p.reason) for p in rules.problems(definition)] == problems


@pytest.mark.parametrize(
    ("definition", "where"),
    [
        (program({"all": [leaf("a", value=5), leaf("a", "<", 3)]}), 0),
        (program(leaf("a"), {"all": []}), 0),
        (program(leaf("a"), leaf("a")), 0),
        (program(leaf("a", value=3), leaf("a", value=2)), 0),
        (program(leaf("a", value=5), {"any": [leaf("a", value=9), leaf("a", value=4)]}), 0),
        (program({"all": []}, {"all": [leaf("a", "==", True), leaf("a", "==", False)]}), 1),
        (program({"all": []}, leaf("score", ">", 1000), kind="score_band", score={"max": 1000}), 1),
        (program({"all": []}, leaf("total_points", ">", 35), kind="weighted_score", metrics={"a": 15, "b": 20}), 1),
        (program({"all": []}, leaf("a", ">", 15), kind="weighted_score", metrics={"a": 15, "b": 20}), 1),
        (program({"all": []}, leaf("a", value=5), gate=leaf("a", "<", 5)), 1),
        (program(leaf("a", "<", 5), {"any": [leaf("a", value=5), leaf("a", "<", 5)]}), 0),
    ],
)
def test_a_tier_that_nobody_can_reach_is_named(definition, where):
    assert rules.problems(definition) == [rules.Problem(f"tiers[{where}].requires", CANNOT)]


@pytest.mark.parametrize(
    "definition",
    [
        program(leaf("a", value=5), leaf("b", value=5)),
        program(leaf("a", value=5), {"all": [leaf("a", value=5), leaf("b")]}),
        program(leaf("a", value=2), {"all": [leaf("a", value=9), leaf("b", value=1)]}, {"any": [leaf("c", value=5)]}),
        program({"all": []}, leaf("a", "<", 5)),
        program(leaf("a", ">=", {"x": 5, "y": 9}), leaf("a", ">=", {"x": 4, "y": 10})),
    ],
)
def test_tiers_that_somebody_can_reach_are_not(definition):
    assert rules.problems(definition) == []


def test_a_rule_within_itself_is_nested_too_deep():
    rule = {"all": []}
    rule["all"].append(rule)
    assert [p.reason for p in rules.problems(program(rule))] == ["nested too deep"]
