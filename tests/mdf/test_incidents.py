"""Defects that others shipped, each by its id in the list of incidents: with market funds they can't happen here."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Value
from django.db.models.functions import Upper
from django.test import Client
from django.urls import reverse

from core import ledger
from core.errors import IllegalTransition, Refused
from core.models import Event, LedgerAccount, LedgerEntry
from core.scope import scope
from mdf import money, services
from mdf.enums import ActivityStatus, ClaimStatus, RequestStatus
from mdf.models import Activity, BudgetLine, Claim, InvoiceLine, Request
from mdf.particulars import Grant, Invoiced, Line, Sum, Words
from tests.api.conftest import Api, api_for, pointers, said
from tests.factories import NOW, MemberFactory, MembershipFactory, TierFactory
from tests.mdf.conftest import END, Fund, another, make_fund
from tests.mdf.test_api import FAIR, INVOICE, act, done, drafted, proofs
from tests.mdf.test_portal import signed_in, typed

pytestmark = pytest.mark.django_db
AFTER = datetime(2027, 3, 22, 12, tzinfo=UTC)  # the day after the last one for a claim
OURS = (
    "allocation", "request", "activity", "budgetline", "steptaken", "claim", "invoiceline", "proof", "payment",
    "budget", "budgetchange",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    """The day of the tests' plans at every door."""
    for door in ("core.doors", "core.api.frame"):
        monkeypatch.setattr(f"{door}.now", lambda: NOW)


@pytest.fixture
def rival(fund: Fund) -> Api:
    """Cobalt's key."""
    return api_for(fund.cast.cobalt)


@pytest.fixture
def bound(fund: Fund) -> Api:
    """Acme's key."""
    return api_for(fund.cast.acme)


@pytest.fixture
def cy(fund: Fund) -> Client:
    """A browser of Cobalt's."""
    return signed_in(fund.cast.cy)


def cobalts(fund: Fund, amount: str = "500.00") -> Fund:
    """Cobalt with funds of its own."""
    own = MembershipFactory(partner=fund.cast.cobalt, program=fund.membership.program)
    grant = Grant(fund.cast.cobalt, Decimal(amount))
    return Fund(
        fund.cast, own, fund.budget, services.budgets.allocate(fund.budget, grant, by=fund.actor("olga"), at=NOW)
    )


# --- isolation -------------------------------------------------------------------------------------------------------


def test_twenty_23597_whichever_way_it_was_made_another_partner_gets_no_row(fund, bound, rival, cy):
    """By form, by a key of the partner's, by the vendor on behalf, by the vendor's key."""
    signed_in(fund.cast.bo).post(reverse("portal:mdf_new"), typed())
    drafted(bound, fund)
    fund.draft(by="mona")
    drafted(api_for(), fund, partner_id=fund.cast.acme.public_id)
    fund.claimed(fund.approved())
    assert Request.objects.count() == 5
    for name in ("mdf_requests", "mdf_activities", "mdf_claims", "mdf_invoice_lines", "mdf_proofs", "mdf_allocations"):
        assert rival.get(f"{name}?include=count").json()["count"] == 0
        assert rival.get(f"{name}?updated_since=2020-01-01T00:00:00Z").json()["data"] == []
    shown = cy.get(reverse("portal:mdf"), {"q": "Harbour"}).content.decode()
    assert not any(request.reference in shown for request in Request.objects.all())
    with scope(fund.actor("cy")):
        assert [Request.objects.count(), Claim.objects.count(), LedgerEntry.objects.count()] == [0, 0, 0]


FIXED = {
    "status": "approved", "partner_id": "ptr_" + "0" * 32, "decision_reason": "Fine.", "steps": [], "steps_done": 1,
    "decided_at": "2026-12-01T00:00:00Z", "terms": {}, "due_at": None, "confirmed_at": None, "id": "mrq_" + "0" * 32,
    "currency": "EUR", "reference": "M-1", "version": 9, "membership_id": "mem_" + "0" * 32,
}  # fmt: skip


@pytest.mark.parametrize("field", FIXED)
def test_twenty_21471_what_the_vendor_keeps_no_partner_writes(fund, bound, field):
    path = drafted(bound, fund)
    before = bound.get(path).json()
    answer = bound.patch(path, {field: FIXED[field]}, version=before["version"])
    assert (said(answer), pointers(answer)) == ((400, "validation_failed"), [(f"/{field}", "read_only")])
    assert bound.get(path).json() == before


