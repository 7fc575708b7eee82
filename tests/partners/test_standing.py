"""A partner's life: its moves, who may make them, and what each one brings."""

from datetime import UTC, date, datetime, timedelta

import pytest

from core.actor import SYSTEM
from core.errors import Forbidden, IllegalTransition, Refused, Stale
from core.models import Event
from core.workflow import illegal_moves
from partners import activity, services
from partners.enums import PartnerStatus
from partners.models import AgreementText, ApiKey, Invitation, Member, Offboarding, OnboardingAction, Partner
from partners.particulars import Because, Click, Leaving, Terms, Words
from partners.workflow import PARTNER
from tests.factories import (
    NOW,
    AgreementFactory,
    ApiKeyFactory,
    InvitationFactory,
    MembershipFactory,
    PartnerFactory,
    ProgramFactory,
)

WHY = Because("risk", "A court case.")
P = PartnerStatus


def told(partner, verb: str) -> list[dict]:
    return list(Event.objects.filter(subject_id=partner.pk, type=f"partner.{verb}").values_list("data", flat=True))


def fresh(partner: Partner) -> Partner:
    return Partner.objects.get(pk=partner.pk)


# --- up to work -------------------------------------------------------------------------------------------------------


def test_the_way_from_candidate_to_approved(cast):
    partner, mona = PartnerFactory(status=P.CANDIDATE), cast.actor("mona")
    services.reach_out(partner, by=mona, at=NOW)
    services.evaluate(partner, by=mona, at=NOW)
    services.approve(partner, by=mona, at=NOW)
    assert (partner.status, partner.joined_on) == (P.APPROVED, NOW.date())


def test_an_evaluated_candidate_is_put_off_and_taken_up_again_or_declined(cast):
    partner, mona = PartnerFactory(status=P.EVALUATING), cast.actor("mona")
    services.nurture(partner, Because("not_now", "Next year."), by=mona, at=NOW)
    services.evaluate(partner, by=mona, at=NOW)
    services.decline(partner, Because("no_fit", "Other customers."), by=mona, at=NOW)
    assert (partner.status, told(partner, "declined")[0]["reason"]) == (P.DECLINED, "no_fit")


@pytest.mark.parametrize(("state", "step"), illegal_moves(PARTNER, PartnerStatus.values), ids=str)
def test_what_the_table_does_not_name_is_refused(state, step):
    refusal = PARTNER.refusal(Partner(status=state), step, by=SYSTEM, at=NOW)
    assert type(refusal) is IllegalTransition


@pytest.mark.parametrize("who", ["ada", "bo", "mark", "finn", "eve", "root"])
def test_only_channel_managers_and_operations_approve_and_suspend(cast, who):
    actor = cast.actor(who)
    for service, partner, more in (
        (services.approve, PartnerFactory(status=P.EVALUATING), ()),
        (services.suspend, cast.acme, (WHY,)),
    ):
        before = partner.status
        with pytest.raises(Forbidden):
            service(partner, *more, by=actor, at=NOW)
        assert fresh(partner).status == before


@pytest.mark.parametrize("who", ["bo", "mona", "mark", "finn", "eve", "root"])
def test_only_operations_begin_an_offboarding(cast, who):
    with pytest.raises(Forbidden):
        services.offboard(cast.acme, Leaving(NOW.date(), "other", "x"), by=cast.actor(who), at=NOW)
    assert fresh(cast.acme).status == P.ACTIVE


# --- suspension -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [(P.ONBOARDING, P.ONBOARDING), (P.ACTIVE, P.ACTIVE), (P.INACTIVE, P.ACTIVE)],
)
def test_a_suspended_partner_comes_back_to_where_it_was(cast, before, after):
    """One that was inactive counts as active until the next look at its business."""
    partner, mona = PartnerFactory(status=before), cast.actor("mona")
    services.suspend(partner, WHY, by=mona, at=NOW)
    assert (partner.status, told(partner, "suspended")[0]["text"]) == (P.SUSPENDED, "A court case.")
    services.resume(partner, by=mona, at=NOW)
    assert (partner.status, partner.suspended_from) == (after, "")


def test_two_who_suspend_at_once_do_it_once(cast):
    twin = fresh(cast.acme)
    services.suspend(cast.acme, WHY, by=cast.actor("mona"), at=NOW)
    with pytest.raises(Stale):
        services.suspend(twin, WHY, by=cast.actor("olga"), at=NOW)
    assert len(told(cast.acme, "suspended")) == 1


# --- terms and onboarding ---------------------------------------------------------------------------------------------


@pytest.fixture
def terms(db) -> AgreementText:
    return services.publish_text(Terms("main", "Partner agreement", "1", "One.\n\nTwo."), by=SYSTEM, at=NOW)


@pytest.fixture
def newcomer(cast, terms) -> Partner:
    """An approved reseller whose admin is Bo's twin."""
    cast.acme.status = P.APPROVED
    Partner.objects.filter(pk=cast.acme.pk).update(status=P.APPROVED)
    MembershipFactory(partner=cast.acme, partner_type="referral")
    return fresh(cast.acme)


