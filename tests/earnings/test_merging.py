"""Two partners become one: no cent is left behind, and no closed book is opened again."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Sum

from core.actor import SYSTEM
from core.errors import Refused, Stale
from core.ledger import wrong
from core.models import Event, LedgerAccount
from core.verify import states
from deals.models import OpportunityPartner
from earnings import queries, statements
from earnings.books import OWED
from earnings.models import BankDetails, Dispute, EarningLine, Handover, Payout
from earnings.particulars import Adjustment, Objection, Usage, Verdict
from earnings.payout_particulars import Because, Period
from earnings.services import adjust, dispute, include, invoice, pay, payouts, report_usage, uphold
from earnings.verify import earnings
from partners import services as partners
from partners.actors import actor_for
from partners.models import Merge, Partner
from partners.particulars import Joining
from tests.earnings.conftest import amounts
from tests.earnings.paying import OCTOBER, answered, finance, made, owe, payee, sent
from tests.factories import NOW, StaffFactory
from tiers.models import ProgramMembership

pytestmark = pytest.mark.django_db
NOVEMBER, DECEMBER = Period(date(2026, 11, 1)), Period(date(2026, 12, 1))


def merge(loser: Partner, winner: Partner, at=NOW) -> None:
    one, other = (actor_for(StaffFactory(staff_role="channel_operations")) for _n in range(2))
    row = Merge.objects.filter(loser=loser).first()
    row = row or partners.propose_merge(winner, Joining(loser, "One company."), by=one, at=at)
    partners.carry_out_merge(row, by=other, at=at)
    as_at_the_commit()
    for partner in (loser, winner):
        partner.refresh_from_db()


def as_at_the_commit() -> None:
    """What the database looks at when everything is written, it looks at now."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def sound() -> bool:
    """Books, lines and ledger agree."""
    return wrong() == [] and states(NOW) == [] and earnings(SYSTEM, None, NOW)[1] == []


def total() -> dict[str, Decimal]:
    """What partners are owed by the ledger, by currency."""
    sums = LedgerAccount.objects.filter(kind=OWED).values_list("currency")
    return dict(sums.annotate(sum=Sum("balance")).order_by("currency"))


def balances(*owners: Partner) -> list[Decimal]:
    rows = {row.owner_id: row.balance for row in LedgerAccount.objects.filter(kind=OWED, currency="USD")}
    return [rows.get(one.pk, Decimal(0)) for one in owners]


def accounts(partner: Partner, period: Period) -> list[tuple[str, ...]]:
    """(before, earned, handed over, paid, after) in each currency."""
    found = statements.statement(SYSTEM, partner, period).accounts
    return [
        tuple(f"{m.amount:.2f}" for m in (a.before, a.earned_total, a.moved_total, a.paid_total, a.closing))
        for a in found
    ]


def test_what_is_owed_to_the_one_is_owed_to_the_other_and_the_sum_is_the_same():
    acme, cobalt = payee("Acme"), payee("Cobalt")
    owe(acme, "10.10"), owe(cobalt, "100.05"), owe(cobalt, "-20"), owe(cobalt, "7", "EUR")
    before = total()
    merge(cobalt, acme)
    assert (total(), before) == (before, {"EUR": Decimal("7.00"), "USD": Decimal("90.15")})
    assert balances(cobalt, acme) == [Decimal(0), Decimal("90.15")]
    assert set(EarningLine.objects.values_list("partner", flat=True)) == {acme.pk}
    assert sound()


def test_each_line_that_changes_hands_is_told_once_with_its_money():
    acme, cobalt = payee("Acme"), payee("Cobalt")
    line = owe(cobalt, "100.05")
    merge(cobalt, acme)
    (event,) = Event.objects.filter(type="commission.handed_over")
    assert (event.subject_id, event.partner_id, event.data["changes"]) == (
        line.pk, acme.pk, {"partner": [cobalt.public_id, acme.public_id]},
    )  # fmt: skip
    assert [amount for _account, amount in event.data["ledger"]] == ["-100.05", "100.05"]


def test_closed_months_of_both_stay_as_they_were_and_both_books_close():
    acme, cobalt = payee("Acme"), payee("Cobalt")
    owe(acme, "10"), owe(cobalt, "100")
    kept = [accounts(one, OCTOBER) for one in (acme, cobalt)]
    merge(cobalt, acme)
    assert [accounts(one, OCTOBER) for one in (acme, cobalt)] == kept == [
        [("0.00", "10.00", "0.00", "0.00", "10.00")], [("0.00", "100.00", "0.00", "0.00", "100.00")],
    ]  # fmt: skip
    assert accounts(cobalt, NOVEMBER) == [("100.00", "0.00", "-100.00", "0.00", "0.00")]
    assert accounts(acme, NOVEMBER) == [("10.00", "0.00", "100.00", "0.00", "110.00")]
    assert accounts(acme, DECEMBER) == [("110.00", "0.00", "0.00", "0.00", "110.00")]


