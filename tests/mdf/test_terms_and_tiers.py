"""Terms of market funds in a program's file and on their page; who is granted funds at all."""

import pytest
import yaml
from django.urls import reverse

from core import slots
from core.actor import SYSTEM
from core.errors import Refused
from core.models import Event
from mdf import services
from mdf.models import Allocation, FundTerms, Request
from mdf.particulars import Grant
from tests.deals.test_portal import signed_in
from tests.factories import NOW, ProgramFactory, TierFactory
from tests.mdf.conftest import Fund
from tiers.models import ProgramMembership

pytestmark = pytest.mark.django_db
TERMS = {"share_percent": 50, "share_by_tier": [{"tier": "gold", "percent": 60}], "return_multiple": 4, "pay_days": 14}


def section():
    return next(one for one in slots.ask("program_section", SYSTEM, at=NOW) if one.key == "market_funds")


class TestTerms:
    def test_what_is_written_is_read_again_to_the_letter(self):
        program = ProgramFactory()
        assert section().check(TERMS, {}) == []
        section().write(program, TERMS, by=SYSTEM, at=NOW)
        assert section().read(program) == TERMS
        first = yaml.safe_dump(section().read(program), sort_keys=False)
        other = ProgramFactory()
        section().write(other, yaml.safe_load(first), by=SYSTEM, at=NOW)
        assert yaml.safe_dump(section().read(other), sort_keys=False) == first

    def test_the_same_again_changes_nothing(self):
        program = ProgramFactory()
        for _n in range(2):
            section().write(program, TERMS, by=SYSTEM, at=NOW)
        assert Event.objects.filter(type="mdf_terms.set").count() == 1

    def test_a_program_without_terms_has_none_in_its_file(self):
        assert section().read(ProgramFactory()) == {}

    def test_what_is_wrong_is_told_with_its_key(self):
        faults = [(fault.path, fault.reason) for fault in section().check({"share_percent": "half"}, {})]
        assert [path for path, _reason in faults] == ["share_percent"]
        assert [fault.path for fault in section().check([1], {})] == [""]

    def test_the_page_saves_them_for_who_edits_programs(self, fund: Fund):
        address = reverse("admin:mdf_terms_verb", args=[fund.budget.program.key, "save"])
        sent = {"terms": yaml.safe_dump(TERMS)}
        assert signed_in(fund.cast.mona).post(address, sent).status_code == 403
        olga = signed_in(fund.cast.olga)
        assert olga.post(address, sent).status_code == 302
        assert FundTerms.objects.get(program=fund.budget.program).data == TERMS
        assert olga.post(address, {"terms": "nonsense: 1"}).status_code == 422
        assert olga.post(address, {"terms": ":"}).status_code == 422


@pytest.fixture
def governed(fund: Fund) -> Fund:
    """A program that grants market funds from Silver on; Acme is Registered."""
    program = fund.budget.program
    low = TierFactory(program=program, rank=101, name="Registered", benefits=[{"kind": "portal"}])
    TierFactory(program=program, rank=102, name="Silver", benefits=[{"kind": "co_marketing_budget"}])
    TierFactory(program=program, rank=104, name="Platinum", benefits=[{"kind": "mdf_allocation"}])
    ProgramMembership.objects.filter(pk=fund.membership.pk).update(tier=low)
    fund.membership.refresh_from_db()
    return fund


def promote(fund: Fund, name: str) -> None:
    tier = fund.budget.program.tiers.get(name=name)
    ProgramMembership.objects.filter(pk=fund.membership.pk).update(tier=tier)
    fund.membership.refresh_from_db()


WHY = "Funds from the co-marketing budget: granted from Silver on. The tier now is Registered."


class TestTiers:
    def test_who_is_not_granted_funds_does_not_ask(self, governed: Fund):
        draft = governed.draft()
        with pytest.raises(Refused) as refused:
            services.requests.submit(draft, by=governed.actor("bo"), at=NOW)
        assert (str(refused.value.reason), refused.value.code) == (WHY, "not_granted")

    @pytest.mark.parametrize("tier", ["Silver", "Platinum"])
    def test_either_benefit_lets_a_partner_ask(self, governed: Fund, tier: str):
        promote(governed, tier)
        request = Request.objects.get(pk=governed.draft().pk)
        assert services.requests.submit(request, by=governed.actor("bo"), at=NOW).status == "in_review"

    def test_who_is_not_granted_funds_gets_no_part_of_a_budget(self, governed: Fund):
        address = reverse("admin:mdf_budget_verb", args=[governed.budget.reference, "allocate"])
        sent = {"partner": governed.cast.acme.reference, "amount": "100"}
        answer = signed_in(governed.cast.olga).post(address, sent)
        assert (answer.status_code, answer.context["form"].errors["partner"]) == (422, [WHY])
        assert Allocation.objects.count() == 1

    @pytest.mark.parametrize("tier", ["Silver", "Platinum"])
    def test_with_the_tier_a_partner_gets_one(self, governed: Fund, tier: str):
        promote(governed, tier)
        budget, grant = governed.budget, Grant(governed.cast.acme, 100)
        services.budgets.allocate(budget, grant, by=governed.actor("olga"), at=NOW)
        assert Allocation.objects.count() == 2

    def test_what_is_approved_is_honoured_after_the_tier_is_lost(self, governed: Fund):
        promote(governed, "Silver")
        request = governed.approved()
        promote(governed, "Registered")
        assert governed.owed(request).approved_amount == 300