def test_the_partners_admin_accepts_the_terms_and_the_onboarding_begins(cast, newcomer, terms):
    agreement = services.sign(newcomer, Click(terms, "192.0.2.7"), by=cast.actor("bo"), at=NOW)
    kept = (agreement.text_version, agreement.signed_by, agreement.signer_id, agreement.signed_at, agreement.ip)
    assert kept == ("1", "Bo", cast.bo.pk, NOW, "192.0.2.7")
    assert newcomer.status == P.ONBOARDING
    lines = OnboardingAction.objects.filter(partner=newcomer).order_by("place").values_list("key", "status")
    assert list(lines) == [
        ("terms", "completed"), ("profile", "pending"), ("colleague", "completed"), ("first_deal", "pending"),
    ]  # fmt: skip


@pytest.mark.parametrize("who", ["ada", "mona", "olga"])
def test_nobody_but_the_partners_admin_accepts_terms_by_a_click(cast, newcomer, terms, who):
    with pytest.raises(Forbidden):
        services.sign(newcomer, Click(terms), by=cast.actor(who), at=NOW)
    assert newcomer.agreements.count() == 0


def test_terms_are_accepted_once(cast, newcomer, terms):
    services.sign(newcomer, Click(terms), by=cast.actor("bo"), at=NOW)
    with pytest.raises(Stale):
        services.sign(newcomer, Click(terms), by=cast.actor("bo"), at=NOW)


def test_a_new_version_asks_again_and_the_old_one_can_not_be_accepted_any_more(cast, newcomer, terms):
    from partners import terms as owed  # noqa: PLC0415 - the fixture has the module's name

    services.sign(newcomer, Click(terms), by=cast.actor("bo"), at=NOW)
    assert owed.outstanding(newcomer, NOW) == []
    second = services.publish_text(Terms("main", "Partner agreement", "2", "New."), by=cast.actor("olga"), at=NOW)
    assert owed.outstanding(newcomer, NOW) == [second]
    with pytest.raises(Refused) as refused:
        services.sign(newcomer, Click(terms), by=cast.actor("bo"), at=NOW)
    assert refused.value.code == "terms_changed"


def test_terms_of_another_program_or_type_concern_nobody_else(cast, newcomer):
    from partners import terms as owed  # noqa: PLC0415

    AgreementText.objects.all().delete()
    other = ProgramFactory()
    for key, program, kind in (("a", other, ""), ("b", None, "oem"), ("c", None, "referral")):
        services.publish_text(Terms(key, key.upper(), "1", "x", program, kind), by=SYSTEM, at=NOW)
    assert [text.key for text in owed.in_force(newcomer, NOW)] == ["c"]


def test_what_was_signed_on_paper_under_the_same_title_and_version_counts(cast, newcomer, terms):
    from partners import terms as owed  # noqa: PLC0415

    AgreementFactory(partner=newcomer, title="Partner agreement", text_version="1")
    assert owed.outstanding(newcomer, NOW) == []


def started(cast, newcomer, terms, kind: str = "referral") -> dict[str, OnboardingAction]:
    newcomer.program_memberships.update(partner_type=kind)
    services.sign(newcomer, Click(terms), by=cast.actor("bo"), at=NOW)
    return {
        action.key: action for action in OnboardingAction.objects.filter(partner=newcomer).select_related("partner")
    }


def test_the_checklist_ends_when_the_required_lines_are_done_and_the_partner_is_active(cast, newcomer, terms):
    started(cast, newcomer, terms)
    Partner.objects.filter(pk=newcomer.pk).update(website="acme.example", country="PT", description="Sells.")
    Event.objects.create(
        type="deal_registration.submitted", subject_type="deal_registration", subject_id=newcomer.pk,
        subject_public_id="x", partner_id=newcomer.pk, at=NOW, actor_kind="partner", actor_label="Ada",
    )  # fmt: skip
    partner = fresh(newcomer)
    services.settle(partner, at=NOW)
    services.settle(partner, at=NOW)
    assert (partner.status, len(told(partner, "onboarding_completed"))) == (P.ACTIVE, 1)


def test_a_document_is_sent_looked_at_sent_back_and_approved(cast, newcomer, terms, settings, tmp_path):
    from core.files import Clean  # noqa: PLC0415
    from partners.particulars import Handed  # noqa: PLC0415

    settings.FILES_ROOT = tmp_path
    line = started(cast, newcomer, terms, "reseller")["tax_form"]
    handed = Handed("Here.", (Clean("w9.pdf", "application/pdf", b"%PDF", "0" * 64),))
    with pytest.raises(Refused) as refused:
        services.hand_in(line, Handed("Nothing."), by=cast.actor("bo"), at=NOW)
    assert refused.value.field == "document"
    services.hand_in(line, handed, by=cast.actor("ada"), at=NOW)
    assert (line.status, line.due_at) == ("waiting", datetime(2026, 11, 25, 17, tzinfo=UTC))
    services.send_back(line, Words("The page is cut."), by=cast.actor("mona"), at=NOW)
    assert (line.status, line.answer) == ("action_required", "The page is cut.")
    services.hand_in(line, handed, by=cast.actor("bo"), at=NOW)
    services.approve_action(line, by=cast.actor("olga"), at=NOW)
    assert (line.status, line.decided_by, line.closed_at) == ("completed", cast.olga, NOW)