def test_of_three_that_become_one_each_statement_tells_what_came_and_went():
    acme, cobalt, delta = payee("Acme"), payee("Cobalt"), payee("Delta")
    owe(delta, "100")
    merge(delta, cobalt, NOW)
    merge(cobalt, acme, NOW + timedelta(days=31))
    assert accounts(delta, OCTOBER) == [("0.00", "100.00", "0.00", "0.00", "100.00")]
    assert accounts(cobalt, NOVEMBER) == [("0.00", "0.00", "100.00", "0.00", "100.00")]
    assert accounts(cobalt, DECEMBER) == [("100.00", "0.00", "-100.00", "0.00", "0.00")]
    assert accounts(acme, DECEMBER) == [("0.00", "0.00", "100.00", "0.00", "100.00")]
    assert balances(delta, cobalt, acme) == [Decimal(0), Decimal(0), Decimal("100.00")]
    assert sound()


def test_what_was_paid_stays_in_its_book_and_the_winner_reads_it():
    acme, cobalt = payee("Acme"), payee("Cobalt")
    owe(cobalt, "100")
    finn = finance()
    answered(sent(finn, finance("Fred")), by=finn)
    merge(cobalt, acme)
    line, payout = EarningLine.objects.get(), Payout.objects.get()
    assert (line.partner, payout.partner, Handover.objects.count()) == (cobalt, cobalt, 0)
    assert list(queries.lines(SYSTEM, acme)) == [line]
    assert [one.paid for one in queries.standing(SYSTEM, acme, NOW).by_currency] == [Decimal("100.00")]
    assert queries.books(SYSTEM, acme, NOW) == [(cobalt, [OCTOBER])]
    assert sound()


def test_a_payout_on_its_way_bars_the_merge_until_it_has_arrived_or_is_left_out():
    acme, cobalt = payee("Acme"), payee("Cobalt")
    owe(cobalt, "100"), owe(payee("Delta"), 5)
    finn = finance()
    run = made(finn)
    with pytest.raises(Refused) as refusal:
        merge(cobalt, acme)
    payout = run.payouts.get(partner=cobalt)
    words = f"Payout {payout.reference} to it is under way. Wait for the bank's answer, or leave it out of its run."
    assert str(refusal.value) == words
    payouts.leave_out(payout, Because("It merges."), by=finn, at=NOW)
    merge(cobalt, acme)
    assert balances(cobalt, acme) == [Decimal(0), Decimal("100.00")]


def test_the_next_run_pays_the_winner_what_both_earned_to_the_winners_account():
    acme, cobalt = payee("Acme"), payee("Cobalt")
    owe(acme, "10"), owe(cobalt, "100")
    merge(cobalt, acme)
    finn = finance()
    answered(sent(finn, finance("Fred")), by=finn)
    (payout,) = Payout.objects.all()
    assert (payout.partner, payout.amount, payout.bank.partner) == (acme, Decimal("110.00"), acme)
    assert balances(cobalt, acme) == [Decimal(0), Decimal(0)]
    assert sound()


def test_bank_details_come_along_where_the_winner_has_none():
    acme, cobalt = payee("Acme", bank=False), payee("Cobalt")
    theirs = BankDetails.objects.get()
    merge(cobalt, acme)
    now = BankDetails.objects.get(superseded_at=None)
    assert (now.partner, now.secret, now.hint) == (acme, theirs.secret, theirs.hint)
    assert Event.objects.filter(type="bank_details.changed", partner_id=acme.pk).count() == 1


def test_bank_details_of_the_winner_hold():
    acme, cobalt = payee("Acme"), payee("Cobalt")
    mine = BankDetails.objects.get(partner=acme)
    merge(cobalt, acme)
    assert list(BankDetails.objects.filter(superseded_at=None)) == [mine]


def test_a_forecast_of_the_one_is_earned_by_the_other_under_the_terms_it_was_won_under(trade):
    trade.rule()
    trade.rule(key="dearer", percent=50, territory="Iberia")
    mine = trade.member("referral", "mine")
    Partner.objects.filter(pk=mine.partner_id).update(region="Iberia")
    deal = trade.referred()
    merge(trade.member().partner, mine.partner)
    trade.pays(deal)
    assert (amounts(), EarningLine.objects.get().partner) == ([("1000.00", "approved")], mine.partner)
    assert sound()


def test_what_both_share_of_a_deal_stays_whole(trade):
    trade.rule()
    mine, theirs = trade.member("referral", "mine"), trade.member("referral", "theirs")
    deal = trade.deal((mine, "sourcing", 60), (theirs, "sourcing", 40))
    merge(theirs.partner, mine.partner)
    assert OpportunityPartner.objects.filter(deleted_at=None).get().share_percent == 100
    trade.pays(deal)
    assert sorted(amounts(partner=mine.partner)) == [("400.00", "approved"), ("600.00", "approved")]
    assert sound()


