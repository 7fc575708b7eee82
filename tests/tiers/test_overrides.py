"""A tier by hand: two people, from a day until a day, shown as such, and then back."""

from datetime import UTC, date, datetime, timedelta

import pytest

from core.actor import SYSTEM
from core.errors import Forbidden, IllegalTransition, Refused
from core.models import Event
from core.timers import ring
from tests.tiers.standing import AT, closes, fresh, many, open_review, stands_on, tier
from tiers import services
from tiers.enums import OverrideStatus
from tiers.models import ProgramMembership, TierOverride, TierReview
from tiers.particulars import OverrideTerms, Words
from tiers.workflow import OVERRIDE

pytestmark = pytest.mark.django_db
TODAY, UNTIL = AT.date(), date(2027, 3, 31)


def terms(name="Gold", starts_on=TODAY, until=UNTIL, reason="Launch partner in Spain"):
    return OverrideTerms(tier(name), reason, starts_on, until)


def asked(member, cast, **more):
    return services.propose_override(fresh(member), terms(**more), by=cast.actor("mona"), at=AT)


def agreed(member, cast, **more):
    return services.agree_override(asked(member, cast, **more), by=cast.actor("olga"), at=AT)


def test_a_proposal_changes_nothing(acme, cast):
    asked(acme, cast)
    assert fresh(acme).tier.name == "Registered"


def test_the_second_person_gives_the_tier_at_once_and_the_reason_stands_beside_it(acme, cast):
    override = agreed(acme, cast)
    assert (override.status, fresh(acme).tier.name, fresh(acme).tier_reason) == (
        "active", "Gold", "Launch partner in Spain",
    )  # fmt: skip


def test_who_asked_does_not_confirm(acme, cast):
    override = asked(acme, cast)
    with pytest.raises(Forbidden) as refusal:
        services.agree_override(override, by=cast.actor("mona"), at=AT)
    assert (refusal.value.code, fresh(acme).tier.name) == ("four_eyes_required", "Registered")


def test_the_system_neither_asks_nor_confirms(acme, cast):
    with pytest.raises(Forbidden):
        services.propose_override(acme, terms(), by=SYSTEM, at=AT)
    with pytest.raises(Forbidden):
        services.agree_override(asked(acme, cast), by=SYSTEM, at=AT)


def test_an_exception_begins_on_its_day_and_ends_after_its_last_one(acme, cast):
    agreed(acme, cast, starts_on=date(2027, 1, 1))
    found = []
    for moment in (
        datetime(2026, 12, 31, 23, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC),
        datetime(2027, 3, 31, 23, tzinfo=UTC), datetime(2027, 4, 1, tzinfo=UTC),
    ):  # fmt: skip
        ring(moment)
        found.append(fresh(acme).tier.name)
    assert found == ["Registered", "Gold", "Gold", "Registered"]


def test_reviews_rest_while_an_exception_is_in_force_and_go_on_after_it(acme, cast):
    stands_on(acme, "Silver", 1)
    closes(acme)
    agreed(acme, cast)
    services.assess(ProgramMembership.objects.all(), at=AT)
    assert open_review(acme) is None
    ring(datetime(2027, 4, 1, tzinfo=UTC))
    assert (fresh(acme).tier.name, open_review(acme).status) == ("Silver", "below")


def test_what_was_earned_meanwhile_is_proposed_when_it_ends(acme, cast):
    agreed(acme, cast)
    closes(acme, *many(1))
    assert open_review(acme) is None
    ring(datetime(2027, 4, 1, tzinfo=UTC))
    assert (fresh(acme).tier.name, open_review(acme).to_tier.name) == ("Registered", "Silver")


def test_an_exception_may_be_lifted_with_a_reason(acme, cast):
    override = agreed(acme, cast)
    with pytest.raises(Refused):
        services.lift_override(override, Words(""), by=cast.actor("mona"), at=AT)
    services.lift_override(override, Words("The launch is off."), by=cast.actor("mona"), at=AT)
    ring(datetime(2027, 5, 1, tzinfo=UTC))
    assert (fresh(acme).tier.name, fresh(acme).tier_reason) == ("Registered", "The launch is off.")


def test_there_is_one_exception_at_a_time(acme, cast):
    asked(acme, cast)
    with pytest.raises(Refused) as refusal:
        asked(acme, cast, name="Platinum")
    assert refusal.value.code == "duplicate"


def test_a_refused_one_makes_room_for_another(acme, cast):
    services.refuse_override(asked(acme, cast), Words("Not now"), by=cast.actor("olga"), at=AT)
    assert asked(acme, cast).status == "requested"


def test_one_whose_last_day_has_gone_is_not_confirmed(acme, cast):
    override = asked(acme, cast, until=AT.date() + timedelta(days=5))
    with pytest.raises(Refused):
        services.agree_override(override, by=cast.actor("olga"), at=AT + timedelta(days=6))


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"reason": ""}, "reason"),
        ({"name": "Registered"}, "tier"),
        ({"starts_on": date(2026, 11, 22)}, "until"),
        ({"until": AT.date()}, "until"),
        ({"starts_on": date(2027, 5, 1)}, "until"),
        ({"until": date(2028, 11, 23)}, "until"),
    ],
)
def test_terms_that_make_no_sense_are_refused_with_the_field(acme, cast, more, field):
    with pytest.raises(Refused) as refusal:
        asked(acme, cast, **more)
    assert (refusal.value.field, TierOverride.objects.count()) == (field, 0)


ACTS = {
    "agree": lambda one, by: services.agree_override(one, by=by, at=AT),
    "refuse": lambda one, by: services.refuse_override(one, Words("x"), by=by, at=AT),
    "lift": lambda one, by: services.lift_override(one, Words("x"), by=by, at=AT),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("status", OverrideStatus.values)
def test_in_every_other_state_an_act_is_refused(acme, cast, status, act):
    if status in OVERRIDE.steps[act].source:
        return
    override = asked(acme, cast)
    TierOverride.objects.filter(pk=override.pk).update(status=status)
    override.refresh_from_db()
    with pytest.raises(IllegalTransition):
        ACTS[act](override, cast.actor("olga"))


@pytest.mark.parametrize("name", ["ada", "bo", "cy", "mark", "finn", "eve", "root"])
def test_who_may_not_decide_neither_asks_nor_answers(acme, cast, name):
    by, override = cast.actor(name), asked(acme, cast)
    with pytest.raises(Forbidden):
        services.propose_override(acme, terms("Silver"), by=by, at=AT)
    for act in ACTS.values():
        with pytest.raises(Forbidden):
            act(override, by)


def test_the_history_tells_who_asked_and_who_confirmed(acme, cast):
    agreed(acme, cast)
    rows = Event.objects.filter(type__startswith="tier_override.").order_by("id").values_list("type", "actor_label")
    assert [(kind, label) for kind, label in rows] == [
        ("tier_override.requested", str(cast.mona)),
        ("tier_override.agreed", str(cast.olga)),
        ("tier_override.started", "System"),
    ]


def test_an_open_review_gives_way_to_the_exception(acme, cast):
    closes(acme, *many(1))
    agreed(acme, cast)
    assert list(TierReview.objects.values_list("status", flat=True)) == ["obsolete"]