@pytest.mark.parametrize(
    "field", ["status", "approved_amount", "verdicts", "proofs", "claim_due_on", "tracking_code", "partner_id", "id"]
)
def test_twenty_21471_nor_within_an_activity(fund, bound, field):
    path = drafted(bound, fund)
    before = bound.get(path).json()
    answer = bound.patch(path, {"activities": [FAIR | {field: "1"}]}, version=before["version"])
    assert said(answer) == (400, "validation_failed")
    assert [pointer for pointer, _code in pointers(answer)] == [f"/activities/0/{field}"]
    assert bound.get(path).json() == before


def test_twenty_21816_the_walls_stand_in_the_database_from_the_first_migration_on(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relname = ANY(%s) AND relrowsecurity AND relforcerowsecurity",
            [[f"mdf_{name}" for name in OURS]],
        )
        assert {name for (name,) in cursor.fetchall()} == {f"mdf_{name}" for name in OURS}
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False,)


def test_mm_181_a_draft_saved_with_another_company_in_it_stays_where_it_is(fund, bound, rival):
    path = drafted(bound, fund)
    theirs = Request.objects.get()
    body = {"partner_id": fund.cast.cobalt.public_id, "title": "Mine now"}
    assert said(rival.patch(path, {"title": "Mine now"}, version=theirs.version)) == (404, "not_found")
    assert pointers(bound.patch(path, body, version=theirs.version)) == [("/partner_id", "read_only")]
    rows = {"rows": [{"id": theirs.public_id, "title": "Mine now"}]}
    results = rival.post("mdf_requests/batch/upsert", rows).json()["results"]
    assert [one["error"]["code"] for one in results] == ["not_found"]
    theirs.refresh_from_db()
    assert (theirs.partner, theirs.title) == (fund.cast.acme, "Spring")


def test_mm_181_a_form_sent_with_the_id_of_anothers_draft_writes_nothing_there(fund, cy):
    theirs = fund.draft()
    cobalts(fund)
    for name in ("mdf_draft", "mdf_new"):
        cy.post(reverse(f"portal:{name}"), typed(draft=str(theirs.pk), title="Mine now"))
    theirs.refresh_from_db()
    assert (theirs.partner, theirs.title, theirs.activities.get().title) == (fund.cast.acme, "Spring", "Harbour fair")
    assert {event.verb for event in Event.objects.filter(subject_id=theirs.pk)} == {"drafted"}


def test_mm_192_what_was_sent_does_not_move_either(fund, rival, cy):
    theirs = fund.sent()
    addresses = [
        reverse("portal:mdf_edit", args=[theirs.reference]),
        reverse("portal:mdf_request_verb", args=[theirs.reference, "withdraw"]),
    ]
    assert [cy.post(one, typed()).status_code for one in addresses] == [404, 404]
    assert said(rival.post(f"mdf_requests/{theirs.public_id}/withdraw", If_Match='"1"')) == (404, "not_found")
    theirs.refresh_from_db()
    assert (theirs.partner, theirs.status) == (fund.cast.acme, RequestStatus.IN_REVIEW)


def test_mm_191_a_claim_of_another_partner_is_not_there(fund, rival, cy):
    claim = fund.claimed(fund.approved())
    unknown = reverse("portal:mdf_claim", args=[claim.activity.request.reference, "C-ZZZZZ"])
    answers = [cy.get(address) for address in (claim.get_absolute_url(), unknown)]
    assert [one.status_code for one in answers] == [404, 404]
    known = rival.get(f"mdf_claims/{claim.public_id}").json() | {"request_id": ""}
    assert known == rival.get(f"mdf_claims/mcl_{'0' * 32}").json() | {"request_id": ""}


def test_mm_191_a_claim_is_not_found_under_a_request_of_ones_own(fund, cy):
    """The parent of the address is mine, the claim is not."""
    claim = fund.claimed(fund.approved())
    own = cobalts(fund).draft(by="cy")
    for end in ("", "edit/", "withdraw/"):
        address = reverse("portal:mdf_claim", args=[own.reference, claim.reference]) + end
        assert [cy.get(address, follow=True).status_code, cy.post(address).status_code] == [404, 404]


