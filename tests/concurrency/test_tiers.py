"""Two people decide about one tier at once, or decide while the figures are judged: one decision stands, told once."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest

from core.actor import SYSTEM
from core.errors import IllegalTransition, Refused, Stale
from core.models import Event
from core.scope import scope
from partners.models import Partner
from tests.concurrency.conftest import ROUNDS
from tests.tiers.standing import FILE
from tiers import services
from tiers.models import ProgramMembership, Tier, TierReview
from tiers.particulars import Decision, Demotion, Enrolment, FactRow, OverrideTerms, Waiver, Words

pytestmark = [pytest.mark.committed, pytest.mark.slow]
AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = AT + timedelta(days=62)
TURNS = max(ROUNDS // 4, 5)


@pytest.fixture
def program(market):
    with scope(SYSTEM):
        return services.load_program(FILE, by=SYSTEM, at=AT)[0]


def enrolled(program, n) -> ProgramMembership:
    with scope(SYSTEM):
        partner = Partner.objects.create(name=f"Partner {n}")
        return services.enrol(Enrolment(partner, program, "reseller", date(2026, 1, 1)), by=SYSTEM, at=AT)


def figures(member, n, at=AT) -> None:
    with scope(SYSTEM):
        days = tuple(date(2027, 11, 1) + timedelta(days=i) for i in reversed(range(n)))
        row = FactRow(member.pk, member.partner_id, "closed_deals_12m", Decimal(n), lapses=days)
        services.assess(services.put_facts([row], at=at), at=at)


def open_review(member) -> TierReview:
    return TierReview.objects.select_related("membership__earned_tier", "from_tier", "to_tier").get(
        membership=member, status__in=("proposed", "below", "notice")
    )


def decided(member, act) -> object:
    with scope(SYSTEM):
        review = open_review(member)
    with scope(SYSTEM):
        return act(review)


def up(who):
    return lambda review: services.promote(review, Decision("Yes"), by=who, at=AT)


def down(who):
    return lambda review: services.demote(review, Demotion("No deals"), by=who, at=LATER)


def kept(who):
    return lambda review: services.waive(review, Waiver("Their buyer changed", date(2027, 6, 1)), by=who, at=LATER)


def outcome(member) -> tuple[str, list[str], int]:
    """The tier, how the reviews ended, and how often a move was told."""
    with scope(SYSTEM):
        tier = ProgramMembership.objects.get(pk=member.pk).tier.name
        ended = list(
            TierReview.objects.filter(membership=member).order_by("created_at").values_list("status", flat=True)
        )
        moves = Event.objects.filter(
            subject_id=member.pk, type__in=("program_membership.promoted", "program_membership.demoted")
        ).count()
    return tier, ended, moves


def losers(found: list) -> list:
    return [one for one in found if isinstance(one, Exception)]


def test_of_two_managers_who_move_one_partner_up_one_does(market, race, program):
    two, mona, olga = race(2), market.cast.actor("mona"), market.cast.actor("olga")
    for n in range(TURNS):
        member = enrolled(program, n)
        figures(member, 5)
        found = two.run(*(partial(decided, member, up(who)) for who in (mona, olga)))
        assert [type(one) in (Stale, IllegalTransition, TierReview.DoesNotExist) for one in losers(found)] == [True]
        assert outcome(member) == ("Gold", ["promoted"], 1)


def test_of_a_waiver_and_a_move_down_at_once_one_stands(market, race, program):
    two, mona, olga = race(2), market.cast.actor("mona"), market.cast.actor("olga")
    for n in range(TURNS):
        member = _noticed(program, n, mona)
        found = two.run(partial(decided, member, kept(mona)), partial(decided, member, down(olga)))
        tier, ended, _moves = outcome(member)
        assert len(losers(found)) == 1
        assert (tier, ended[-1]) in (("Silver", "waived"), ("Registered", "demoted"))


def _noticed(program, n, mona) -> ProgramMembership:
    member = enrolled(program, n)
    figures(member, 1)
    decided(member, up(SYSTEM))
    figures(member, 0)
    decided(member, lambda r: services.give_notice(r, Words(""), by=mona, at=AT))
    return member


def test_a_deal_that_comes_while_a_partner_is_moved_down_is_before_or_after_it(market, race, program):
    """Before it: the tier is kept. After it: the partner is down, and the move up is proposed at once."""
    two, mona, olga = race(2), market.cast.actor("mona"), market.cast.actor("olga")
    for n in range(TURNS):
        member = _noticed(program, n, mona)
        two.run(partial(figures, member, 1, LATER), partial(decided, member, down(olga)))
        tier, ended, _moves = outcome(member)
        assert (tier, ended[1:]) in (("Silver", ["restored"]), ("Registered", ["demoted", "proposed"]))


def test_a_refund_that_comes_while_a_partner_is_moved_up_is_before_or_after_it(market, race, program):
    two, mona = race(2), market.cast.actor("mona")
    for n in range(TURNS):
        member = enrolled(program, n)
        figures(member, 1)
        found = two.run(partial(figures, member, 0), partial(decided, member, up(mona)))
        tier, ended, _moves = outcome(member)
        assert (tier, ended) in (("Registered", ["obsolete"]), ("Silver", ["promoted", "below"]))
        assert all(isinstance(one, Refused | Stale | TierReview.DoesNotExist) for one in losers(found))


def test_of_two_exceptions_asked_for_at_once_one_is_there(market, race, program):
    two, people = race(2), [market.cast.actor(name) for name in ("mona", "olga")]
    with scope(SYSTEM):
        gold = Tier.objects.get(program=program, key="gold")
    terms = OverrideTerms(gold, "Launch", AT.date(), date(2027, 3, 31))

    def ask(member, who):
        with scope(SYSTEM):
            fresh = ProgramMembership.objects.get(pk=member.pk)
            return services.propose_override(fresh, terms, by=who, at=AT)

    for n in range(TURNS):
        member = enrolled(program, n)
        found = two.run(*(partial(ask, member, who) for who in people))
        assert [getattr(one, "code", "") for one in losers(found)] == ["duplicate"]
