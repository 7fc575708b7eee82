"""What holds for every program and all facts."""

import json
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tests.sampled import examples
from tests.tiers import shapes
from tiers import rules
from tiers.explained import explain
from tiers.rules.figures import holds
from tiers.rules.reach import unreachable

ANY_FACTS = shapes.facts(st.one_of(shapes.NUMBERS, shapes.ODD))
GROUPS = {"all": all, "any": any}


def rank_of(definition, facts):
    earned = rules.assess(definition, facts).earned
    return None if earned is None else earned.rank


@examples(40, long=100)
@given(shapes.programs(), st.lists(ANY_FACTS, max_size=6))
def test_many_at_once_earn_what_each_earns_by_itself(definition, rows):
    assert rules.judge_all(definition, rows) == [rank_of(definition, facts) for facts in rows]


@examples(40, long=100)
@given(shapes.programs(), ANY_FACTS)
def test_the_same_facts_earn_the_same_tier_for_the_same_reasons(definition, facts):
    again = dict(reversed(facts.items()))
    copy = json.loads(json.dumps(definition))
    assert rules.assess(definition, facts) == rules.assess(copy, again)


@examples(40, long=100)
@given(shapes.programs(), ANY_FACTS)
def test_the_leaves_of_an_explanation_reproduce_the_verdict(definition, facts):
    verdict = rules.assess(definition, facts)
    for tier in verdict.tiers:
        assert tier.met is again(tier.finding)
    highest = max((tier.rank for tier in verdict.tiers if tier.met), default=None)
    assert (verdict.earned.rank if verdict.earned else None) == highest


def again(finding):
    """Whether a rule is met, from the figures and thresholds of its leaves alone."""
    if finding.group:
        return GROUPS[finding.group](again(part) for part in finding.parts)
    return holds(finding.op, finding.value, finding.needed)


@examples(40, long=100)
@given(shapes.programs(), ANY_FACTS)
def test_what_is_stored_of_an_explanation_reproduces_the_verdict(definition, facts):
    for tier in rules.assess(definition, facts).tiers:
        stored = json.loads(json.dumps(explain(tier)))
        marks = []
        assert joined(stored["rule"], marks) is tier.met
        assert marks == [leaf["met"] for leaf in stored["leaves"]]


def joined(rule, marks):
    if isinstance(rule, bool):
        marks.append(rule)
        return rule
    ((group, parts),) = rule.items()
    return GROUPS[group]([joined(part, marks) for part in parts])


UP = (">=", ">")


def kinds_that_grow():
    """Kinds whose figures grow with what they are made of; a brought total stays out of it."""
    limits = st.integers(1, 20)
    factors = st.sampled_from([2, {"flag": 3}, {"a": 1.5}, [{"metric": "b", "op": ">=", "value": 3, "factor": 2}]])
    return st.one_of(
        st.just(({}, shapes.METRICS)),
        st.builds(lambda m: ({"kind": "score_band", "score": {"max": m}}, ("a", "score")), limits),
        st.builds(lambda m: ({"kind": "weighted_score", "metrics": {"a": m, "b": 9}}, ("a", "total_points")), limits),
        st.builds(
            lambda each, f: ({"kind": "points", "points": {"a": each, "c": 2, "multipliers": f}}, ("b", "points")),
            st.integers(0, 5), factors,
        ),
    )  # fmt: skip


COUNTS = st.integers(0, 15)
GROWING = ("a", "b", "c", "score", "flag", "a@trailing_3_months", "b@calendar_year")


@examples(40, long=100)
@given(
    shapes.programs(UP, kinds_that_grow()),
    st.fixed_dictionaries(dict.fromkeys(GROWING, COUNTS)),
    st.fixed_dictionaries({name: st.integers(0, 6) for name in GROWING}),
    st.sampled_from([None, *shapes.MARKETS]),
)
def test_more_achievement_never_lowers_a_tier_in_a_monotone_program(definition, facts, more, market):
    before = rank_of(definition, facts | {"market": market})
    after = rank_of(definition, {name: n + more[name] for name, n in facts.items()} | {"market": market})
    assert before is None or (after is not None and after >= before)


@examples(40, long=100)
@given(
    shapes.programs(UP, st.just(({}, shapes.METRICS))),
    st.dictionaries(st.sampled_from(shapes.METRICS), COUNTS),
    st.dictionaries(st.sampled_from(shapes.METRICS), COUNTS),
)
def test_a_figure_that_becomes_known_never_lowers_a_tier_in_a_monotone_program(definition, facts, news):
    before, after = rank_of(definition, facts), rank_of(definition, news | facts)
    assert before is None or (after is not None and after >= before)


@examples(40, long=100)
@given(shapes.programs(made=st.just(({}, shapes.METRICS))), st.lists(shapes.facts(), min_size=1, max_size=8))
def test_a_tier_that_facts_reach_is_never_called_unreachable(definition, rows):
    reached = {rank for rank in rules.judge_all(definition, rows) if rank is not None}
    assert reached & {tier.rank for tier in unreachable(rules.sound(definition))} == set()


@examples(40, long=100)
@given(st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["id", "kind", "tiers", "gate", "all", "any", "metric", "op", "value", "rank", "name",
                             "requires", "unlock", "points", "score", "metrics", "window", "market", "multipliers"]),
            inner, max_size=4,
        ),
    ), max_leaves=12,
), ANY_FACTS)  # fmt: skip
def test_whatever_is_given_as_a_program_is_judged_or_refused_with_a_reason(definition, facts):
    problems = rules.problems(definition)
    if problems:
        assert all(problem.reason for problem in problems)
    else:
        rules.assess(definition, facts)


@examples(40, long=100)
@given(st.one_of(st.decimals(), st.integers(), st.floats(), st.text(), st.booleans(), st.none(), shapes.ODD),
       st.sampled_from([*rules.OPS]), st.one_of(shapes.NUMBERS, st.booleans(), st.just("7")))  # fmt: skip
def test_no_fact_however_odd_breaks_a_comparison(value, op, needed):
    assert holds(op, value, rules.plain(needed)) in (True, False)


def test_figures_are_compared_exactly_whatever_their_size():
    huge = Decimal(10) ** 60
    definition = {"tiers": [{"name": "A", "rank": 1, "requires": {"metric": "a", "op": ">", "value": 10**60}}]}
    assert rules.judge_all(definition, [{"a": huge}, {"a": Decimal(10**60 + 1)}, {"a": 10**60 + 1}]) == [None, 1, 1]