def test_mm_194_no_id_becomes_a_name_for_others(fund, bound, rival):
    request = fund.approved()
    claim, ids = fund.claimed(request), []
    for name, row in (("mdf_requests", request), ("mdf_claims", claim), ("mdf_allocations", fund.allocation)):
        results = rival.post(f"{name}/batch/read", {"rows": [{"id": row.public_id}]}).json()["results"]
        ids += [(one["error"]["code"], one["data"]) for one in results]
    assert ids == [("not_found", None)] * 3
    for question in (
        f"mdf_activities?request_id={request.public_id}", f"mdf_claims?activity_id={claim.activity.public_id}",
        f"mdf_requests?allocation_id={fund.allocation.public_id}", f"mdf_requests?partner_id={fund.cast.acme.public_id}",
        f"events?resource_id={request.public_id}",
    ):  # fmt: skip
        assert rival.get(question).json()["data"] == []
    code = request.activities.get().tracking_code
    assert (len(bound.get(f"mdf_activities?tracking_code={code}").json()["data"]), code) == (1, code)
    assert rival.get(f"mdf_activities?tracking_code={code}").json()["data"] == []


def test_mm_194_who_writes_an_invoice_is_not_told_that_another_company_has_it(fund, rival):
    """Only the vendor reads that a rival claims the same invoice; one's own double is named."""
    first = fund.claimed(fund.approved())
    line = first.invoice_lines.get()
    theirs = cobalts(fund)
    request = services.requests.submit(theirs.draft(by="cy"), by=fund.actor("cy"), at=NOW)
    activity = theirs.approve(request).activities.get()
    twin = {
        "supplier": line.supplier, "invoice_number": line.invoice_number, "invoice_date": "2027-01-20",
        "net_amount": "600.00", "currency": "USD",
    }  # fmt: skip
    body = {"activity_id": activity.public_id, "amount": "10.00", "invoice_lines": [twin]}
    told = done(rival.post("mdf_claims", body))
    assert "twin" not in told["invoice_lines"][0]
    kept = InvoiceLine.objects.get(claim__partner=fund.cast.cobalt)
    assert (kept.twin, kept.own_twin) == ("another company's claim", "")
    copy = Invoiced(line.supplier, line.invoice_number, END, line.net_amount, "USD")
    with scope(fund.actor("cy")):
        assert services.claims.twins_of(Claim(partner=fund.cast.cobalt), [copy]) == [(copy, kept.claim.reference)]
    services.claims.withdraw(kept.claim, by=fund.actor("cy"), at=NOW)
    with scope(fund.actor("cy")):
        assert services.claims.twins_of(Claim(partner=fund.cast.cobalt), [copy]) == []


@pytest.mark.parametrize("zero", [0, "0", "", None, "mac_0", "mac_" + "0" * 32])
def test_mm_182_nothing_is_made_under_a_parent_that_is_not_there(fund, rival, zero):
    answer = rival.post("mdf_claims", {"activity_id": zero, "amount": "1.00"})
    assert said(answer) == (400, "validation_failed")
    assert Claim.objects.count() == 0


def test_mm_182_nothing_is_made_under_a_parent_of_anothers(fund, rival, cy):
    request = fund.approved()
    activity, unknown = request.activities.get().public_id, f"mac_{'0' * 32}"
    answers = [rival.post("mdf_claims", {"activity_id": one, "amount": "1.00"}).json() for one in (activity, unknown)]
    assert [one["errors"] for one in answers] == [
        [{"pointer": "/activity_id", "code": "not_found", "detail": "There is no such record."}]
    ] * 2
    for name in ("mdf_claim_new", "mdf_claim_draft", "mdf_claim_sums", "mdf_claim_files"):
        assert cy.post(reverse(f"portal:{name}", args=[request.reference])).status_code == 404
    assert Claim.objects.count() == 0


def test_mm_182_a_line_of_anothers_budget_belongs_to_no_invoice_of_mine(fund, rival):
    theirs = fund.approved().activities.get().lines.first()
    own = cobalts(fund)
    request = own.approve(services.requests.submit(own.draft(by="cy"), by=fund.actor("cy"), at=NOW))
    rows = [INVOICE | {"budget_line_id": one} for one in (theirs.public_id, f"mbl_{'0' * 32}")]
    for row in rows:
        body = {"activity_id": request.activities.get().public_id, "amount": "1.00", "invoice_lines": [row]}
        assert pointers(rival.post("mdf_claims", body)) == [("/invoice_lines/0/budget_line_id", "not_found")]


