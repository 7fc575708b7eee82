"""What an import writes, row by row, on an export small enough to read."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from core.models import Event, ExternalId
from crm.mapping import MappingError
from deals.models import Account, Opportunity, OpportunityPartner, Registration
from partners.models import Partner, Product, Program
from tests.factories import ProgramFactory, StaffFactory, TierFactory
from tiers.models import ProgramMembership

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


def deal(ext_id: str) -> Opportunity:
    return Opportunity.objects.get(pk=ExternalId.objects.get(resource="opportunity", ext_id=ext_id).object_id)


def claim(ext_id: str) -> Registration:
    return Registration.objects.exclude(status="withdrawn").get(opportunity=deal(ext_id))


def everything() -> list:
    models = (Product, Account, Partner, Opportunity, OpportunityPartner, Registration, ProgramMembership, ExternalId)
    return [list(model.objects.order_by("pk").values()) for model in models] + [Event.objects.count()]


def test_every_row_is_created_and_reported_with_its_line(export):
    done = export.run(at=AT)
    told = [(row["kind"], row["line"], row["external_id"], row["outcome"]) for row in done.rows]
    assert told == [
        ("products", 2, "Anvil", "created"),
        ("products", 3, "Bell", "created"),
        ("accounts", 2, "Initech Inc.", "created"),
        ("accounts", 3, "Umbrella", "created"),
        ("partners", 2, "Ann", "created"),
        ("partners", 3, "Bob", "created"),
        *(("opportunities", line, str(line - 1), "created") for line in (2, 3, 4, 5)),
    ]


def test_accounts_have_parents_keys_and_countries(export):
    done = export.run(at=AT)
    initech = Account.objects.get(name="Initech Inc.")
    assert (initech.normal_name, initech.domain, initech.country) == ("initech", "initech.com", "US")
    assert initech.parent.name == "Umbrella"
    assert [row["notes"] for row in done.rows if row["external_id"] == "Umbrella"] == [
        ["country 'Kenya' is no ISO code and not in values: left empty"]
    ]


def test_a_second_run_changes_nothing(export):
    export.run(at=AT)
    before = everything()
    again = export.run(at=datetime(2027, 5, 1, tzinfo=UTC))
    assert everything() == before
    assert {row["outcome"] for row in again.rows} == {"unchanged"}


def test_an_empty_installation_gets_a_program_and_every_partner_a_membership(export):
    export.run(at=AT)
    program = Program.objects.get()
    assert (program.name, program.currency, program.status) == ("Partner program", "USD", "active")
    found = ProgramMembership.objects.order_by("partner__name").values_list("partner__name", "starts_on", "program")
    assert list(found) == [("Ann", date(2026, 1, 2), program.pk), ("Bob", date(2026, 11, 23), program.pk)]


def test_the_first_active_program_is_used_with_its_entry_tier_and_terms(export):
    program = ProgramFactory(policy={"protection_days": 60, "grace_days": 10})
    TierFactory(program=program, rank=2)
    entry = TierFactory(program=program, rank=1)
    export.run(at=AT)
    assert set(ProgramMembership.objects.values_list("program", "tier")) == {(program.pk, entry.pk)}
    assert claim("1").terms == {
        "origin": "import", "program": program.key, "tier": entry.key, "protection_days": 60, "grace_days": 10,
        "amount_from": "opportunity",
    }  # fmt: skip
    assert claim("1").protection_expires_at == datetime(2026, 3, 4, tzinfo=UTC)
    assert claim("1").grace_until == datetime(2026, 3, 14, tzinfo=UTC)


def test_a_won_opportunity_was_registered_when_opened_and_closed_with_it(export):
    export.run(at=AT)
    won = claim("1")
    assert (won.status, won.partner.name, won.amount) == ("won", "Ann", Decimal(90))
    assert won.submitted_at == won.decided_at == datetime(2026, 1, 2, tzinfo=UTC)
    assert won.closed_at == datetime(2026, 2, 3, tzinfo=UTC)
    assert (won.account_name, won.domain, won.normal_name) == ("Initech Inc.", "initech.com", "initech")
    assert (won.decided_label, won.product.name) == ("CRM import", "Anvil")


def test_a_lost_opportunity_without_value_claims_the_list_price_and_says_so(export):
    export.run(at=AT)
    assert (deal("2").stage, deal("2").amount) == ("lost", Decimal(0))
    assert (claim("2").status, claim("2").amount) == ("lost", Decimal("20.50"))
    assert claim("2").terms["amount_from"] == "product.list_price"


def test_open_opportunities_lacking_something_are_listed_and_never_claimed(export):
    done = export.run(at=AT)
    notes = {row["external_id"]: row["notes"] for row in done.rows if row["kind"] == "opportunities"}
    assert notes == {
        "1": [],
        "2": [],
        "3": ["without amount: never attributed"],
        "4": [f"without {what}: never attributed" for what in ("opened_on", "account", "amount")],
    }
    assert Registration.objects.count() == 2


def test_partners_source_and_sell_their_opportunities(export):
    export.run(at=AT)
    found = OpportunityPartner.objects.order_by("opportunity__created_at", "opportunity_id", "role")
    assert {(str(r.partner), r.role, r.share_percent) for r in found} == {
        ("Ann", "sourcing", Decimal(100)), ("Ann", "selling", None),
        ("Bob", "sourcing", Decimal(100)), ("Bob", "selling", None),
    }  # fmt: skip
    assert found.count() == 8


def test_an_estimate_is_flagged_and_makes_an_open_claim_under_protection(export):
    export.mapping["estimate"] = {"amount": "product.list_price"}
    export.run(at=AT)
    assert (deal("3").amount, deal("3").amount_estimated) == (Decimal(100), True)
    assert (deal("4").amount, deal("4").amount_estimated) == (Decimal("20.50"), True)
    assert (deal("1").amount, deal("1").amount_estimated) == (Decimal(90), False)
    open_one = claim("3")
    assert (open_one.status, open_one.amount) == ("approved", Decimal(100))
    assert open_one.protection_expires_at == datetime(2026, 12, 31, tzinfo=UTC)


def test_protection_that_has_run_out_by_now_is_not_given_again(export):
    export.mapping["estimate"] = {"amount": "product.list_price"}
    export.run(at=datetime(2027, 1, 1, tzinfo=UTC))
    assert claim("3").status == "expired"


def test_our_own_people_are_no_partners_and_their_opportunities_are_direct(export):
    export.mapping["direct"] = {"region": ["West"]}
    done = export.run(at=AT)
    assert list(Partner.objects.values_list("name", flat=True)) == ["Ann"]
    assert (deal("4").metadata, deal("4").partners.count()) == ({"owner": "Bob"}, 0)
    assert deal("3").metadata == {}
    (row,) = (row for row in done.rows if row["external_id"] == "Bob")
    assert (row["outcome"], row["why"]) == ("skipped", "one of our own people: no partner")


def test_a_partner_that_turns_out_to_be_direct_loses_roles_and_claims(export):
    export.run(at=AT)
    export.mapping["direct"] = {"region": ["East"]}
    done = export.run(at=AT)
    ann = Partner.objects.get(name="Ann")
    assert (ann.is_direct, OpportunityPartner.objects.filter(partner=ann).count()) == (True, 0)
    assert set(Registration.objects.filter(partner=ann).values_list("status", flat=True)) == {"withdrawn"}
    assert {r["external_id"]: r["outcome"] for r in done.rows if r["kind"] == "opportunities"} == {
        "1": "updated", "2": "updated", "3": "updated", "4": "unchanged",
    }  # fmt: skip


def test_another_partner_in_the_crm_takes_over_roles_and_claim(export):
    export.run(at=AT)
    export.change("deals.csv", "1,Ann,Anvil", "1,Bob,Anvil")
    done = export.run(at=AT)
    assert next(r["outcome"] for r in done.rows if r["kind"] == "opportunities") == "updated"
    assert {str(row.partner) for row in deal("1").partners.all()} == {"Bob"}
    assert (claim("1").partner.name, claim("1").status) == ("Bob", "won")
    assert Registration.objects.filter(opportunity=deal("1"), status="withdrawn").get().partner.name == "Ann"
    export.change("deals.csv", "1,Bob,Anvil", "1,Ann,Anvil")
    export.run(at=AT)
    assert (claim("1").partner.name, claim("1").status) == ("Ann", "won")


def test_roles_that_people_gave_stay(export):
    export.run(at=AT)
    bob = Partner.objects.get(name="Bob")
    deal("1").partners.filter(role="selling").update(partner=bob, metadata={})
    export.run(at=AT)
    assert {(str(r.partner), r.role) for r in deal("1").partners.all()} == {("Ann", "sourcing"), ("Bob", "selling")}


def test_an_opportunity_that_closes_closes_its_claim_and_tells_both(export):
    export.mapping["estimate"] = {"amount": "product.list_price"}
    export.run(at=AT)
    export.change("deals.csv", "Open,10/1/2026,,", "Won,10/1/2026,11/20/2026,75")
    done = export.run(at=AT)
    assert {r["external_id"]: r["outcome"] for r in done.rows if r["kind"] == "opportunities"} == {
        "1": "unchanged", "2": "unchanged", "3": "updated", "4": "unchanged",
    }  # fmt: skip
    assert (deal("3").amount, deal("3").amount_estimated, deal("3").version) == (Decimal(75), False, 2)
    assert (claim("3").status, claim("3").closed_at) == ("won", datetime(2026, 11, 20, tzinfo=UTC))
    (event,) = Event.objects.filter(type="opportunity.updated")
    assert event.data["changes"] == {
        "stage": ["open", "won"], "closed_on": [None, "2026-11-20"], "amount": ["100.00", "75.00"],
    }  # fmt: skip
    assert Event.objects.get(type="deal_registration.won").data == {"changes": {"status": ["approved", "won"]}}


def test_an_opportunity_that_reopens_reopens_its_claim(export):
    export.mapping["estimate"] = {"amount": "product.list_price"}
    export.run(at=AT)
    export.change("deals.csv", "Won,1/2/2026,2/3/2026,90", "Open,1/2/2026,,")
    export.run(at=AT)
    assert (claim("1").status, claim("1").closed_at) == ("expired", None)


def test_registrations_can_be_left_out(export):
    export.mapping["registrations"] = "none"
    export.run(at=AT)
    assert Registration.objects.count() == 0
    assert set(OpportunityPartner.objects.values_list("role", "share_percent")) == {("selling", None)}


def test_a_manager_is_one_of_our_people_by_name(export):
    mona = StaffFactory(email="mona@northwind.example", name="Mona")
    export.run(at=AT)
    ann = Partner.objects.get(name="Ann")
    assert (ann.manager, ann.metadata, ann.status) == (mona, {"manager": "Mona"}, "active")


def test_a_manager_given_by_hand_stays(export):
    olga = StaffFactory(name="Olga")
    export.run(at=AT)
    Partner.objects.filter(name="Ann").update(manager=olga)
    export.run(at=AT)
    assert Partner.objects.get(name="Ann").manager == olga


def test_fields_the_mapping_does_not_name_are_left_alone(export):
    export.run(at=AT)
    Account.objects.filter(name="Umbrella").update(industry="zombies")
    export.change("accounts.csv", "Umbrella,,Kenya", "Umbrella,,DE")
    done = export.run(at=AT)
    assert done.of("accounts") == {"updated": 1, "unchanged": 1}
    umbrella = Account.objects.get(name="Umbrella")
    assert (umbrella.industry, umbrella.country) == ("zombies", "DE")


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("Won,1/2/2026,2/3/2026,90", "Won,1/2/2026,,90", "is won without a closing day"),
        ("Won,1/2/2026,2/3/2026,90", "Maybe,1/2/2026,2/3/2026,90", "stage is not in values and none of ours: 'Maybe'"),
        ("Won,1/2/2026,2/3/2026,90", ",1/2/2026,2/3/2026,90", "stage is empty"),
        ("2/3/2026,90", "13/13/2026,90", "closed is no day like %m/%d/%Y: '13/13/2026'"),
        ("2/3/2026,90", "2/3/2026,-5", "amount is negative: '-5'"),
        ("2/3/2026,90", "2/3/2026,١٢٣", "amount is no amount like 1234.50: '١٢٣'"),
        ("2/3/2026,90", "2/3/2026,1e2", "amount is no amount like 1234.50: '1e2'"),
        ("2/3/2026,90", '2/3/2026,"1,000.00"', "amount is no amount like 1234.50: '1,000.00'"),
        ("2/3/2026,90", "2/3/2026,NaN", "amount is no amount like 1234.50: 'NaN'"),
        ("2/3/2026,90", "2/3/2026,1.005", "amount is no amount like 1234.50: '1.005'"),
        ("2/3/2026,90", "2/3/2026,90,extra", "has 9 cells where the header has 8"),
        ("1,Ann,Anvil,Initech", "1,Zoe,Anvil,Initech", "partner 'Zoe' is unknown"),
        ("1,Ann,Anvil,Initech", ",Ann,Anvil,Initech", "id must hold 1 to 255 characters"),
        ("1,Ann,Anvil,Initech", "1\x00,Ann,Anvil,Initech", "holds a NUL character"),
    ],
)
def test_an_invalid_row_is_listed_with_its_reason_and_the_others_load(export, old, new, why):
    export.change("deals.csv", old, new)
    done = export.run(at=AT)
    assert done.complete
    assert done.of("opportunities") == {"created": 3, "invalid": 1}
    (row,) = (row for row in done.rows if row["outcome"] == "invalid")
    assert (row["line"], row["why"]) == (2, why)


def test_minus_zero_is_zero(export):
    export.change("deals.csv", "2/3/2026,90", "2/3/2026,-0.00")
    export.run(at=AT)
    assert str(deal("1").amount) == "0.00"


def test_what_the_database_alone_refuses_is_one_invalid_row(export):
    mona = StaffFactory(name="Mona")
    export.run(at=AT)
    Partner.objects.filter(name="Ann").update(manager=None, backup=mona)
    export.change("agents.csv", "Bob,West", "Bob,North")
    done = export.run(at=AT)
    assert done.of("partners") == {"invalid": 1, "updated": 1}
    (row,) = (row for row in done.rows if row["outcome"] == "invalid")
    assert row["why"].startswith("the database refuses it:")


def test_all_or_nothing_leaves_nothing_behind(export):
    export.change("deals.csv", "2/3/2026,90", "2/3/2026,x")
    done = export.run(at=AT, all_or_nothing=True)
    assert not done.complete
    assert everything() == [[]] * 8 + [0]
    assert Program.objects.count() == 0
    assert {row["outcome"] for row in done.rows} == {"rolled_back", "invalid"}


def test_all_or_nothing_loads_what_is_whole(export):
    assert export.run(at=AT, all_or_nothing=True).complete
    assert Opportunity.objects.count() == 4


def test_of_rows_with_one_id_the_last_is_kept(export):
    export.write("products.csv", "product,price\nAnvil,1\nBell,20.50\nAnvil,3\n")
    done = export.run(at=AT)
    assert Product.objects.get(sku="Anvil").list_price == Decimal(3)
    assert [(r["line"], r["outcome"], r["why"]) for r in done.rows if r["external_id"] == "Anvil"] == [
        (2, "skipped", "line 4 has the same id and was kept"),
        (4, "created", ""),
    ]


def test_parents_that_come_in_a_later_chunk_are_found(export, monkeypatch):
    monkeypatch.setattr("core.bulk.CHUNK", 1)
    monkeypatch.setattr("core.bulk.chunks.__defaults__", (1,))
    done = export.run(at=AT)
    assert Account.objects.get(name="Initech Inc.").parent.name == "Umbrella"
    assert done.of("accounts") == {"created": 2}
    assert export.run(at=AT).of("accounts") == {"unchanged": 2}


def test_an_unknown_parent_and_an_own_parent_are_left_out_and_listed(export):
    export.change("accounts.csv", "Initech Inc.,Umbrella", "Initech Inc.,Nobody")
    export.change("accounts.csv", "Umbrella,,Kenya", "Umbrella,Umbrella,KE")
    done = export.run(at=AT)
    assert Account.objects.filter(parent=None).count() == 2
    assert {r["external_id"]: r["notes"] for r in done.rows if r["kind"] == "accounts"} == {
        "Initech Inc.": ["its parent is unknown: left without"],
        "Umbrella": ["is its own parent: left without"],
    }


def test_every_chunk_tells_once_which_partners_it_touched(export):
    export.run(at=AT)
    told = [
        (e.data["resource"], len(e.data["partner_ids"]))
        for e in Event.objects.filter(type="batch.loaded").order_by("id")
    ]
    assert told == [("product", 0), ("account", 0), ("partner", 2), ("opportunity", 2)]


def test_text_from_outside_is_cleaned_and_formula_guards_are_taken_off(export):
    export.write("products.csv", 'product,price\nAnvil,100\nBell,20.50\n"\'=1+1\u202e",5\n')
    export.run(at=AT)
    assert Product.objects.get(list_price=5).name == "=1+1"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "accounts.csv: it is empty"),
        (
            b"account,country,site\n",
            "accounts.csv: files.accounts.fields.parent: there is no column 'parent'; there are account, country, site",
        ),
        (
            b"account,parent,country,site,site\n",
            "accounts.csv: files.accounts.fields.website: the column 'site' occurs twice",
        ),
        (b",".join(b"c%d" % n for n in range(10_000)), "accounts.csv: it has 10,000 columns, more than 1,000"),
    ],
)
def test_a_file_that_cannot_be_used_stops_everything_before_it_starts(export, content, problem):
    export.write("accounts.csv", content)
    with pytest.raises(MappingError) as refused:
        export.run(at=AT)
    assert str(refused.value) == problem
    assert everything() == [[]] * 8 + [0]


def test_a_header_alone_loads_no_row(export):
    export.mapping["files"] = {"products": export.mapping["files"]["products"]}
    export.mapping["registrations"] = "none"
    export.write("products.csv", "product,price\n")
    assert export.run(at=AT).rows == []
