"""The life of a tier under review: at risk, below, notice, kept, waived, moved down."""

from datetime import UTC, date, datetime, timedelta

import pytest

from core.actor import SYSTEM
from core.errors import Forbidden, IllegalTransition, Refused
from core.models import Event, Timer
from core.timers import ring
from tests.tiers.standing import AT, closes, fresh, many, open_review, stands_on, tier
from tiers import services
from tiers.enums import ReviewStatus
from tiers.models import ProgramMembership, TierReview
from tiers.particulars import Decision, Demotion, Enrolment, Waiver, Words
from tiers.workflow import REVIEW

pytestmark = pytest.mark.django_db
NOTICE_OVER = AT + timedelta(days=62)


def told(verb):
    return list(Event.objects.filter(type=f"tier_review.{verb}").values_list("data", flat=True))


def below(member):
    """Silver by one deal, which is refunded in full."""
    stands_on(member, "Silver", 1)
    closes(member)
    return open_review(member)


def noticed(member, cast):
    return services.give_notice(below(member), Words("Two quarters without a deal."), by=cast.actor("mona"), at=AT)


# --- at risk


def test_a_tier_that_ends_within_ninety_days_is_at_risk_with_its_day_and_arithmetic(acme):
    stands_on(acme, "Silver", 1)
    closes(acme, date(2027, 2, 20))
    review = open_review(acme)
    silver = next(one for one in review.forecast if one["tier"] == "Silver")
    assert (review.status, review.falls_on, review.to_tier.name) == ("at_risk", date(2027, 2, 20), "Registered")
    assert silver == {
        "tier": "Silver", "rank": 2, "met": False,
        "leaves": [{"metric": "closed_deals_12m", "op": ">=", "needed": "1", "value": "0.0000", "met": False}],
        "rule": {"all": [{"all": [False]}]},
    }  # fmt: skip


def test_a_tier_that_ends_in_ninety_one_days_is_not_at_risk_yet(acme):
    stands_on(acme, "Silver", 1)
    closes(acme, AT.date() + timedelta(days=91))
    assert open_review(acme) is None
    services.assess(ProgramMembership.objects.all(), at=AT + timedelta(days=1))
    assert open_review(acme).status == "at_risk"


def test_a_risk_is_told_once_and_ends_with_the_next_deal(acme):
    stands_on(acme, "Silver", 1)
    closes(acme, date(2027, 2, 20))
    services.assess(ProgramMembership.objects.all(), at=AT + timedelta(days=1))
    closes(acme, date(2027, 2, 20), date(2027, 11, 1))
    statuses = TierReview.objects.exclude(status="promoted").values_list("status", flat=True)
    assert (len(told("at_risk")), list(statuses)) == (1, ["restored"])


def test_a_risk_that_comes_true_is_the_same_review(acme):
    stands_on(acme, "Silver", 1)
    closes(acme, date(2027, 2, 20))
    at_risk = open_review(acme)
    closes(acme, at=datetime(2027, 2, 20, 12, tzinfo=UTC))
    found = open_review(acme)
    assert (found.pk, found.status) == (at_risk.pk, "below")


# --- below, and a refund


def test_a_full_refund_takes_the_credit_back_and_nothing_else_happens_by_itself(acme):
    review = below(acme)
    assert (review.status, review.from_tier.name, review.to_tier.name, fresh(acme).tier.name) == (
        "below", "Silver", "Registered", "Silver",
    )  # fmt: skip


def test_judging_again_opens_no_second_review(acme):
    below(acme)
    before = (TierReview.objects.count(), Event.objects.count())
    assert services.assess(ProgramMembership.objects.all(), at=AT) == 0
    assert (TierReview.objects.count(), Event.objects.count()) == before


def test_a_deal_closed_in_time_ends_the_review(acme):
    below(acme)
    closes(acme, *many(1))
    assert (open_review(acme), len(told("restored"))) == (None, 1)


def test_a_deeper_fall_is_the_same_review_with_a_lower_tier(acme):
    stands_on(acme, "Gold", 5)
    closes(acme, *many(2))
    first = open_review(acme)
    closes(acme)
    second = open_review(acme)
    assert (first.pk, first.to_tier.name, second.to_tier.name) == (second.pk, "Silver", "Registered")


