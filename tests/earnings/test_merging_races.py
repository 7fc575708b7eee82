"""A merge beside what writes money, with real threads: no cent stays with a company that is no more."""

from decimal import Decimal

import pytest

from core.actor import SYSTEM
from core.scope import scope
from deals import services as deals
from deals.particulars import Revenue
from earnings.models import BankDetails, Dispute, EarningLine, Payout
from earnings.particulars import Objection
from earnings.services import dispute, payouts, settle
from earnings.verify import earnings
from partners import services as partners
from partners.actors import actor_for
from partners.models import Merge, Partner
from partners.particulars import Joining
from tests.earnings.conftest import WON, make_trade
from tests.earnings.paying import ACCOUNT, finance, made, owe, payee
from tests.earnings.test_payout_races import at_once, everything_holds
from tests.factories import NOW, StaffFactory

pytestmark = pytest.mark.committed
ROUNDS = 6


class Marriage:
    """A merge that is proposed and waits for its second person."""

    def __init__(self, loser: Partner, winner: Partner):
        one, self.other = (actor_for(StaffFactory(staff_role="channel_operations")) for _n in range(2))
        self.row = partners.propose_merge(winner, Joining(loser, "One."), by=one, at=NOW)

    def carry_out(self) -> None:
        partners.carry_out_merge(Merge.objects.get(pk=self.row.pk), by=self.other, at=NOW)


def nothing_left_behind() -> bool:
    with scope(SYSTEM):
        return earnings(SYSTEM, None, NOW)[1] == [] and everything_holds()


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_customer_pays_while_two_become_one(committed, _round):
    with scope(SYSTEM):
        trade = make_trade()
        trade.rule()
        deal = trade.referred()
        loser, winner = trade.member().partner, trade.member("referral", "mine").partner
        marriage = Marriage(loser, winner)
        deals.enter_revenue(deal, Revenue("payment", WON, Decimal(10000)), by=SYSTEM, at=NOW)
    told = at_once(marriage.carry_out, lambda: settle([deal.pk], at=NOW))
    with scope(SYSTEM):
        lines = list(EarningLine.objects.values_list("partner", "amount", "status"))
    assert (told, lines) == (["done", "done"], [(winner.pk, Decimal("1000.00"), "approved")])
    assert nothing_left_behind()


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_run_is_counted_while_two_become_one(committed, _round):
    with scope(SYSTEM):
        loser, winner = payee("Loser"), payee("Winner")
        owe(loser, 100), owe(winner, 10)
        marriage, finn = Marriage(loser, winner), finance()
    told = at_once(marriage.carry_out, lambda: made(finn))
    with scope(SYSTEM):
        paid = sorted(Payout.objects.values_list("partner__name", "amount"))
    both = [("Winner", Decimal("110.00"))]
    apart = [("Loser", Decimal("100.00")), ("Winner", Decimal("10.00"))]
    assert (told, paid) in ((["done", "done"], both), (["Refused", "done"], apart))
    assert nothing_left_behind()


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_line_is_disputed_and_bank_details_change_while_two_become_one(committed, _round):
    with scope(SYSTEM):
        loser, winner = payee("Loser"), payee("Winner")
        line = owe(loser, 100, at=NOW)
        marriage = Marriage(loser, winner)
    told = at_once(
        marriage.carry_out,
        lambda: dispute(EarningLine.objects.get(pk=line.pk), Objection("No."), by=SYSTEM, at=NOW),
        lambda: payouts.set_bank_details(loser, ACCOUNT, by=SYSTEM, at=NOW),
    )
    assert set(told) <= {"done", "Stale"}
    with scope(SYSTEM):
        assert EarningLine.objects.get().partner == winner
        assert set(Dispute.objects.values_list("partner", flat=True)) <= {winner.pk}
        assert set(BankDetails.objects.filter(superseded_at=None).values_list("partner", flat=True)) == {winner.pk}
    assert nothing_left_behind()
