"""Revenue rules and terms of money in a program's file."""

from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from core import slots
from core.actor import SYSTEM
from earnings.models import EarningTerms, RevenueRule
from prm.seed.load import PROGRAM
from tests.factories import NOW, ProgramFactory, TierFactory

pytestmark = pytest.mark.django_db


def section(key="revenue_rules"):
    return next(one for one in slots.ask("program_section", SYSTEM, at=NOW) if one.key == key)


def example() -> dict:
    return yaml.safe_load(Path(PROGRAM).read_text())["programs"][0]


@pytest.fixture
def program(db):
    made = ProgramFactory()
    for rank, name in enumerate(("Registered", "Silver", "Gold", "Platinum")):
        TierFactory(program=made, rank=rank, name=name)
    return made


def write(program, data, at=NOW):
    section().write(program, data, by=SYSTEM, at=at)


def test_the_example_is_sound_and_what_is_written_is_read_again(program):
    file = example()
    assert section().check(file["revenue_rules"], file) == []
    write(program, file["revenue_rules"])
    assert section().read(program) == file["revenue_rules"]


def test_the_same_file_again_changes_nothing(program):
    rules = example()["revenue_rules"]
    write(program, rules)
    write(program, section().read(program), NOW + timedelta(days=5))
    assert RevenueRule.objects.count() == len(rules)


def test_a_changed_rule_is_a_version_and_one_that_is_gone_has_ended(program):
    one, other = example()["revenue_rules"][:2]
    write(program, [one, other])
    later = NOW + timedelta(days=5)
    write(program, [{**one, "percent": 11}], later)
    found = RevenueRule.objects.order_by("key", "number").values_list("key", "number", "effective_to")
    day = later.date() - timedelta(days=1)
    assert list(found) == [(one["key"], 1, day), (one["key"], 2, None), (other["key"], 1, day)]
    write(program, [], later + timedelta(days=1))
    assert section().read(program) == []


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"percent": 7.5}, "[0].percent"),
        ({"percent": 101}, "[0].percent"),
        ({"percent": None}, "[0].percent"),
        ({"tier": "Diamond"}, "[0].tier"),
        ({"kind": "adjustment"}, "[0].kind"),
        ({"split": {"sourcing": 60, "co_sell": 30}}, "[0].split"),
        ({"hold_day": 3}, "[0].hold_day"),
        ({"name": None}, "[0].name"),
    ],
)
def test_what_is_wrong_is_named_by_its_path(change, path):
    rule = {"key": "a", "name": "A", "type": "referral", "kind": "commission", "percent": 10} | change
    assert path in {fault.path for fault in section().check([rule], {"tiers": [{"name": "Gold"}]})}


def test_a_key_that_is_used_twice_is_named(program):
    one = example()["revenue_rules"][0]
    assert [fault.path for fault in section().check([one, one], example())] == ["[1].key"]


@pytest.mark.parametrize("data", [None, {}, "x", [1]])
def test_a_section_of_another_shape_is_a_fault(data):
    assert len(section().check(data, {})) == 1


def test_terms_of_money_are_read_as_they_were_written(program):
    terms = section("earnings")
    data = {"accrues_on": "invoice", "minimum_payout": "50.5"}
    assert terms.check(data, {}) == []
    terms.write(program, data, by=SYSTEM, at=NOW)
    assert terms.read(program) == data
    assert EarningTerms.objects.get().dispute_days == 15
    assert [fault.path for fault in terms.check({"accrues_on": "mood"}, {})] == ["accrues_on"]