def test_mm_182_nor_does_a_line_of_another_activity_of_ones_own(fund, bound):
    first, second = fund.approved().activities.get(), fund.approved().activities.get()
    row = INVOICE | {"budget_line_id": first.lines.first().public_id}
    body = {"activity_id": second.public_id, "amount": "1.00", "invoice_lines": [row]}
    assert [code for _pointer, code in pointers(bound.post("mdf_claims", body))] == ["refused"]
    assert Claim.objects.count() == 0


def test_mm_182_funds_of_another_partner_or_program_are_drawn_on_by_no_request(fund, bound, cast):
    foreign = cobalts(fund).allocation
    elsewhere = make_fund(cast).allocation  # Acme's own, of another program
    tries = [(foreign, "not_found"), (elsewhere, "refused")]
    for allocation, code in tries:
        body = {"allocation_id": allocation.public_id, "membership_id": fund.membership.public_id}
        assert pointers(bound.post("mdf_requests", body)) == [("/allocation_id", code)]
    assert Request.objects.count() == 0


@pytest.mark.fresh
def test_espo_530_what_happened_with_a_partners_money_is_told_to_nobody_else(fund, bound, rival):
    fund.pay(fund.owed(fund.approved()), "300.00")
    own = {one["type"] for one in bound.get("events?limit=1000").json()["data"]}
    assert own >= {"mdf_request.approved", "mdf_claim.approved", "mdf_payment.sent"}
    types = [one["type"] for one in rival.get("events?limit=1000").json()["data"]]
    assert [kind for kind in types if kind.startswith("mdf_")] == []
    budgets = [one["type"] for one in bound.get("events?limit=1000").json()["data"] if "budget" in one["type"]]
    assert budgets == []


@pytest.mark.parametrize(("who", "may"), [("bo", True), ("vic", False)])
def test_espo_3269_a_button_is_there_for_who_may_press_it_alone(fund, who, may):
    user = fund.cast.bo if who == "bo" else MemberFactory(partner=fund.cast.acme, role="viewer").user
    request = fund.sent()
    client, address = signed_in(user), reverse("portal:mdf_request_verb", args=[request.reference, "withdraw"])
    shown = client.get(request.get_absolute_url()).content.decode()
    assert (address in shown) == may
    assert (client.post(address).status_code == 302) == may


def test_complinks_187_sums_are_of_the_partners_own_rows(fund, bound, rival):
    fund.approved()
    theirs = cobalts(fund, "200.00")
    (own,) = rival.get("mdf_allocations").json()["data"]
    assert (own["id"], own["remaining"], own["approved"]) == (theirs.allocation.public_id, "200.00", "0.00")
    (acmes,) = bound.get("mdf_allocations").json()["data"]
    assert (acmes["remaining"], acmes["approved"]) == ("2700.00", "300.00")
    with scope(fund.actor("cy")):
        assert {account.partner_id for account in LedgerAccount.objects.all()} == {fund.cast.cobalt.pk}


# --- money -----------------------------------------------------------------------------------------------------------


def part(fund: Fund, activity: Activity, amount: str, *, send: bool = True) -> Claim:
    claim = services.claims.draft(fund.claim_plan(activity, amount), by=fund.actor("bo"), at=NOW)
    return services.claims.submit(claim, by=fund.actor("bo"), at=NOW) if send else claim


def owe(fund: Fund, claim: Claim) -> Claim:
    return services.claims.approve(claim, fund.looks(claim), by=fund.actor("mona"), at=NOW)


def test_liferay_3887_a_second_claim_for_the_same_activity_is_sent_and_both_are_owed(fund):
    activity = fund.approved().activities.get()
    owed = [owe(fund, part(fund, activity, amount)) for amount in ("100.00", "150.00")]
    assert [claim.approved_amount for claim in owed] == [100, 150]
    assert money.balance(money.RESERVED, activity).amount == 50


def test_liferay_3887_of_two_claims_one_can_still_be_edited(fund):
    activity = fund.approved().activities.get()
    first, second = (part(fund, activity, "100.00", send=False) for _n in range(2))
    services.claims.write(first, fund.claim_plan(activity, "120.00"), by=fund.actor("bo"), at=NOW)
    assert sorted(Claim.objects.values_list("amount", flat=True)) == [100, 120]
    assert second.invoice_lines.count() == 1


