"""Programs, facts, assessments, proposed moves."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from core.actor import NOBODY, SYSTEM
from core.errors import Forbidden, Refused
from core.models import Event
from tests.factories import PartnerFactory, make_cast
from tests.ground import ground
from tests.tiers.conftest import make_program
from tiers import queries, services
from tiers.enums import ReviewStatus
from tiers.models import Assessment, Fact, ProgramMembership, ProgramVersion, Tier, TierReview
from tiers.particulars import Decision, Enrolment, FactRow, Figure
from tiers.progress import progress

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
FILE = Path(__file__).resolve().parents[2] / "examples" / "program-default.yaml"


def enrol_a_partner(program):
    enrolment = Enrolment(PartnerFactory(), program, "reseller", date(2026, 1, 1))
    return services.enrol(enrolment, by=SYSTEM, at=AT)


member = ground(enrol_a_partner, make_program)


def closed(member, n, at=AT):
    """n closed deals, one a week before `at`, each falling out a year later."""
    days = [(at - timedelta(weeks=i)).date().replace(year=at.year + 1) for i in range(n)]
    row = FactRow(member.pk, member.partner_id, "closed_deals_12m", Decimal(n), lapses=tuple(days))
    services.assess(services.put_facts([row], at=at), at=at)
    member.refresh_from_db()


def test_loading_the_default_program_twice_changes_nothing(program):
    services.load_program(FILE, by=SYSTEM, at=AT)
    assert (ProgramVersion.objects.count(), Tier.objects.count()) == (1, 4)


def test_a_changed_program_becomes_the_next_version(program):
    changed = program.versions.get().definition | {"name": "Other"}
    services.load_program(changed, by=SYSTEM, at=AT)
    assert list(ProgramVersion.objects.order_by("number").values_list("number", flat=True)) == [1, 2]


def test_a_program_with_a_fault_is_refused_with_file_path_and_reason(tmp_path):
    file = tmp_path / "bad.yaml"
    file.write_text(
        "programs: [{id: a, tiers: [{name: X, rank: 1, requires: {all: [{metric: m, op: '~', value: 1}]}}]}]"
    )
    with pytest.raises(Refused) as refusal:
        services.load_program(file, by=SYSTEM, at=AT)
    assert refusal.value.reason == f"{file}: programs[0].tiers[0].requires.all[0].op: unknown operator ~"


def test_who_may_not_edit_programs_loads_none():
    with pytest.raises(Forbidden):
        services.load_program(FILE, by=NOBODY, at=AT)


def test_the_entry_tier_is_given_at_once(member):
    assert (member.tier.name, member.earned_tier.name, member.tier_since) == ("Registered", "Registered", AT.date())


def test_a_first_closed_deal_proposes_the_move_up_and_keeps_the_arithmetic(member):
    closed(member, 1)
    review = TierReview.objects.get()
    assert (review.from_tier.name, review.to_tier.name, member.tier.name) == ("Registered", "Silver", "Registered")
    assert queries.arithmetic(review.assessment, review.to_tier.rank) == "Closed deals: 1, needs 1"


def test_judging_again_changes_nothing(member):
    closed(member, 1)
    before = (Event.objects.count(), Assessment.objects.count(), ProgramMembership.objects.get().version)
    assert services.assess(ProgramMembership.objects.all(), at=AT) == 0
    assert (Event.objects.count(), Assessment.objects.count(), ProgramMembership.objects.get().version) == before


def test_the_same_fact_is_not_written_twice(member):
    closed(member, 3)
    version = Fact.objects.get().version
    closed(member, 3)
    assert Fact.objects.get().version == version


def test_a_higher_tier_replaces_the_open_proposal(member):
    closed(member, 1)
    closed(member, 5)
    found = TierReview.objects.order_by("proposed_at", "created_at").values_list("to_tier__name", "status")
    assert list(found) == [("Silver", "obsolete"), ("Gold", "proposed")]


def test_a_proposal_ends_when_the_deal_is_reopened(member):
    closed(member, 1)
    closed(member, 0)
    assert list(TierReview.objects.values_list("status", flat=True)) == [ReviewStatus.OBSOLETE]


def test_a_manager_moves_the_partner_up(member):
    cast = make_cast()
    closed(member, 5)
    services.promote(TierReview.objects.get(), Decision("Well done"), by=cast.actor("mona"), at=AT)
    member.refresh_from_db()
    event = Event.objects.get(type="program_membership.promoted")
    assert (member.tier.name, member.tier_reason, TierReview.objects.get().decided_by) == (
        "Gold",
        "Well done",
        cast.mona,
    )
    assert event.data["changes"] == {"tier": ["registered", "gold"]}


def test_a_partner_cannot_move_itself_up(member):
    closed(member, 5)
    with pytest.raises(Forbidden):
        services.promote(TierReview.objects.get(), Decision(""), by=make_cast().actor("bo"), at=AT)


def test_a_move_whose_figures_are_gone_is_barred(member):
    closed(member, 5)
    review = TierReview.objects.get()
    ProgramMembership.objects.filter(pk=member.pk).update(earned_tier=member.tier)
    review = queries.with_all(TierReview.objects.filter(pk=review.pk)).get()
    with pytest.raises(Refused):
        services.promote(review, Decision(""), by=SYSTEM, at=AT)


def test_not_yet_needs_words_and_is_not_asked_again_before_its_day(member):
    closed(member, 1)
    review = TierReview.objects.get()
    with pytest.raises(Refused):
        services.defer(review, Decision(""), by=SYSTEM, at=AT)
    services.defer(review, Decision("In spring", date(2027, 3, 1)), by=SYSTEM, at=AT)
    counts = []
    for day in (datetime(2027, 2, 28, tzinfo=UTC), datetime(2027, 3, 1, tzinfo=UTC)):
        services.assess(ProgramMembership.objects.all(), at=day)
        counts.append(TierReview.objects.filter(status="proposed").count())
    assert counts == [0, 1]


def test_an_automatic_program_moves_up_without_a_person(program):
    definition = program.versions.get().definition | {"promotion": "automatic"}
    services.load_program(definition, by=SYSTEM, at=AT)
    member = services.enrol(Enrolment(PartnerFactory(), program, "reseller", date(2026, 1, 1)), by=SYSTEM, at=AT)
    closed(member, 5)
    assert member.tier.name == "Gold"


def test_ten_deals_wait_for_a_certified_person(member):
    closed(member, 10)
    assert member.earned_tier.name == "Gold"
    services.set_figure(member, Figure("certified_people", Decimal(1)), by=SYSTEM, at=AT)
    member.refresh_from_db()
    assert member.earned_tier.name == "Platinum"


def test_nobody_is_moved_down_by_figures_alone(member):
    closed(member, 5)
    services.promote(TierReview.objects.get(), Decision(""), by=SYSTEM, at=AT)
    closed(member, 0)
    card = progress(queries.memberships(SYSTEM).get(), AT)
    assert (member.tier.name, member.earned_tier.name, card.at_risk) == ("Gold", "Registered", True)


def test_the_card_says_what_is_missing_and_by_when(member):
    closed(member, 3)
    services.promote(TierReview.objects.get(), Decision(""), by=SYSTEM, at=AT)
    card = progress(queries.memberships(SYSTEM).get(), AT)
    line = card.requirements[0]
    assert (card.title, line.label, line.shown, line.to_go) == ("One step to Gold", "Closed deals", "3 of 5", "2 to go")
    assert card.missing == "2 more closed deals by 8 November 2027"
    assert card.gains == [
        "20% margin, you have 15%",
        "Answers to your questions within 4 working hours",
        "Joint press campaigns",
    ]


def test_the_card_warns_ninety_days_ahead(member):
    closed(member, 1)
    services.promote(TierReview.objects.get(), Decision(""), by=SYSTEM, at=AT)
    late = datetime(2027, 9, 1, tzinfo=UTC)
    member = queries.memberships(SYSTEM).get()
    early, soon = progress(member, AT), progress(member, late)
    assert (early.keeps, early.at_risk) == ("", False)
    assert (soon.keeps, soon.at_risk) == (
        "You keep Silver until 22 November. To keep it: 1 more closed deal by then.", True,
    )  # fmt: skip


def test_another_partner_sees_no_membership_of_ours(member):
    assert list(queries.memberships(make_cast().actor("cy"))) == []


def test_the_command_judges_cases_in_order_and_names_a_program_it_cannot_use(tmp_path):
    programs, cases = tmp_path / "programs.yaml", tmp_path / "cases.jsonl"
    programs.write_text(
        "programs: [{id: good, tiers: [{name: A, rank: 1, requires: {metric: m, op: '>=', value: 1}}]},"
        " {id: bad, kind: dice, tiers: [{name: B, rank: 1}]}]"
    )
    lines = [("1", "good", {"m": 1}), ("2", "bad", {}), ("3", "good", {})]
    cases.write_text("\n".join(json.dumps({"id": i, "program": p, "facts": f}) for i, p, f in lines))
    out, err = StringIO(), StringIO()
    call_command("assess_tiers", programs, cases, stdout=out, stderr=err)
    assert (out.getvalue(), err.getvalue()) == ("1\tA\n2\t\n3\t\n", "bad: kind: unknown kind dice\n")


def judged(tmp_path, programs, *cases):
    """What the command prints and says on standard error for programs and lines of cases."""
    (tmp_path / "programs.yaml").write_text(programs)
    (tmp_path / "cases.jsonl").write_text("\n".join(cases))
    out, err = StringIO(), StringIO()
    call_command("assess_tiers", tmp_path / "programs.yaml", tmp_path / "cases.jsonl", stdout=out, stderr=err)
    return out.getvalue().splitlines(), [line.split("cases.jsonl:")[-1] for line in err.getvalue().splitlines()]


SOUND = "{id: good, tiers: [{name: A, rank: 0}, {name: B, rank: 1, requires: {metric: m, op: '>=', value: 3}}]}"


def test_odd_facts_are_judged_as_missing_or_as_what_they_are(tmp_path):
    odd = (
        "3",
        "3.0",
        '"3"',
        "NaN",
        "Infinity",
        "1e400",
        "null",
        "true",
        "9" * 5000,
        "[]",
        "{}",
        "[4, 5]",
        "1e99999999999",
    )
    lines = [f'{{"id": "{i}", "program": "good", "facts": {{"m": {fact}}}}}' for i, fact in enumerate(odd)]
    out, err = judged(tmp_path, f"programs: [{SOUND}]", *lines)
    assert ("".join(line[-1] for line in out), err) == ("BBAAABAABAABB", [])


def test_broken_lines_are_named_and_answered_with_no_tier(tmp_path):
    lines = (
        "{broken", "[1]", '{"id": "a", "program": "good"}', '{"id": "b", "program": "good", "facts": [1]}',
        '{"id": "c", "program": "nope", "facts": {}}', "[" * 100_000, '{"id": 7, "program": "good", "facts": {"m": 4}}',
    )  # fmt: skip
    out, err = judged(tmp_path, f"programs: [{SOUND}]", *lines)
    assert out == ["\t", "\t", "a\tA", "b\tA", "c\t", "\t", "7\tB"]
    assert [line.split(" ")[0] for line in err] == ["1:", "2:", "4:", "5:", "6:"]
    assert err[3] == "5: program nope is not in the file"


def test_programs_that_cannot_be_judged_by_are_named_with_path_and_reason(tmp_path):
    wrong = """programs:
    - {id: twice, tiers: [{name: A, rank: 1}, {name: B, rank: 1}]}
    - {id: novalue, tiers: [{name: A, rank: 1, requires: {all: [{metric: m, op: '>=', value: null}]}}]}
    - {id: badop, tiers: [{name: A, rank: 1, requires: {all: [{metric: m, op: '=>', value: 1}]}}]}
    - {id: unreached, tiers: [{name: A, rank: 1, requires: {metric: m, op: '>=', value: 1}}, {name: B, rank: 2}]}
    - {id: dice, kind: dice, tiers: [{name: A, rank: 1}]}
    - 7
    - {id: dice, tiers: [{name: A, rank: 1}]}
    """
    names = ("twice", "novalue", "badop", "unreached", "dice")
    out, err = judged(tmp_path, wrong, *(json.dumps({"id": n, "program": n, "facts": {"m": 5}}) for n in names))
    assert out == [f"{name}\t" for name in names]
    assert [line.rsplit(": ", 1)[0] for line in err] == [
        "twice: tiers[1].rank", "novalue: tiers[0].requires.all[0].value", "badop: tiers[0].requires.all[0].op",
        "unreached: tiers[0].requires: nobody can reach this tier", "dice: kind", "programs[5]: ", "dice: id",
    ]  # fmt: skip


def test_a_case_names_its_market(tmp_path):
    program = "{id: p, tiers: [{name: A, rank: 1, requires: {metric: m, op: '>=', value: {growth: 1, mature: 5}}}]}"
    cases = [{"id": m, "program": "p", "facts": {"m": 3}, "market": m} for m in ("growth", "mature", None)]
    out, _err = judged(tmp_path, f"programs: [{program}]", *map(json.dumps, cases))
    assert out == ["growth\tA", "mature\t", "\t"]


def test_the_command_loads_a_program_and_says_its_version():
    out = StringIO()
    call_command("load_program", FILE, stdout=out)
    assert out.getvalue() == "Partner program: version 1\n"