def test_a_proposed_move_up_gives_way_when_the_figures_fall_below(acme):
    stands_on(acme, "Silver", 1)
    closes(acme, *many(5))
    assert open_review(acme).status == "proposed"
    closes(acme)
    found = TierReview.objects.order_by("created_at").values_list("status", flat=True)
    assert list(found) == ["promoted", "obsolete", "below"]


# --- notice


def test_a_notice_runs_sixty_days_and_rings_twice(acme, cast):
    review = noticed(acme, cast)
    timers = Timer.objects.filter(subject_id=review.pk).order_by("due_at").values_list("kind", "due_at")
    assert (review.status, review.notice_ends_at.date(), list(timers)) == (
        "notice", date(2027, 1, 23),
        [("remind", datetime(2027, 1, 9, tzinfo=UTC)), ("notice_end", datetime(2027, 1, 23, tzinfo=UTC))],
    )  # fmt: skip


def test_a_program_may_have_another_notice(acme, cast, program):
    services.load_program(program.versions.get().definition | {"notice_days": 30}, by=SYSTEM, at=AT)
    assert noticed(acme, cast).notice_ends_at.date() == date(2026, 12, 24)


def test_the_partner_is_reminded_and_the_vendor_told_when_the_notice_has_run(acme, cast):
    noticed(acme, cast)
    ring(NOTICE_OVER)
    assert (len(told("reminded")), len(told("notice_ended")), fresh(acme).tier.name) == (1, 1, "Silver")


def test_nobody_is_moved_down_before_the_notice_has_run(acme, cast):
    review = noticed(acme, cast)
    with pytest.raises(Refused) as refusal:
        services.demote(review, Demotion("No deals"), by=cast.actor("olga"), at=AT + timedelta(days=59))
    assert refusal.value.reason == "The notice still runs. Decide when it has ended, or keep the tier."


def test_who_gave_the_notice_does_not_decide(acme, cast):
    review = noticed(acme, cast)
    with pytest.raises(Forbidden) as refusal:
        services.demote(review, Demotion("No deals"), by=cast.actor("mona"), at=NOTICE_OVER)
    assert refusal.value.code == "four_eyes_required"


def test_the_system_moves_nobody_down(acme, cast):
    with pytest.raises(Forbidden):
        services.demote(noticed(acme, cast), Demotion("No deals"), by=SYSTEM, at=NOTICE_OVER)


def test_a_move_down_needs_words(acme, cast):
    with pytest.raises(Refused) as refusal:
        services.demote(noticed(acme, cast), Demotion(""), by=cast.actor("olga"), at=NOTICE_OVER)
    assert refusal.value.field == "reason"


def test_another_person_moves_the_partner_down_with_a_reason(acme, cast):
    review = services.demote(noticed(acme, cast), Demotion("No deals"), by=cast.actor("olga"), at=NOTICE_OVER)
    member = fresh(acme)
    assert (review.status, member.tier.name, member.tier_reason, review.decided_by) == (
        "demoted", "Registered", "No deals", cast.olga,
    )  # fmt: skip


def test_the_benefits_stay_until_the_day_of_the_move_down(acme, cast):
    day = date(2027, 2, 15)
    review = services.demote(noticed(acme, cast), Demotion("No deals", day), by=cast.actor("olga"), at=NOTICE_OVER)
    assert (review.status, fresh(acme).tier.name) == ("ending", "Silver")
    ring(datetime(2027, 2, 14, 23, 59, tzinfo=UTC))
    assert fresh(acme).tier.name == "Silver"
    ring(datetime(2027, 2, 15, tzinfo=UTC))
    assert (fresh(acme).tier.name, TierReview.objects.get(pk=review.pk).status) == ("Registered", "demoted")


def test_a_deal_before_the_day_of_the_move_down_keeps_the_tier(acme, cast):
    services.demote(noticed(acme, cast), Demotion("No", date(2027, 2, 15)), by=cast.actor("olga"), at=NOTICE_OVER)
    closes(acme, *many(1), at=NOTICE_OVER)
    ring(datetime(2027, 3, 1, tzinfo=UTC))
    assert (fresh(acme).tier.name, open_review(acme)) == ("Silver", None)