def test_liferay_3887_a_claim_edited_until_it_has_no_invoice_is_not_sent(fund, bound):
    activity = fund.approved().activities.get()
    claim = part(fund, activity, "100.00", send=False)
    path = f"mdf_claims/{claim.public_id}"
    done(bound.patch(path, {"invoice_lines": []}, version=bound.get(path).json()["version"]))
    answer = act(bound, path, "submit")
    assert (said(answer), answer.json()["detail"]) == ((409, "rule"), "Add at least one invoice.")


def test_liferay_3887_a_claim_that_was_declined_and_edited_needs_its_invoice_again(fund):
    activity = fund.approved().activities.get()
    claim = services.claims.reject(part(fund, activity, "100.00"), Words("Illegible."), by=fund.actor("mona"), at=NOW)
    bare = replace(fund.claim_plan(activity, "100.00"), invoices=())
    claim = services.claims.write(claim, bare, by=fund.actor("bo"), at=NOW)
    with pytest.raises(Refused, match="Add at least one invoice"):
        services.claims.submit(claim, by=fund.actor("bo"), at=NOW)


def test_liferay_3887_a_draft_that_was_dropped_is_in_nobodys_way(cast):
    fund = make_fund(cast, claims_per_activity=1)
    activity = fund.approved().activities.get()
    services.claims.withdraw(part(fund, activity, "100.00", send=False), by=fund.actor("bo"), at=NOW)
    assert owe(fund, part(fund, activity, "300.00")).status == ClaimStatus.PAYABLE


def test_liferay_3711_an_activity_with_many_lines_is_claimed_line_by_line(fund, bound):
    lines = tuple(Line(f"Part {n}", Decimal(100)) for n in range(10))
    activity = fund.approved(another(lines=lines)).activities.get()
    rows = [
        INVOICE | {"invoice_number": f"I-{line.place}", "net_amount": "60.00", "budget_line_id": line.public_id}
        for line in activity.lines.order_by("place")
    ]
    shown = proofs(bound.get(f"mdf_activities/{activity.public_id}").json())
    body = {"activity_id": activity.public_id, "amount": "300.00", "invoice_lines": rows, "proofs": shown}
    path = f"mdf_claims/{done(bound.post('mdf_claims', body))['id']}"
    assert done(act(bound, path, "submit"))["status"] == "in_review"
    claim = owe(fund, Claim.objects.get())
    assert (claim.accepted_cost, claim.approved_amount) == (600, 300)


def test_liferay_3900_a_draft_that_is_saved_again_loses_no_line(fund, bound):
    lines = [{"label": f"Part {n}", "cost": "100.00"} for n in range(10)]
    path = drafted(bound, fund, FAIR | {"lines": lines})
    told = bound.get(path).json()
    again = done(bound.patch(path, {"title": "Spring fair"}, version=told["version"]))
    kept = [{"label": line["label"], "cost": line["cost"]} for line in again["activities"][0]["lines"]]
    assert (again["title"], kept, BudgetLine.objects.count()) == ("Spring fair", lines, 10)


def test_liferay_3900_nor_does_the_form(fund):
    bo = signed_in(fund.cast.bo)
    lines = {
        f"activity0-line{n}-{name}": f"{word}{n}"
        for n in range(3)
        for name, word in (("label", "Part "), ("cost", "10"))
    }
    form = typed(**lines, **{"activity0-line": ["0", "1", "2"], "activity0-total_cost": ""})
    for name in ("mdf_draft", "mdf_draft", "mdf_new"):
        bo.post(reverse(f"portal:{name}"), form)
    told = Activity.objects.get().lines.order_by("place").values_list("label", "cost")
    assert list(told) == [("Part 0", 100), ("Part 1", 101), ("Part 2", 102)]


def test_liferay_5400_share_and_sum_are_the_servers_by_the_tier_at_approval(cast):
    fund = make_fund(cast, share_percent=30, share_by_tier=[{"tier": "gold", "percent": 50}])
    gold = TierFactory(key="gold")
    type(fund.membership).objects.filter(pk=fund.membership.pk).update(tier=gold)
    fund.membership.refresh_from_db()
    request = fund.approved()
    type(fund.membership).objects.filter(pk=fund.membership.pk).update(tier=None)
    claim = owe(fund, fund.claimed(Request.objects.get(pk=request.pk), "300.00", "500.00"))
    assert claim.arithmetic == {
        "claimed": "300.00", "approved_left": "300.00", "share_percent": "50", "accepted_cost": "500.00",
        "share": "250.00", "payable": "250.00", "currency": "USD",
    }  # fmt: skip


