"""Tiers in the API: reviews decided through memberships, benefits asked for, and what is refused with which words."""

from datetime import timedelta

import pytest

from core.clock import now
from tests.api.conftest import said
from tests.factories import AgreementFactory, MembershipFactory
from tests.tiers.conftest import acme, program  # noqa: F401 - fixtures
from tests.tiers.standing import closes, fresh, many, open_review, stands_on, tier
from tiers.models import BenefitRequest, ProgramMembership, TierReview

pytestmark = pytest.mark.django_db
ACTS = {
    "promote": {"reason": "x"}, "defer": {"reason": "x"}, "give_notice": {}, "demote": {"reason": "x"},
    "waive": {"reason": "x", "until": "2027-03-31"},
}  # fmt: skip


def act(client, member, name, **told):
    return client.post(f"program_memberships/{member.public_id}/{name}", told)


def below(member):
    stands_on(member, "Silver", 1, at=now())
    closes(member, at=now())
    return open_review(member)


def test_a_proposed_move_up_is_made(crm, acme):  # noqa: F811
    closes(acme, *many(1), at=now())
    assert act(crm, acme, "promote", reason="Good").status_code == 200
    assert fresh(acme).tier.name == "Silver"


def test_a_notice_and_a_waiver_are_given(crm, acme):  # noqa: F811
    review = below(acme)
    codes = [act(crm, acme, "give_notice").status_code, act(crm, acme, "waive", **_waiver()).status_code]
    review.refresh_from_db()
    assert (codes, review.status) == ([200, 200], "waived")


def _waiver() -> dict:
    return {"reason": "Their buyer changed", "until": (now() + timedelta(days=30)).date().isoformat()}


def test_a_key_moves_nobody_down(crm, acme):  # noqa: F811
    review = below(acme)
    TierReview.objects.filter(pk=review.pk).update(status="notice", notice_ends_at=now() - timedelta(days=1))
    assert said(act(crm, acme, "demote", reason="No deals")) == (403, "four_eyes_required")
    assert fresh(acme).tier.name == "Silver"


@pytest.mark.parametrize("name", ACTS)
def test_what_is_not_under_review_answers_409(crm, acme, name):  # noqa: F811
    assert said(act(crm, acme, name, **ACTS[name])) == (409, "illegal_transition")


@pytest.mark.parametrize("name", ACTS)
def test_in_another_state_a_decision_answers_409(crm, acme, name):  # noqa: F811
    below(acme)
    TierReview.objects.filter(membership=acme).exclude(status="promoted").update(status="at_risk")
    assert said(act(crm, acme, name, **ACTS[name])) == (409, "illegal_transition")


@pytest.mark.parametrize("name", ACTS)
def test_a_key_of_the_partner_decides_nothing_about_its_own_tier(acme_api, acme, name):  # noqa: F811
    below(acme)
    assert said(act(acme_api, acme, name, **ACTS[name]))[0] == 403
    assert fresh(acme).tier.name == "Silver"


# --- benefit requests


def ask(client, member, kind="joint_pr"):
    return client.post("benefit_requests", {"membership_id": member.public_id, "kind": kind, "wanted": "A press note"})


def on(member, name):
    ProgramMembership.objects.filter(pk=member.pk).update(tier=tier(name))
    return fresh(member)


def test_a_granted_benefit_is_asked_for_agreed_to_and_finished(crm, acme_api, acme):  # noqa: F811
    made = ask(acme_api, on(acme, "Gold")).json()
    path = f"benefit_requests/{made['id']}"
    agreed = crm.post(f"{path}/agree", {"outcome": "Gladly", "next_on": "2026-12-10"}).json()
    done = crm.post(f"{path}/finish", {"outcome": "Printed in May"}).json()
    assert (made["status"], agreed["status"], done["status"], done["outcome"]) == (
        "asked", "agreed", "done", "Printed in May",
    )  # fmt: skip


def test_a_benefit_that_is_not_granted_is_refused_with_the_tier_that_grants_it(acme_api, acme):  # noqa: F811
    answer = ask(acme_api, on(acme, "Silver"))
    assert said(answer) == (409, "not_granted")
    assert answer.json()["detail"] == "Joint press campaigns: granted from Gold on. The tier now is Silver."
    assert BenefitRequest.objects.count() == 0


@pytest.mark.parametrize("verb", ["agree", "decline", "finish"])
def test_a_key_of_the_partner_does_not_answer_itself(acme_api, acme, verb):  # noqa: F811
    made = ask(acme_api, on(acme, "Gold")).json()
    assert said(acme_api.post(f"benefit_requests/{made['id']}/{verb}", {"outcome": "Yes"}))[0] == 403


def test_a_membership_of_another_partner_is_not_found(acme_api, acme, program, cast):  # noqa: F811
    other = MembershipFactory(partner=cast.cobalt, program=program, tier=tier("Gold"))
    assert ask(acme_api, other).status_code in (400, 404)
    assert BenefitRequest.objects.count() == 0


def test_a_lead_is_not_offered_to_a_partner_whose_tier_gets_none(crm, acme):  # noqa: F811
    enquiry = {"account_name": "Fabrikam", "country": "PT", "contact": {"email": "ana@fabrikam.example"}}
    AgreementFactory(partner=acme.partner)
    made = crm.post("leads", enquiry).json()
    answer = crm.post(f"leads/{made['id']}/offer", {"partner_id": acme.partner.public_id})
    assert answer.status_code == 400
    assert "granted from Silver on. The tier now is Registered" in answer.content.decode()