def test_only_the_channel_manager_and_operations_skip_a_line(cast, newcomer, terms):
    line = started(cast, newcomer, terms)["first_deal"]
    for who in ("bo", "mark", "finn", "eve", "root"):
        with pytest.raises(Forbidden):
            services.skip_action(line, Words("x"), by=cast.actor(who), at=NOW)
    services.skip_action(line, Words("Comes from another program."), by=cast.actor("mona"), at=NOW)
    assert (line.status, line.answer) == ("skipped", "Comes from another program.")


# --- leaving ----------------------------------------------------------------------------------------------------------

LAST_DAY = date(2026, 12, 31)


def leaving(cast, **more) -> Partner:
    plan = Leaving(**{"effective_on": LAST_DAY, "reason": "own_wish", "text": "They stop."} | more)
    services.offboard(cast.acme, plan, by=cast.actor("olga"), at=NOW)
    return cast.acme


def test_an_offboarding_has_a_plan_and_a_day(cast):
    partner = leaving(cast)
    plan = Offboarding.objects.get(partner=partner)
    assert (partner.status, plan.effective_on, plan.deals, plan.leads) == (P.OFFBOARDING, LAST_DAY, "keep", "recall")


def test_it_leaves_when_its_last_day_is_over_to_the_microsecond(cast):
    Partner.objects.filter(pk=cast.acme.pk).update(time_zone="Asia/Kathmandu")
    cast.acme.refresh_from_db()
    partner = leaving(cast)
    midnight = datetime(2026, 12, 31, 18, 15, tzinfo=UTC)
    with pytest.raises(Refused):
        services.leave(partner, by=SYSTEM, at=midnight - timedelta(microseconds=1))
    services.leave(partner, by=SYSTEM, at=midnight)
    assert partner.status == P.OFFBOARDED


def test_it_does_not_leave_while_money_is_open(cast, monkeypatch):
    from core import slots  # noqa: PLC0415

    partner = leaving(cast)
    monkeypatch.setitem(slots._table, "offboarding_blocker", (lambda actor, subject, at: "$5 are to be paid.",))
    with pytest.raises(Refused) as refused:
        services.leave(partner, by=cast.actor("olga"), at=NOW + timedelta(days=60))
    assert (str(refused.value), fresh(partner).status) == ("$5 are to be paid.", P.OFFBOARDING)


def test_with_the_partnership_every_access_ends(cast):
    ApiKeyFactory(partner=cast.acme)
    InvitationFactory(partner=cast.acme)
    services.leave(leaving(cast), by=cast.actor("olga"), at=NOW + timedelta(days=60))
    assert Member.objects.filter(partner=cast.acme, ended_at=None).count() == 0
    assert ApiKey.objects.filter(partner=cast.acme, revoked_at=None).count() == 0
    assert Invitation.objects.filter(partner=cast.acme, status="sent").count() == 0
    for user in (cast.ada, cast.bo):
        user.refresh_from_db()
        assert user.is_active is False
    cast.cy.refresh_from_db()
    assert cast.cy.is_active is True


def test_a_day_in_the_past_is_refused(cast):
    with pytest.raises(Refused) as refused:
        leaving(cast, effective_on=NOW.date() - timedelta(days=1))
    assert refused.value.field == "effective_on"


# --- 90 days ----------------------------------------------------------------------------------------------------------

QUIET, ASLEEP = timedelta(days=60), timedelta(days=90)
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    "began", [NOW, datetime(2026, 3, 28, 23, 30, tzinfo=UTC), datetime(2026, 10, 24, 12, tzinfo=UTC)]
)
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
def test_ninety_times_24_hours_without_business_make_inactive_whatever_the_clocks_do(db, began, zone):
    partner = PartnerFactory(last_commercial_at=began, time_zone=zone)
    activity.set_activity(at=began + ASLEEP - TICK)
    assert fresh(partner).status == P.ACTIVE
    activity.set_activity(at=began + ASLEEP)
    assert fresh(partner).status == P.INACTIVE
    activity.note({partner.pk: began + ASLEEP + TICK}, at=began + ASLEEP + TICK)
    assert fresh(partner).status == P.ACTIVE


def test_after_sixty_days_it_is_told_once_for_each_quiet_time(db):
    partner = PartnerFactory(last_commercial_at=NOW)
    activity.set_activity(at=NOW + QUIET - TICK)
    assert told(partner, "fell_quiet") == []
    for later in (QUIET, QUIET + TICK, QUIET + timedelta(days=5)):
        activity.set_activity(at=NOW + later)
    assert [data["until"] for data in told(partner, "fell_quiet")] == [(NOW + ASLEEP).isoformat()]
    again = NOW + timedelta(days=70)
    activity.note({partner.pk: again}, at=again)
    activity.set_activity(at=again + QUIET - TICK)
    assert len(told(partner, "fell_quiet")) == 1
    activity.set_activity(at=again + QUIET)
    assert len(told(partner, "fell_quiet")) == 2