def test_liferay_5400_no_sum_of_the_partners_is_believed(fund, bound):
    activity = fund.approved().activities.get()
    for field in ("approved_amount", "accepted_cost", "arithmetic"):
        body = {"activity_id": activity.public_id, "amount": "1.00", field: "900.00"}
        assert pointers(bound.post("mdf_claims", body)) == [(f"/{field}", "read_only")]
    for field in ("cost", "rate", "status"):
        row = {"activity_id": activity.public_id, "amount": "1.00", "invoice_lines": [INVOICE | {field: "1"}]}
        assert pointers(bound.post("mdf_claims", row)) == [(f"/invoice_lines/0/{field}", "read_only")]


def test_the_same_invoice_in_a_second_claim_is_flagged(fund):
    activity = fund.approved().activities.get()
    plan = fund.claim_plan(activity, "100.00")
    first, second = (services.claims.draft(plan, by=fund.actor("bo"), at=NOW) for _n in range(2))
    assert second.invoice_lines.get().own_twin == first.reference


def test_the_same_invoice_twice_in_one_claim_is_flagged(fund):
    activity = fund.approved().activities.get()
    plan = fund.claim_plan(activity, "100.00")
    twice = replace(plan, invoices=[*plan.invoices, *plan.invoices])
    claim = services.claims.draft(twice, by=fund.actor("bo"), at=NOW)
    assert sorted(row.own_twin for row in claim.invoice_lines.all()) == ["", claim.reference]


def test_the_same_money_is_never_owed_twice_by_two_claims(fund):
    activity = fund.approved().activities.get()
    claims = [part(fund, activity, "300.00") for _n in range(2)]
    owe(fund, claims[0])
    with pytest.raises(Refused, match="Nothing can be paid"):
        owe(fund, claims[1])


def paid(fund: Fund) -> Claim:
    claim = fund.owed(fund.approved())
    fund.pay(claim, "300.00")
    return Claim.objects.get(pk=claim.pk)


def test_oca_555_what_is_taken_back_comes_back_with_the_opposite_sign(fund):
    claim = paid(fund)
    services.payments.claw_back(claim, Words("It never took place."), by=fund.actor("finn"), at=NOW)
    legs = LedgerEntry.objects.filter(transaction__event__type="mdf_claim.clawed_back").order_by("amount")
    assert [leg.amount for leg in legs] == [-300, 300]
    assert (fund.free(), money.balance(money.PAID, claim).amount, ledger.wrong()) == (3000, 0, [])


def test_dub_2777_a_paid_claim_is_written_and_decided_no_more(fund):
    claim = paid(fund)
    with pytest.raises(Refused):
        services.claims.write(claim, fund.claim_plan(claim.activity, "1.00"), by=fund.actor("bo"), at=NOW)
    for step in (services.claims.withdraw, services.claims.submit):
        with pytest.raises(Refused):
            step(claim, by=fund.actor("bo"), at=NOW)
    with pytest.raises(IllegalTransition):
        services.claims.approve(claim, fund.looks(claim), by=fund.actor("mona"), at=NOW)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE core_ledgerentry SET amount = amount + 1 WHERE account_id IN (SELECT id FROM core_ledgeraccount WHERE kind LIKE 'mdf.%')",
        "DELETE FROM core_ledgerentry WHERE account_id IN (SELECT id FROM core_ledgeraccount WHERE kind LIKE 'mdf.%')",
        "UPDATE core_ledgeraccount SET balance = 0 WHERE kind = 'mdf.paid'",
        "UPDATE core_ledgeraccount SET floor = NULL WHERE kind = 'mdf.available'",
        "DELETE FROM core_ledgertransaction",
    ],
)
def test_dub_2777_the_applications_own_user_edits_no_row_of_the_ledger(fund, sql):
    paid(fund)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_dub_4371_taking_back_needs_a_reason_and_another_person_than_who_decided(fund):
    claim = paid(fund)
    with pytest.raises(Refused, match="Say why"):
        services.payments.claw_back(claim, Words(""), by=fund.actor("finn"), at=NOW)
    with pytest.raises(DatabaseError), transaction.atomic():
        Claim.objects.filter(pk=claim.pk).update(approved_amount=Decimal("-1.00"))


