"""How a registration is decided: steps, rules, clocks, appeals, the owner of the opportunity."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from core import links, timers
from core.actor import SYSTEM
from core.deliver import deliver_due
from core.errors import Forbidden, IllegalTransition, Refused, Stale
from core.models import Event, Timer
from deals import cards, services
from deals.enums import Motion, OwnerAnswer, Status
from deals.models import OwnerQuestion, Registration
from deals.particulars import Answer, Approval, OwnerAsked, OwnerReply, Question, Reason, Rejection
from deals.standing import with_standing
from deals.workflow import REGISTRATION
from partners.models import Partner, Program
from tests.deals.test_portal import signed_in, words
from tests.factories import NOW, ProgramFactory

pytestmark = pytest.mark.django_db

DUE = datetime(2026, 11, 25, 17, tzinfo=UTC)
LATER = datetime(2026, 11, 26, 17, tzinfo=UTC)
TWO_STEPS = {"steps": [{"approver": "manager"}, {"approver": "finance", "from_amount": 10000}]}


@pytest.fixture
def terms(market):
    """Sets the terms of the program."""

    def set_terms(**policy) -> None:
        program = market.acme.membership.program
        Program.objects.filter(pk=program.pk).update(policy=policy)
        program.policy = market.cobalt.membership.program.policy = policy

    return set_terms


def again(deal: Registration) -> Registration:
    return Registration.objects.select_related("partner", "membership__program", "membership__tier").get(pk=deal.pk)


def told(deal: Registration) -> list[str]:
    events = Event.objects.filter(subject_id=deal.pk).order_by("id").values_list("type", flat=True)
    return [kind.rpartition(".")[2] for kind in events]


def declined(market) -> Registration:
    return services.reject(
        market.sent(), Rejection("not_qualified", "No budget."), by=market.cast.actor("mona"), at=NOW
    )


# --- steps


def test_who_must_approve_is_fixed_when_it_is_sent(market, terms):
    terms(**TWO_STEPS)
    deal = market.sent()
    terms()
    assert again(deal).steps == [{"approver": "manager"}, {"approver": "finance"}]


def test_two_steps_are_two_people(market, terms):
    terms(**TWO_STEPS)
    deal = services.approve(market.sent(), Approval("Fine by me."), by=market.cast.actor("mona"), at=NOW)
    assert (deal.status, deal.steps_done, deal.due_at) == (Status.IN_REVIEW, 1, DUE)
    deal = services.approve(again(deal), by=market.cast.actor("finn"), at=NOW)
    assert (deal.status, deal.steps_done, deal.decided_label) == (Status.APPROVED, 2, "Finn")
    signed = list(deal.approvals.order_by("step").values_list("step", "approver", "decided_by__name"))
    assert signed == [(0, "manager", "Mona"), (1, "finance", "Finn")]


@pytest.mark.parametrize("who", ["finn", "eve"])
def test_a_step_of_others_is_refused(market, terms, who):
    terms(**TWO_STEPS)
    with pytest.raises(Forbidden) as refused:
        services.approve(market.sent(), by=market.cast.actor(who), at=NOW)
    assert str(refused.value.reason) == "This step of the approval is for: Channel manager."


def test_nobody_takes_two_steps(market, terms):
    terms(steps=[{"approver": "manager"}, {"approver": "operations"}])
    deal = services.approve(market.sent(), by=market.cast.actor("olga"), at=NOW)
    with pytest.raises(Forbidden) as refused:
        services.approve(again(deal), by=market.cast.actor("olga"), at=NOW)
    assert refused.value.code == "four_eyes_required"


def test_who_holds_the_step_can_decline_there(market, terms):
    terms(**TWO_STEPS)
    deal, no = market.sent(), Rejection("not_qualified", "Too risky.")
    with pytest.raises(Forbidden):
        services.reject(deal, no, by=market.cast.actor("finn"), at=NOW)
    deal = services.approve(deal, by=market.cast.actor("mona"), at=NOW)
    assert services.reject(again(deal), no, by=market.cast.actor("finn"), at=NOW).status == Status.REJECTED


def test_the_queue_shows_a_deal_to_whom_its_step_belongs(market, terms):
    terms(**TWO_STEPS)
    deal = market.sent()
    waiting = lambda who: cards.queue(market.cast.actor(who), None, NOW).total  # noqa: E731
    assert [waiting(who) for who in ("mona", "finn", "eve")] == [1, 0, 0]
    services.approve(deal, by=market.cast.actor("mona"), at=NOW)
    assert [waiting(who) for who in ("mona", "finn", "eve")] == [0, 1, 0]


def test_an_answer_that_raises_the_value_needs_the_steps_of_that_value(market, terms):
    terms(**TWO_STEPS)
    deal = market.sent(amount=Decimal(5000))
    assert deal.steps == [{"approver": "manager"}]
    services.ask(deal, Question("How much?", ("amount",)), by=market.cast.actor("mona"), at=NOW)
    services.answer(deal, Answer("More.", {"amount": Decimal(50000)}), by=market.cast.actor("ada"), at=NOW)
    assert [step["approver"] for step in deal.steps] == ["manager", "finance"]


def test_the_decision_page_shows_the_steps_and_whom_it_waits_for(market, terms, cast):
    terms(**TWO_STEPS)
    deal = market.sent()
    page = signed_in(cast.finn).get(deal.get_console_url())
    assert [(step.label, step.state) for step in page.context["steps"]] == [
        ("Channel manager", "here"),
        ("Finance", ""),
    ]
    assert page.context["menu"]["approve"].barred == "This step of the approval is for: Channel manager."


# --- by rule


def test_the_rule_approves_at_once_what_it_covers(market, terms):
    terms(auto_approve={"tiers": ["registered"], "below_amount": 50000})
    deal = market.sent()
    assert (deal.status, deal.decided_label) == (Status.APPROVED, "System")
    assert told(deal) == ["created", "submitted", "taken_up", "approved"]


@pytest.mark.parametrize("policy", [{"below_amount": 48000}, {"tiers": ["gold"]}, {"motions": ["refer"]}])
def test_what_the_rule_doesnt_cover_waits_for_a_person(market, terms, policy):
    terms(auto_approve=policy)
    assert market.sent().status == Status.IN_REVIEW


def test_what_collides_waits_for_a_person_whatever_the_rule_says(market, terms):
    market.sent("cy")
    terms(auto_approve={})
    assert market.sent("ada").status == Status.IN_REVIEW


def test_what_the_program_bars_waits_for_a_person(market, terms):
    terms(auto_approve={}, minimum_amount=100000)
    deal = market.sent()
    assert deal.status == Status.IN_REVIEW
    with pytest.raises(Refused):
        services.approve(deal, by=market.cast.actor("mona"), at=NOW)


def test_a_partner_that_sends_a_covered_deal_reads_that_it_is_approved(market, terms, cast):
    terms(auto_approve={})
    answer = signed_in(cast.ada).post(reverse("portal:deal_new"), words(market), follow=True)
    assert [str(m) for m in answer.context["messages"]] == ["Sent and approved at once."]
    assert Registration.objects.get().status == Status.APPROVED


# --- clocks


def escalations(deal: Registration) -> dict[str, datetime]:
    rows = Timer.objects.filter(subject_id=deal.pk, kind__startswith="escalate", done_at=None)
    return dict(rows.values_list("kind", "due_at"))


def test_a_late_answer_escalates_at_the_whole_and_at_half_as_much_again(market):
    deal = market.sent()
    assert escalations(deal) == {"escalate": DUE, "escalate_more": LATER}
    timers.ring(DUE - timedelta(seconds=1))
    assert "escalated" not in told(deal)
    timers.ring(DUE)
    timers.ring(LATER)
    said = Event.objects.filter(subject_id=deal.pk, type="deal_registration.escalated").order_by("id")
    assert [(e.data["percent"], e.partner_id) for e in said] == [(100, None), (150, None)]


def test_escalations_reach_the_backup_or_else_operations(market, cast):
    market.sent()
    timers.ring(DUE)
    assert letters("Late") == [["olga@northwind.example"]]
    Partner.objects.update(backup=cast.eve)
    timers.ring(LATER)
    assert letters("Late")[-1] == ["eve@northwind.example"]


def letters(subject: str) -> list[list[str]]:
    """To whom the mails went whose subject begins so."""
    deliver_due(datetime.now(UTC) + timedelta(minutes=1))
    return [letter.to for letter in mail.outbox if letter.subject.startswith(subject)]


def test_a_decision_ends_the_escalations(market):
    deal = market.sent()
    services.reject(deal, Rejection("not_qualified", "No."), by=market.cast.actor("mona"), at=NOW)
    assert escalations(deal) == {}


def test_a_question_takes_the_escalations_away_and_the_answer_sets_them_anew(market):
    deal = market.sent()
    services.ask(deal, Question("Who?", ("contact_name",)), by=market.cast.actor("mona"), at=NOW)
    assert escalations(deal) == {}
    friday = NOW + timedelta(days=4)
    services.answer(deal, Answer("Rui."), by=market.cast.actor("ada"), at=friday)
    assert escalations(deal)["escalate"] == deal.due_at == datetime(2026, 12, 1, 17, tzinfo=UTC)


def test_more_time_is_taken_once_and_the_partner_is_told(market):
    deal, mona = market.sent(), market.cast.actor("mona")
    services.research(deal, Reason("We ask the buyer."), by=mona, at=NOW)
    assert deal.due_at == datetime(2026, 11, 27, 17, tzinfo=UTC)
    assert escalations(deal)["escalate"] == deal.due_at
    assert letters("Contoso Ltd: we answer by") == [["ada@acme.example"]]
    with pytest.raises(Refused):
        services.research(deal, Reason("And again."), by=mona, at=NOW)


# --- on behalf of a partner


def sent_by_mona(market) -> Registration:
    mona = market.cast.actor("mona")
    return services.submit(services.register(market.acme, by=mona, at=NOW), by=mona, at=NOW)


def test_what_the_vendor_registers_waits_for_the_partners_word(market):
    deal, mona = sent_by_mona(market), market.cast.actor("mona")
    assert (deal.status, deal.on_behalf, deal.due_at) == (Status.IN_REVIEW, True, None)
    assert cards.queue(mona, None, NOW).total == 0
    with pytest.raises(Refused):
        services.approve(deal, by=mona, at=NOW)
    with pytest.raises(Forbidden):
        services.confirm(deal, by=mona, at=NOW)
    services.confirm(deal, by=market.cast.actor("ada"), at=NOW)
    assert (deal.confirmed_at, deal.due_at) == (NOW, DUE)
    assert services.approve(again(deal), by=mona, at=NOW).status == Status.APPROVED


def test_the_partner_confirms_on_the_deals_page_once(market, cast):
    deal, ada = sent_by_mona(market), signed_in(cast.ada)
    assert letters("Confirm: Contoso Ltd") == [["bo@acme.example"]]  # written by nobody of theirs: to their admin
    confirm = reverse("portal:deal_verb", args=[deal.reference, "confirm"])
    assert ada.get(deal.get_absolute_url()).context["may_confirm"] is True
    assert [ada.post(confirm).status_code, ada.post(confirm).status_code] == [302, 409]
    assert again(deal).confirmed_at is not None


def test_who_never_had_to_be_confirmed_has_nothing_to_confirm(market):
    with pytest.raises(IllegalTransition):
        services.confirm(market.sent(), by=market.cast.actor("ada"), at=NOW)


def test_mona_registers_for_a_partner_in_the_console(market, cast):
    mona = signed_in(cast.mona)
    address = reverse("admin:deal_register", args=[cast.acme.reference])
    assert mona.get(address).status_code == 200
    typed = words(market)
    assert mona.post(address, typed | {"website": ""}).status_code == 422
    first, second = mona.post(address, typed), mona.post(address, typed)
    deal = Registration.objects.get()
    assert (first.url, second.url) == (deal.get_console_url(), deal.get_console_url())
    assert (deal.partner, deal.on_behalf, deal.status) == (cast.acme, True, Status.IN_REVIEW)


def test_finance_does_not_register_for_partners(market, cast):
    address = reverse("admin:deal_register", args=[cast.acme.reference])
    assert signed_in(cast.finn).get(address).status_code == 403


# --- motions and the program's questions

REFERRAL = {
    "motion": "refer",
    "website": "contoso.com",
    "account_name": "Contoso Ltd",
    "contact_name": "Rui",
    "contact_email": "rui@contoso.com",
    "need": "A new platform",
}


def referral(market, cast) -> Registration:
    draft = words(market)["draft"]
    assert signed_in(cast.ada).post(reverse("portal:deal_new"), REFERRAL | {"draft": draft}).status_code == 302
    return Registration.objects.get()


def test_a_referral_asks_five_things(market, cast):
    page = signed_in(cast.ada).get(reverse("portal:deal_new") + "?motion=refer")
    asked = [field.name for field in page.context["form"].asked]
    assert asked == ["website", "account_name", "contact_name", "contact_email", "need"]
    deal = referral(market, cast)
    assert (deal.motion, deal.status, deal.amount, deal.product) == (Motion.REFER, Status.IN_REVIEW, None, None)
    assert deal.country == "PT"  # the partner's own


def test_a_referral_without_a_need_is_asked_for_it(market, cast):
    typed = REFERRAL | {"draft": words(market)["draft"], "need": ""}
    answer = signed_in(cast.ada).post(reverse("portal:deal_new"), typed)
    assert (answer.status_code, answer.context["form"].errors["need"]) == (422, ["Enter what the customer needs."])


def test_an_accepted_referral_has_an_owner_and_its_partner_follows_it(market, cast):
    deal = referral(market, cast)
    approve = reverse("admin:deal_verb", args=[deal.reference, "approve"])
    assert signed_in(cast.mona).post(approve, {"owner_email": cast.mark.email}).status_code == 302
    deal = again(deal)
    assert (deal.status, deal.opportunity.owner_email) == (Status.APPROVED, "mark@northwind.example")
    assert list(deal.opportunity.partners.values_list("role", flat=True)) == ["sourcing"]
    facts = {fact.label: fact.value for fact in signed_in(cast.ada).get(deal.get_absolute_url()).context["facts"]}
    assert (facts["Where it stands with us"], facts["Who works on it"]) == ("Open", "mark@northwind.example")


FIELDS = [
    {"key": "region", "label": "Region", "type": "choice", "choices": ["North", "South"], "required": True},
    {"key": "seats", "label": "Seats", "type": "number"},
    {"key": "go_live", "label": "Going live on", "type": "date"},
    {"key": "renewal", "label": "A renewal", "type": "yes_no"},
    {"key": "referral_note", "label": "Note", "type": "text", "motions": ["refer"]},
]


def test_the_program_asks_its_own_questions(market, terms, cast):
    terms(fields=FIELDS)
    ada, typed = signed_in(cast.ada), words(market)
    page = ada.get(reverse("portal:deal_new"))
    assert [f.name for f in page.context["form"].of_program] == ["cf_region", "cf_seats", "cf_go_live", "cf_renewal"]
    assert ada.post(reverse("portal:deal_new"), typed).context["form"].errors == {"cf_region": ["Choose."]}
    given = {"cf_region": "North", "cf_seats": "12.5", "cf_go_live": "2027-01-31", "cf_renewal": "no"}
    ada.post(reverse("portal:deal_new"), typed | given)
    deal = Registration.objects.get()
    assert deal.extra == {"region": "North", "seats": "12.5", "go_live": "2027-01-31", "renewal": False}
    shown = {fact.label: fact.value for fact in ada.get(deal.get_absolute_url()).context["facts"]}
    assert (shown["Region"], shown["A renewal"]) == ("North", "No")


def test_answers_that_dont_fit_are_refused_wherever_they_come_from(market, terms):
    terms(fields=FIELDS)
    for extra, field in (({"region": "West"}, "cf_region"), ({"region": "North", "odd": 1}, "cf_odd")):
        with pytest.raises(Refused) as refused:
            market.sent(extra=extra)
        assert refused.value.field == field
    with pytest.raises(Refused) as missing:
        market.sent(extra={})
    assert str(missing.value.reason) == "Answer these as well: Region."


def test_a_question_opens_an_answer_to_the_program(market, terms, cast):
    terms(fields=FIELDS)
    deal = market.sent(extra={"region": "North"})
    asked = {"text": "Which region is it?", "opened_fields": ["cf_region"]}
    signed_in(cast.mona).post(reverse("admin:deal_verb", args=[deal.reference, "ask"]), asked)
    answer = {"text": "South.", "cf_region": "South"}
    signed_in(cast.ada).post(reverse("portal:deal_verb", args=[deal.reference, "answer"]), answer)
    deal = again(deal)
    assert (deal.status, deal.extra) == (Status.IN_REVIEW, {"region": "South"})


def test_a_program_that_takes_referrals_alone_refuses_the_rest(market, terms):
    terms(motions=["refer"])
    with pytest.raises(Refused) as refused:
        market.sent()
    assert refused.value.code == "not_covered"


def test_the_form_offers_the_ways_of_selling_that_the_programs_take(market, terms, cast):
    offered = lambda: signed_in(cast.ada).get(reverse("portal:deal_new")).context["motions"]  # noqa: E731
    assert [(word, here) for word, _label, here in offered()] == [
        ("resell", True),
        ("co_sell", False),
        ("refer", False),
    ]
    terms(motions=["refer"])
    assert [(word, here) for word, _label, here in offered()] == [("refer", True)]


def test_a_deal_goes_to_the_program_that_takes_its_motion(market, terms, cast):
    terms(motions=["refer"])
    other = ProgramFactory(policy={"motions": ["resell"]})
    membership = type(market.acme.membership).objects.create(
        partner=cast.acme, program=other, partner_type="reseller", starts_on=NOW.date()
    )
    signed_in(cast.ada).post(reverse("portal:deal_new"), words(market))
    assert Registration.objects.get().membership == membership


# --- the terms of an approval


def test_an_approval_keeps_its_terms(market, terms):
    terms(protection_days=60, gives=["10% more"], protection_bands=[{"from_amount": 40000, "days": 180}])
    deal = market.approved()
    assert deal.protection_expires_at == datetime(2027, 5, 23, tzinfo=UTC)
    kept = {name: deal.terms[name] for name in ("program", "tier", "protection_days", "grace_days", "gives")}
    assert kept == {
        "program": "partner", "tier": "registered", "protection_days": 180, "grace_days": 7, "gives": ["10% more"],
    }  # fmt: skip


def test_a_protection_may_run_from_the_submission(market, terms):
    terms(protection_starts="submission")
    deal = services.approve(market.sent(), by=market.cast.actor("mona"), at=NOW + timedelta(days=2))
    assert deal.protection_expires_at == datetime(2027, 2, 22, tzinfo=UTC)


def test_a_deal_that_has_grown_is_reviewed_again_and_keeps_its_days(market, terms):
    terms(**TWO_STEPS)
    deal = market.sent(amount=Decimal(5000))
    deal = services.approve(deal, by=market.cast.actor("mona"), at=NOW)
    until, opportunity, later = deal.protection_expires_at, deal.opportunity, NOW + timedelta(days=30)
    Registration.objects.filter(pk=deal.pk).update(amount=Decimal(50000))
    deal = services.review_again(again(deal), ["The value grew."], by=market.cast.actor("ada"), at=later)
    assert (deal.status, deal.steps_done, len(deal.steps)) == (Status.IN_REVIEW, 0, 2)
    services.approve(again(deal), by=market.cast.actor("mona"), at=later)
    deal = services.approve(again(deal), by=market.cast.actor("finn"), at=later)
    assert (deal.status, deal.protection_expires_at, deal.opportunity) == (Status.APPROVED, until, opportunity)
    assert told(deal)[-3:] == ["review_reopened", "endorsed", "approved"]


# --- appeals


def test_an_appeal_goes_to_another_person(market):
    deal, mona, olga = declined(market), market.cast.actor("mona"), market.cast.actor("olga")
    services.appeal(deal, Reason("There is a budget."), by=market.cast.actor("ada"), at=NOW)
    assert (deal.status, deal.appealed_at, deal.due_at) == (Status.APPEALED, NOW, DUE)
    assert [cards.queue(who, None, NOW).total for who in (mona, olga)] == [0, 1]
    with pytest.raises(Refused) as refused:
        services.grant_appeal(deal, Reason(""), by=mona, at=NOW)
    assert str(refused.value.reason) == "You declined this registration. Another person decides the appeal."
    later = NOW + timedelta(days=1)
    services.grant_appeal(deal, Reason("Right."), by=olga, at=later)
    assert (deal.status, deal.rejection_code, deal.decided_at) == (Status.IN_REVIEW, "", None)
    assert deal.due_at == datetime(2026, 11, 26, 17, tzinfo=UTC)
    assert services.approve(again(deal), by=mona, at=later).status == Status.APPROVED


def test_the_second_no_is_for_good(market):
    deal = declined(market)
    services.appeal(deal, Reason("There is a budget."), by=market.cast.actor("ada"), at=NOW)
    services.refuse_appeal(deal, Reason("There is none."), by=market.cast.actor("olga"), at=NOW)
    assert (deal.status, deal.decision_reason) == (Status.REFUSED, "There is none.")
    assert letters("Contoso Ltd: the decision stands") == [["ada@acme.example"]]
    assert REGISTRATION.menu(deal, by=market.cast.actor("ada"), at=NOW) == []


@pytest.mark.parametrize(("days", "open_still"), [(10, True), (11, False)])
def test_an_appeal_has_ten_days(market, days, open_still):
    deal, at = declined(market), NOW + timedelta(days=days)
    barred = REGISTRATION.refusal(deal, "appeal", by=market.cast.actor("ada"), at=at)
    assert (barred is None) == open_still


def test_there_is_one_appeal(market):
    deal, ada = declined(market), market.cast.actor("ada")
    services.appeal(deal, Reason("Look again."), by=ada, at=NOW)
    services.grant_appeal(deal, Reason(""), by=market.cast.actor("olga"), at=NOW)
    services.reject(again(deal), Rejection("not_qualified", "Still no."), by=market.cast.actor("mona"), at=NOW)
    with pytest.raises(Refused):
        services.appeal(again(deal), Reason("Once more."), by=ada, at=NOW)


def test_ada_appeals_on_the_deals_page_and_olga_reads_both_sides(market, cast):
    deal, ada = declined(market), signed_in(cast.ada)
    Registration.objects.filter(pk=deal.pk).update(appeal_until="2099-01-01T00:00Z")
    assert ada.get(deal.get_absolute_url()).context["appeal_form"] is not None
    appeal = reverse("portal:deal_verb", args=[deal.reference, "appeal"])
    assert ada.post(appeal, {"text": ""}).status_code == 422
    assert ada.post(appeal, {"text": "There is a budget."}).status_code == 302
    page = signed_in(cast.olga).get(deal.get_console_url())
    assert page.context["appeal"] == "There is a budget."
    assert b"No budget." in page.content
    assert sorted(page.context["forms"]) == ["grant_appeal", "refuse_appeal"]
    granted = signed_in(cast.olga).post(reverse("admin:deal_verb", args=[deal.reference, "grant_appeal"]), {"text": ""})
    assert (granted.status_code, again(deal).status) == (302, Status.IN_REVIEW)


def test_a_decline_tells_until_when_one_can_appeal(market):
    declined(market)
    letters("Not approved")
    said = next(letter.body for letter in mail.outbox if letter.subject.startswith("Not approved"))
    assert "appeal on its page until Fri 4 Dec, 00:00 (UTC)" in said


# --- the owner of the opportunity


def asked(market, deal=None) -> OwnerQuestion:
    ask = OwnerAsked("sam@northwind.example")
    return services.ask_owner(deal or market.sent(), ask, by=market.cast.actor("mona"), at=NOW)


def link(question: OwnerQuestion) -> str:
    OwnerQuestion.objects.filter(pk=question.pk).update(asked_at=datetime.now(UTC))
    return reverse("owner_answer", args=[links.token("owner", question)])


def test_the_owner_gets_a_mail_with_a_link_and_the_manager_the_answer(market):
    question = asked(market)
    assert letters("Is Contoso Ltd yours?") == [["sam@northwind.example"]]
    address = next(line for line in mail.outbox[-1].body.splitlines() if "/answers/" in line)
    assert links.read("owner", address.rstrip("/").rpartition("/")[2], timedelta(days=1)) == (question.pk, "")
    services.answer_owner(question, OwnerReply(OwnerAnswer.NOT_MINE, "Go on."), by=SYSTEM, at=NOW)
    assert letters("Contoso Ltd: the owner of the opportunity has answered") == [["mona@northwind.example"]]


def test_the_link_shows_what_is_asked_and_answers_once(market, cast):
    market.sent("cy")
    deal = market.sent("ada")
    address, anybody = link(asked(market, deal)), Client()
    page = anybody.get(address)
    assert page.status_code == 200
    assert (b"Contoso Ltd" in page.content, b"Cobalt" in page.content) == (True, False)
    assert OwnerQuestion.objects.get().answer == ""
    assert anybody.post(address, {"answer": "perhaps"}).status_code == 422
    assert anybody.post(address, {"answer": "co_sell", "note": "Let us talk."}).status_code == 200
    assert [anybody.post(address, {"answer": "mine"}).status_code, anybody.get(address).status_code] == [409, 410]
    question = OwnerQuestion.objects.get()
    assert (question.answer, question.note) == ("co_sell", "Let us talk.")
    shown = signed_in(cast.mona).get(deal.get_console_url()).context["owners"]
    assert [(one.email, str(one.answer.text), one.note) for one in shown] == [
        ("sam@northwind.example", "Together: we work on it with the partner", "Let us talk.")
    ]


def test_a_link_that_was_not_ours_finds_nothing(market):
    question = asked(market)
    forged = reverse("owner_answer", args=[links.token("touch", question)])
    assert Client().get(forged).status_code == 404


def test_an_owner_has_ten_working_days(market):
    question = asked(market)
    last = datetime(2026, 12, 7, 17, tzinfo=UTC)
    with pytest.raises(Refused):
        services.answer_owner(question, OwnerReply(OwnerAnswer.MINE), by=SYSTEM, at=last)
    before = last - timedelta(seconds=1)
    services.answer_owner(question, OwnerReply(OwnerAnswer.MINE), by=SYSTEM, at=before)
    with pytest.raises(Stale):
        services.answer_owner(question, OwnerReply(OwnerAnswer.MINE), by=SYSTEM, at=before)


def test_one_person_is_asked_once_at_a_time(market):
    deal = asked(market).registration
    with pytest.raises(Refused) as twice:
        services.ask_owner(deal, OwnerAsked("Sam@Northwind.example"), by=market.cast.actor("olga"), at=NOW)
    assert twice.value.field == "email"


def test_partners_learn_nothing_of_the_question(market, cast):
    deal = asked(market).registration
    page = signed_in(cast.ada).get(deal.get_absolute_url())
    assert b"sam@northwind.example" not in page.content
    assert not Event.objects.visible_to(cast.actor("ada")).filter(type__startswith="owner_question").exists()


# --- what bars is said beside the button


def test_every_condition_that_isnt_met_stands_beside_the_button(market, terms, cast):
    terms(minimum_amount=100000, excluded_countries=["PT"])
    deal = market.sent()
    page = signed_in(cast.mona).get(deal.get_console_url())
    assert page.context["unmet"] == [
        "The value is below the program's minimum of 100,000. Ask for more, or decline.",
        "The program doesn't take registrations for customers in this country.",
    ]
    assert page.context["menu"]["approve"].barred == page.context["unmet"][0]


def test_the_customer_that_a_program_must_not_know_is_found_by_its_domain(market, terms):
    terms(new_customers_only=True)
    deal = market.approved()
    type(deal.account).objects.filter(pk=deal.account_id).update(customer_since=NOW.date())
    services.release(again(deal), Reason("Over."), by=market.cast.actor("ada"), at=NOW)
    second = with_standing(again(market.sent("cy")), market.cast.actor("mona"))
    assert second.standing.customer_since == NOW.date()