def test_a_move_down_is_not_dated_back(acme, cast):
    review = noticed(acme, cast)
    with pytest.raises(Refused) as refusal:
        services.demote(review, Demotion("No", date(2027, 1, 1)), by=cast.actor("olga"), at=NOTICE_OVER)
    assert refusal.value.field == "effective_on"


# --- waiver


def test_a_waiver_keeps_the_tier_until_its_day_and_then_the_review_begins_anew(acme, cast):
    waiver = Waiver("Their buyer changed.", date(2027, 3, 31))
    services.waive(below(acme), waiver, by=cast.actor("mona"), at=AT)
    services.assess(ProgramMembership.objects.all(), at=datetime(2027, 3, 31, 12, tzinfo=UTC))
    assert (open_review(acme), fresh(acme).tier.name) == (None, "Silver")
    ring(datetime(2027, 4, 1, 0, 1, tzinfo=UTC))
    assert (open_review(acme).status, fresh(acme).tier.name) == ("below", "Silver")


@pytest.mark.parametrize("until", [date(2026, 11, 23), date(2027, 12, 1)])
def test_a_waiver_ends_after_today_and_within_a_year(acme, cast, until):
    with pytest.raises(Refused) as refusal:
        services.waive(below(acme), Waiver("Because", until), by=cast.actor("mona"), at=AT)
    assert refusal.value.field == "until"


def test_a_waiver_needs_words(acme, cast):
    with pytest.raises(Refused) as refusal:
        services.waive(below(acme), Waiver("", date(2027, 3, 31)), by=cast.actor("mona"), at=AT)
    assert refusal.value.field == "reason"


def test_a_move_up_put_off_is_asked_again_on_its_day(acme, cast):
    closes(acme, *many(1))
    services.defer(open_review(acme), Decision("In spring", date(2027, 3, 1)), by=cast.actor("mona"), at=AT)
    ring(datetime(2027, 3, 1, 1, tzinfo=UTC))
    assert open_review(acme).status == "proposed"


# --- the yearly look


def test_the_day_of_the_next_review_tells_the_manager_and_moves_a_year_on(acme):
    ProgramMembership.objects.filter(pk=acme.pk).update(next_review_on=date(2026, 12, 1))
    services.plan_review(fresh(acme))
    ring(datetime(2026, 12, 1, 6, tzinfo=UTC))
    events = Event.objects.filter(type="program_membership.review_due").count()
    assert (events, fresh(acme).next_review_on) == (1, date(2027, 12, 1))


# --- who may not


PEOPLE = ("ada", "bo", "cy", "mark", "finn", "eve", "root")
ACTS = {
    "promote": lambda review, by: services.promote(review, Decision("x"), by=by, at=AT),
    "defer": lambda review, by: services.defer(review, Decision("x"), by=by, at=AT),
    "give_notice": lambda review, by: services.give_notice(review, Words("x"), by=by, at=AT),
    "waive": lambda review, by: services.waive(review, Waiver("x", date(2027, 3, 31)), by=by, at=AT),
    "demote": lambda review, by: services.demote(review, Demotion("x"), by=by, at=NOTICE_OVER),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("name", PEOPLE)
def test_who_may_not_decide_about_tiers_decides_nothing(acme, cast, name, act):
    review = below(acme)
    with pytest.raises(Forbidden):
        ACTS[act](review, cast.actor(name))


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("status", ReviewStatus.values)
def test_in_every_other_state_a_decision_is_refused(acme, cast, status, act):
    review = below(acme)
    if status in REVIEW.steps[act].source:
        return
    TierReview.objects.filter(pk=review.pk).update(status=status)
    review.refresh_from_db()
    with pytest.raises(IllegalTransition):
        ACTS[act](review, cast.actor("olga"))
    assert fresh(acme).tier == tier("Silver")


def test_a_program_that_nobody_meets_leaves_the_entry_tier_alone(program, cast):
    definition = program.versions.get().definition
    hard = [
        tier | {"requires": {"metric": "closed_deals_12m", "op": ">=", "value": n}}
        for n, tier in enumerate(definition["tiers"], 1)
    ]
    services.load_program(definition | {"tiers": hard}, by=SYSTEM, at=AT)
    member = services.enrol(Enrolment(cast.cobalt, program, "reseller", date(2026, 1, 1)), by=SYSTEM, at=AT)
    assert (member.tier.name, member.earned_tier, open_review(member)) == ("Registered", None, None)