def test_erpnext_57502_what_comes_back_goes_to_the_funds_it_came_from(fund):
    """Also when the request draws on other funds since."""
    claim, other = paid(fund), cobalts(fund)
    plan = replace(fund.plan(), allocation=other.allocation)
    with pytest.raises(Refused):
        services.requests.write(claim.activity.request, plan, by=fund.actor("bo"), at=NOW)
    services.payments.claw_back(claim, Words("Called off."), by=fund.actor("finn"), at=NOW)
    assert (fund.free(), other.free()) == (3000, 500)


# --- what was found beside them ------------------------------------------------------------------------------------


def test_nothing_is_claimed_of_a_part_that_the_partner_has_not_accepted(fund):
    request = fund.approve(fund.sent(), amounts={0: "150.00"})
    with pytest.raises(Refused, match="Nothing can be claimed"):
        fund.claimed(request, "150.00")
    services.requests.withdraw(request, by=fund.actor("bo"), at=NOW)
    assert request.activities.get().status == ActivityStatus.RELEASED
    with pytest.raises(Refused, match="Nothing can be claimed"):
        fund.claimed(request, "150.00")


def test_the_yes_of_a_first_step_opens_no_claim(cast):
    fund = make_fund(cast, second_step_from=200)
    request = fund.approve(fund.sent())
    assert request.status == RequestStatus.IN_REVIEW
    with pytest.raises(Refused, match="Nothing can be claimed"):
        fund.claimed(request)
    services.deciding.reject(request, Words("Not now."), by=fund.actor("olga"), at=NOW)
    assert request.activities.get().status == ActivityStatus.ASKED


def test_money_of_a_declined_claim_waits_as_long_as_it_may_be_sent_again(fund):
    activity = fund.approved().activities.get()
    late, after = AFTER - timedelta(days=8), AFTER
    claim = services.claims.reject(part(fund, activity, "300.00"), Words("Illegible."), by=fund.actor("mona"), at=late)
    services.executing.lapse(activity, at=after)
    assert money.balance(money.RESERVED, activity).amount == 300
    claim = services.claims.submit(claim, by=fund.actor("bo"), at=after)
    assert claim.status == ClaimStatus.IN_REVIEW
    services.claims.withdraw(claim, by=fund.actor("bo"), at=after)
    assert (money.balance(money.RESERVED, activity).amount, fund.free()) == (0, 3000)


def test_what_is_left_after_a_late_decision_is_free_again(fund):
    activity = fund.approved().activities.get()
    claim, after = part(fund, activity, "100.00"), AFTER
    services.executing.lapse(activity, at=after)
    services.claims.approve(claim, fund.looks(claim), by=fund.actor("mona"), at=after)
    assert (money.balance(money.RESERVED, activity).amount, fund.free()) == (0, 2900)


def test_a_closed_budget_gives_no_more(fund):
    services.budgets.close_budget(fund.budget, by=fund.actor("olga"), at=NOW)
    fund.allocation.refresh_from_db()
    with pytest.raises(Refused, match="Only an open budget"):
        services.budgets.raise_allocation(fund.allocation, Sum(Decimal(1)), by=fund.actor("olga"), at=NOW)
    services.budgets.raise_allocation(fund.allocation, Sum(Decimal(-1)), by=fund.actor("olga"), at=NOW)


def test_the_same_invoice_is_found_by_an_index_and_all_of_a_claim_by_one_statement(fund, django_assert_num_queries):
    request = fund.approved()
    claim = fund.claimed(request, "100.00")
    line = claim.invoice_lines.get()
    told = [Invoiced(line.supplier.upper(), line.invoice_number.lower(), END, line.net_amount, "USD")]
    told += [Invoiced("Other", f"N-{n}", END, Decimal(10), "USD") for n in range(5)]
    other = Claim(partner=fund.cast.acme)
    with django_assert_num_queries(1):
        assert services.claims.twins_of(other, told) == [(told[0], claim.reference)]
    rows = InvoiceLine.objects.filter(named=Upper(Value("Fair & Co\nF-1")))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        assert "mdf_invoice_named" in rows.explain()
