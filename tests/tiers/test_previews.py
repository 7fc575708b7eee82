"""Who would move under other rules and what it costs; and then exactly that happens."""

from copy import deepcopy
from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from core.actor import SYSTEM
from core.money import Money
from deals.models import Opportunity, OpportunityPartner
from tests.factories import PartnerFactory
from tests.tiers.standing import AT, closes, fresh, many
from tests.tiers.test_versions import gold_at
from tiers import documents, files, previews, services
from tiers.models import ProgramMembership, Tier
from tiers.particulars import DraftText, Enrolment, Publication

pytestmark = pytest.mark.django_db


@pytest.fixture
def four(program):
    """Partners with 4, 5, 6 and 12 closed deals, each on the tier that it earned."""
    found = []
    for n in (4, 5, 6, 12):
        partner = PartnerFactory(name=f"Closed {n}")
        member = closes(
            services.enrol(Enrolment(partner, program, "reseller", date(2026, 1, 1)), by=SYSTEM, at=AT), *many(n)
        )
        services.give_tier(member, member.earned_tier, "By figures", by=SYSTEM, at=AT)
        found.append(fresh(member))
    return found


def sells(member, amount, currency="USD", role="selling", list_amount=None):
    won = Opportunity.objects.create(
        stage="won", amount=amount, list_amount=list_amount, currency=currency, closed_on=date(2026, 6, 1)
    )
    OpportunityPartner.objects.create(opportunity=won, partner=member.partner, role=role)


def look(program, definition):
    return previews.preview(program, definition, by=SYSTEM, at=AT)


def named(found):
    return [(s.before, s.after, s.up, [line.partner.name for line in s.lines]) for s in found.steps]


def test_gold_at_six_moves_who_has_five(program, four):
    found = look(program, gold_at(6, documents.document(program)))
    assert named(found) == [("Gold", "Silver", False, ["Closed 5"])]
    assert (found.up, found.down, len(found.lines)) == (0, 1, 4)


def test_a_lower_threshold_moves_up(program, four):
    assert named(look(program, gold_at(4, documents.document(program)))) == [("Silver", "Gold", True, ["Closed 4"])]


def test_the_cost_is_the_difference_of_percentages_times_what_was_sold(program, four):
    sells(four[1], 80_000, list_amount=100_000)
    sells(four[1], 9_000, role="sourcing")
    found = look(program, gold_at(6, documents.document(program)))
    (line,) = found.costed
    assert (line.margin_points, line.resale, line.revenue) == (
        Decimal(-5),
        Money(Decimal(100_000), "USD"),
        Money(Decimal(89_000), "USD"),
    )
    assert (found.margin, found.mdf) == (Money(Decimal(-5000), "USD"), Money(Decimal(0), "USD"))


def test_another_percentage_costs_without_any_move(program, four):
    sells(four[3], 50_000)
    changed = deepcopy(documents.document(program))
    changed["tiers"][2]["mdf_accrual_percent"] = 3
    found = look(program, changed)
    assert (found.movers, found.mdf) == ([], Money(Decimal(1500), "USD"))


def test_a_sale_without_a_rate_is_named_and_left_out(program, four):
    sells(four[1], 80_000, currency="SEK")
    found = look(program, gold_at(6, documents.document(program)))
    assert (found.unrated, found.margin.amount) == (["SEK"], 0)


def test_a_figure_that_nobody_has_is_named(program, four):
    changed = deepcopy(documents.document(program))
    changed["tiers"][2]["requires"]["all"].append({"metric": "satisfaction", "op": ">=", "value": 4})
    assert look(program, changed).unknown == ["certified_people", "satisfaction"]


@pytest.mark.parametrize("n", [2, 4, 5, 6, 7])
def test_what_the_dry_run_says_is_what_happens(program, cast, four, n):
    version = services.draft(program, by=cast.actor("olga"), at=AT)
    changed = gold_at(n, version.definition)
    changed["tiers"][1]["requires"]["all"][0]["value"] = 5 if n > 5 else 1
    changed["tiers"][1]["discount_percent"] = 16
    services.edit_draft(version, DraftText(changed, "Other"), by=cast.actor("olga"), at=AT)
    said = {line.partner.name: line.earned_then.name for line in look(program, version.definition).lines}
    services.request_publication(version, Publication(), by=cast.actor("olga"), at=AT)
    services.publish(version, Publication(), by=cast.actor("root"), at=AT)
    services.assess(ProgramMembership.objects.all(), at=AT)
    assert {m.partner.name: fresh(m).earned_tier.name for m in four} == said


def test_a_preview_costs_the_same_queries_for_one_partner_and_for_four(program, four, django_assert_num_queries):
    definition = gold_at(6, documents.document(program))
    with django_assert_num_queries(9):
        look(program, definition)


# --- the command ------------------------------------------------------------------------------------------------------


def run(*words):
    out = StringIO()
    call_command("program", *words, stdout=out)
    return out.getvalue()


def test_export_then_import_then_export_is_byte_equal(program, tmp_path):
    first, second = tmp_path / "first.yaml", tmp_path / "second.yaml"
    run("export", str(first))
    assert run("import", str(first), "--apply") == "default: version 1, from 2026-11-23\n"
    run("export", str(second))
    assert second.read_bytes() == first.read_bytes()


def test_import_without_apply_says_what_would_change_and_changes_nothing(program, four, tmp_path):
    file = tmp_path / "program.yaml"
    file.write_text(files.dump([gold_at(6, documents.document(program))]))
    assert run("import", str(file)) == (
        "default:\n"
        "  tiers[Gold].requires.all[closed_deals_12m].value: 5 → 6\n"
        "  Of 4 partners 0 would move up and 1 down.\n"
        "    Gold → Silver: Closed 5\n"
        "  Margin 0.00, market funds 0.00 USD a year.\n"
        "Nothing was changed. Add --apply to do it.\n"
    )
    assert Tier.objects.get(key="gold").requires["all"][0]["value"] == 5


def test_diff_tells_what_differs(program, tmp_path):
    file = tmp_path / "program.yaml"
    file.write_text(files.dump([gold_at(7, documents.document(program))]))
    assert run("diff", str(file)) == "default:\n  tiers[Gold].requires.all[closed_deals_12m].value: 5 → 7\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("programs: [{id: a, tiers: [{name: X, rank: 1, requires: {all: [{metric: m, op: '~', value: 1}]}}]}]",
         "programs[0].tiers[0].requires.all[0].op: unknown operator ~"),
        ("programs: []", "programs: there is no program"),
        ("programs: [{id: a, id: b}]", "line 1: id is given twice"),
        ("a: &x [1]\nb: *x", "line 2: write it out: * isn't read"),
        ("programs: [{id: a, tiers: [{name: X, rank: 1}], policy: {grace: 1}}]",
         "programs[0].policy.grace: nobody knows this key. Remove it, or correct its spelling."),
        ("a: .nan", "a number is not finite"),
    ],
)  # fmt: skip
def test_a_faulty_file_is_refused_with_file_path_and_reason(tmp_path, text, words):
    file = tmp_path / "bad.yaml"
    file.write_text(text)
    for verb in ("import", "diff"):
        with pytest.raises(CommandError) as refusal:
            run(verb, str(file))
        assert str(refusal.value) == f"{file}: {words}"


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CommandError) as refusal:
        run("import", str(tmp_path / "none.yaml"))
    assert str(refusal.value) == f"{tmp_path}/none.yaml: No such file or directory"