@pytest.mark.parametrize("settled", [False, True])
def test_a_refund_after_the_merge_takes_back_from_the_winner_what_the_loser_earned(trade, settled):
    trade.rule()
    mine = trade.member("referral", "mine")
    deal = trade.referred()
    trade.pays(deal)
    if settled:
        pay(include(EarningLine.objects.all(), by=SYSTEM, at=NOW), by=SYSTEM, at=NOW)
    loser = trade.member().partner
    merge(loser, mine.partner)
    trade.refunds(deal, "5000")
    first, back = EarningLine.objects.order_by("pk")
    assert (back.amount, back.partner, back.reverses) == (Decimal("-500.00"), mine.partner, first)
    assert first.partner == (loser if settled else mine.partner)
    assert balances(loser, mine.partner) == [Decimal(0), Decimal("-500.00" if settled else "500.00")]
    assert sound()


def test_an_open_dispute_is_answered_to_the_winner():
    acme, cobalt = payee("Acme"), payee("Cobalt")
    line = owe(cobalt, "100")
    EarningLine.objects.filter(pk=line.pk).update(dispute_until=None)
    line.refresh_from_db()
    one = dispute(line, Objection("No."), by=SYSTEM, at=NOW)
    merge(cobalt, acme)
    uphold(Dispute.objects.get(pk=one.pk), Verdict("Right.", Decimal(120)), by=SYSTEM, at=NOW)
    assert amounts(partner=acme) == [("100.00", "approved"), ("20.00", "approved")]
    assert sound()


def test_a_fee_of_the_one_is_corrected_by_a_report_of_the_other(trade):
    trade.rule("oem", kind="license_fee", direction="receivable", percent=None, amount=10, pay_currency="USD")
    theirs, mine = trade.member("oem"), trade.member("referral")
    loser = theirs.partner
    report_usage(theirs, Usage(date(2026, 10, 1), date(2026, 10, 31), 100), by=SYSTEM, at=NOW)
    invoice(EarningLine.objects.all(), by=SYSTEM, at=NOW)
    merge(loser, mine.partner)
    report_usage(
        ProgramMembership.objects.get(pk=theirs.pk), Usage(date(2026, 10, 1), date(2026, 10, 31), 80), by=SYSTEM, at=NOW
    )
    assert [(line.partner, line.amount) for line in EarningLine.objects.order_by("pk")] == [
        (loser, Decimal("1000.00")), (mine.partner, Decimal("-200.00")),
    ]  # fmt: skip
    assert sound()


def test_nothing_is_written_about_a_company_that_is_no_more():
    acme, cobalt = payee("Acme"), payee("Cobalt")
    merge(cobalt, acme)
    with pytest.raises(Stale):
        adjust(Adjustment(cobalt, Decimal(5), "USD", "Late"), by=SYSTEM, at=NOW)


def test_the_database_refuses_a_line_that_changes_hands_without_a_merge():
    acme, cobalt = payee("Acme"), payee("Cobalt")
    owe(cobalt, "100")
    with transaction.atomic():
        EarningLine.objects.update(partner=acme)
        with pytest.raises(DatabaseError):
            as_at_the_commit()
        transaction.set_rollback(True)


def test_verification_names_a_line_that_was_left_behind():
    acme, cobalt = payee("Acme"), payee("Cobalt")
    line = owe(cobalt, "100")
    Partner.objects.filter(pk=cobalt.pk).update(merged_into=acme)
    words = f"{line.reference} is left with {cobalt.reference}, which became part of another partner"
    assert words in earnings(SYSTEM, None, NOW)[1]


def test_people_of_the_winner_read_the_statements_of_before(client, cast):
    owe(cast.cobalt, "100")
    merge(cast.cobalt, cast.acme)
    client.force_login(cast.bo)
    where = f"/portal/earnings/statements/2026-10/?of={cast.cobalt.reference}"
    assert where in client.get("/portal/earnings/").content.decode()
    page = client.get(where).content.decode()
    assert ("$100.00" in page, cast.cobalt.name in page) == (True, True)
    assert client.get(f"/portal/earnings/statements/2026-10/csv/?of={cast.cobalt.reference}").status_code == 200
    client.force_login(cast.finn)
    assert client.get(f"/admin/partners/{cast.cobalt.reference}/earnings/statements/2026-10/").status_code == 200


def test_nobody_reads_the_statements_of_a_company_that_is_not_part_of_theirs(client, cast):
    owe(cast.cobalt, "100")
    client.force_login(cast.bo)
    assert client.get(f"/portal/earnings/statements/2026-10/?of={cast.cobalt.reference}").status_code == 404


def test_the_preview_tells_how_many_lines_move_and_moves_none():
    acme, cobalt = payee("Acme"), payee("Cobalt")
    owe(cobalt, "100"), owe(cobalt, "5")
    moved = partners.preview_merge(partners.Pair(cobalt, acme), at=NOW)
    assert (moved["earnings"], balances(cobalt, acme)) == (2, [Decimal("105.00"), Decimal(0)])
