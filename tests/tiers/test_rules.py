"""The judge of tiers, alone."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tiers import rules

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"
DEFAULT = yaml.safe_load((ROOT / "examples" / "program-default.yaml").read_text())["programs"][0]


def leaf(metric="deals", op=">=", value=1):
    return {"metric": metric, "op": op, "value": value}


def program(*tiers, **more):
    return {"tiers": [{"name": f"T{i}", "rank": i, "requires": rule} for i, rule in enumerate(tiers)], **more}


@pytest.mark.parametrize(
    ("deals", "certified", "tier"),
    [
        (0, None, "Registered"), (1, None, "Silver"), (4, 3, "Silver"), (5, None, "Gold"), (9, 2, "Gold"),
        (10, None, "Gold"), (10, 0, "Gold"), (10, 1, "Platinum"), (500, 7, "Platinum"),
    ],
)  # fmt: skip
def test_the_default_program_gives_the_tiers_it_promises(deals, certified, tier):
    facts = {"closed_deals_12m": deals} | ({} if certified is None else {"certified_people": certified})
    assert rules.assess(DEFAULT, facts).name == tier


def test_every_recorded_case_of_real_programs_comes_out():
    if not DATA.exists():
        pytest.skip("LOUD SKIP: ../shared/data is absent, so no real program was checked")
    programs = {p["id"]: p for p in yaml.safe_load((DATA / "tier_programs.yaml").read_text())["programs"]}
    cases = [json.loads(line) for line in (DATA / "tier_cases.jsonl").read_text().splitlines()]
    wrong = [c["id"] for c in cases if rules.assess(programs[c["program"]], c["facts"]).name != c["expected_tier"]]
    assert (len(cases) > 100, wrong) == (True, [])


def test_a_missing_fact_never_meets_a_leaf_whatever_the_operator():
    assert [rules.weigh(leaf(op=op), {}).met for op in rules.OPS] == [False] * 6


def test_a_fact_that_is_not_a_number_meets_no_comparison():
    assert [rules.weigh(leaf(), {"deals": odd}).met for odd in ("7", None, float("nan"), "x")] == [False] * 4


def test_seven_tenths_is_seven_tenths():
    assert rules.weigh(leaf(op="==", value=0.7), {"deals": Decimal("0.7")}).met


def test_all_of_nothing_holds_and_any_of_nothing_cannot_be_judged():
    assert rules.weigh({"all": []}, {}).met
    with pytest.raises(rules.CannotJudge):
        rules.weigh({"any": []}, {})


def test_groups_nest():
    rule = {"all": [leaf("a"), {"any": [leaf("b"), {"all": [leaf("c"), leaf("d")]}]}]}
    found = [rules.weigh(rule, dict.fromkeys(names, 1)).met for names in ("ab", "acd", "ac", "bcd")]
    assert found == [True, True, False, False]


def test_tiers_need_not_nest_and_the_highest_rank_wins():
    odd = program({"all": [leaf(value=5)]}, {"all": [leaf("other")]})
    assert rules.assess(odd, {"deals": 0, "other": 1}).name == "T1"


def test_the_gate_holds_for_every_tier():
    gated = program({"all": []}, gate={"all": [leaf("certified", "==", True)]})
    assert (rules.assess(gated, {}).name, rules.assess(gated, {"certified": True}).name) == (None, "T0")


def test_an_unlock_must_hold_besides_the_rule():
    locked = {"tiers": [{"name": "A", "rank": 1, "requires": {"all": []}, "unlock": leaf("signed", "==", True)}]}
    assert (rules.assess(locked, {}).name, rules.assess(locked, {"signed": True}).name) == (None, "A")


def test_a_score_is_capped():
    capped = program(leaf("score", ">", 1000), kind="score_band", score={"max": 1000})
    assert rules.assess(capped, {"score": 5000}).name is None


def test_points_are_the_sum_of_capped_parts_unless_the_facts_bring_them():
    weighted = program(leaf("total_points", "==", 25), kind="weighted_score", metrics={"a": 15, "b": 20})
    assert rules.assess(weighted, {"a": 99, "b": 10}).name == "T0"
    assert rules.assess(weighted, {"a": 99, "b": 10, "total_points": 24}).name is None


def test_a_leaf_with_a_window_of_its_own_reads_that_figure_and_else_the_bare_one():
    rule = leaf(value=5) | {"window": "trailing 3 months"}
    found = [{"deals": 9, "deals@trailing_3_months": 1}, {"deals": 1, "deals@trailing 3 months": 9}, {"deals": 9}]
    assert [rules.weigh(rule, facts).met for facts in found] == [False, True, True]


def test_what_is_missing_is_a_number():
    assert rules.weigh(leaf(value=5), {"deals": 3}).missing == Decimal(2)
    assert rules.weigh(leaf(op=">", value=5), {}).missing == Decimal(6)
    assert rules.weigh(leaf(op="<=", value=5), {"deals": 9}).missing is None


@pytest.mark.parametrize(
    ("definition", "problem"),
    [
        (program({"all": [leaf(op="~")]}), ("tiers[0].requires.all[0].op", "unknown operator ~")),
        (program({"all": [leaf(value=None)]}), ("tiers[0].requires.all[0].value", "the threshold is missing")),
        (program({"any": []}), ("tiers[0].requires.any", "any of nothing can't be met")),
        (program({"all": []}, kind="dice"), ("kind", "unknown kind dice")),
        ({"tiers": []}, ("tiers", "there is no tier")),
        ({"tiers": [{"name": "A", "rank": 1}, {"name": "B", "rank": 1}]}, ("tiers[1].rank", "rank 1 is given twice")),
    ],
)
def test_a_definition_that_cannot_be_used_says_where_and_why(definition, problem):
    assert [(p.path, p.reason) for p in rules.problems(definition)] == [problem]


def test_the_engine_refuses_what_it_does_not_know():
    with pytest.raises(rules.CannotJudge):
        rules.assess(program({"all": []}, kind="dice"), {})


@given(st.integers(0, 60), st.integers(0, 5), st.integers(0, 60), st.integers(0, 5))
def test_more_never_earns_less_in_the_default_program(deals, people, more_deals, more_people):
    def rank(d, p):
        return rules.assess(DEFAULT, {"closed_deals_12m": d, "certified_people": p}).earned.rank

    assert rank(deals, people) <= rank(deals + more_deals, people + more_people)
