"""Many memberships at once earn what each earns by itself, whatever their program and figures."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import MembershipFactory, PartnerFactory, ProgramFactory, TierFactory
from tests.sampled import examples
from tests.tiers import shapes
from tiers import rules, services
from tiers.explained import explain
from tiers.models import Assessment, Fact, ProgramMembership, ProgramVersion
from tiers.particulars import TRAILING_YEAR, FactRow
from tiers.standings import standings

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
STORED = [name for name in shapes.NAMES if " " not in name and name != "a@trailing_12_months"]
FIGURES = st.dictionaries(st.sampled_from(STORED), st.decimals(-2, 12, places=1), max_size=5)
PLACES = st.sampled_from(["", "growth", "Mature", "elsewhere"])


def in_force(program, definition):
    for tier in definition["tiers"]:
        TierFactory(program=program, rank=tier["rank"], name=tier["name"], key=tier["name"].lower())
    return ProgramVersion.objects.create(
        program=program, number=1, effective_from=date(2020, 1, 1), definition=definition, published_at=AT
    )


def with_figures(program, figures, region=""):
    member = MembershipFactory(program=program, partner=PartnerFactory(region=region), tier=None)
    split = [(name.partition("@"), value) for name, value in figures.items()]
    services.put_facts(
        [FactRow(member.pk, member.partner_id, m, v, window or TRAILING_YEAR) for (m, _at, window), v in split], at=AT
    )
    return member


def one_by_one(definition, member):
    """The rank by the figures of one membership, read and judged alone."""
    facts = {"market": member.partner.region or None}
    for fact in Fact.objects.filter(membership=member):
        facts[f"{fact.metric}@{fact.window}"] = fact.value
        if fact.window == TRAILING_YEAR:
            facts[fact.metric] = fact.value
    program = rules.sound(definition)
    earned = rules.verdict(program, program.exact(facts)).earned
    return earned.rank if earned else None


@examples(10, long=30)
@given(shapes.programs(), st.lists(st.tuples(FIGURES, PLACES), min_size=1, max_size=5))
def test_the_bulk_way_gives_the_answers_of_one_by_one(definition, partners):
    with transaction.atomic():
        program = ProgramFactory()
        in_force(program, definition)
        members = [with_figures(program, figures, region) for figures, region in partners]
        services.assess(ProgramMembership.objects.all(), at=AT)
        found = [ProgramMembership.objects.get(pk=m.pk).earned_tier for m in members]
        assert [tier.rank if tier else None for tier in found] == [one_by_one(definition, m) for m in members]
        assert services.assess(ProgramMembership.objects.all(), at=AT) == 0
        transaction.set_rollback(True)


def many(n=6):
    program = ProgramFactory()
    definition = {
        "tiers": [
            {"name": "T0", "rank": 0},
            {"name": "T1", "rank": 1, "requires": {"any": [at_least("a", 3), at_least("b", 3)]}},
        ]
    }
    in_force(program, definition)
    members = [with_figures(program, {"a": Decimal(i)}) for i in range(n)]
    return program, definition, members


def at_least(metric, value):
    return {"metric": metric, "op": ">=", "value": value}


def test_many_memberships_cost_as_many_questions_as_few():
    program, _definition, _members = many()
    services.assess(ProgramMembership.objects.all(), at=AT)
    costs = []
    for _round in range(2):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            services.assess(ProgramMembership.objects.all(), at=AT)
        costs.append(len(queries))
        for i in range(5):
            with_figures(program, {"a": Decimal(i)})
        services.assess(ProgramMembership.objects.all(), at=AT)
    assert costs[0] == costs[1] < 12


def test_a_changed_answer_keeps_its_figures_and_how_the_rule_was_joined():
    _program, definition, members = many(4)
    services.assess(ProgramMembership.objects.all(), at=AT)
    kept = Assessment.objects.get(membership=members[3])
    verdict = rules.assess(definition, {"a": Decimal(3)})
    assert (kept.tier.rank, kept.facts) == (1, {"a": "3.0000"})
    assert [(t["met"], t["rule"]) for t in kept.explanation] == [
        (True, {"all": []}), (True, {"all": [{"any": [True, False]}]}),
    ]  # fmt: skip
    assert [leaf["met"] for leaf in kept.explanation[1]["leaves"]] == [True, False]
    assert [t["rule"] for t in map(explain, verdict.tiers)] == [t["rule"] for t in kept.explanation]


def test_rules_that_cannot_be_judged_leave_tiers_as_they_are():
    program, _definition, _members = many(2)
    services.assess(ProgramMembership.objects.all(), at=AT)
    ProgramVersion.objects.create(
        program=program, number=2, effective_from=date(2020, 1, 1), definition={"kind": "dice"}, published_at=AT
    )
    before = list(ProgramMembership.objects.order_by("id").values_list("earned_tier", "version"))
    assert services.assess(ProgramMembership.objects.all(), at=AT) == 0
    assert list(ProgramMembership.objects.order_by("id").values_list("earned_tier", "version")) == before


def test_a_copy_of_the_rules_can_be_tried_on_all_memberships():
    _program, definition, members = many()
    harder = {"tiers": [definition["tiers"][0], {"name": "T1", "rank": 1, "requires": at_least("a", 5)}]}
    found = list(standings(ProgramMembership.objects.all(), rules.sound(harder)))
    ranks = dict(zip((s.membership_id for s in found), rules.judge_all(harder, [s.facts for s in found]), strict=True))
    assert [ranks[m.pk] for m in members] == [0, 0, 0, 0, 0, 1]
