"""The demo company: the same by seed, honest in its history, right at the first look."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
import yaml
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils.text import slugify

from core import sequencer, slots, verify
from core.actor import SYSTEM
from core.models import Delivery, Event
from deals import rules
from deals.enums import FINAL, PROTECTED, Status
from deals.models import (
    Account,
    Breach,
    ConflictCase,
    Extension,
    Lead,
    Opportunity,
    OpportunityPartner,
    Registration,
    Touch,
)
from metrics import services as metrics
from metrics.queries import metric
from partners.actors import actor_for
from partners.enums import PartnerType
from partners.models import Note, Partner, Program
from prm.demo import PASSWORD, SIGN_INS
from prm.pages.demo import PEOPLE, STEPS
from prm.seed.book import Book
from prm.seed.load import PROGRAM, load
from prm.seed.people import Rules, User, firms
from prm.seed.plan import Size, make_plan
from tests.factories import NOW
from tests.ground import ground
from tiers.models import ProgramMembership, ProgramVersion, Tier, TierReview

# states that the services themselves tell at the end of the seed, or that last for a moment
PLAYED = {Status.SUBMITTED, Status.APPEALED, Status.REFUSED, Status.REVOKED, Status.TRANSFERRED}
SMALL = Size(partners=9, deals=150)
MONDAY, SUNDAY, NEW_YEAR = NOW, datetime(2026, 11, 29, 22, 30, tzinfo=UTC), datetime(2027, 1, 1, 0, 5, tzinfo=UTC)


def the_rules() -> Rules:
    definition = yaml.safe_load(Path(PROGRAM).read_text())["programs"][0]
    program = Program(key="default", name="Partner program")
    version = ProgramVersion(program=program, number=1, definition=definition)
    tiers = (Tier(program=program, key=t["name"].lower(), name=t["name"], rank=t["rank"]) for t in definition["tiers"])
    return Rules(program, version, tuple(tiers))


@cache
def plan(at: datetime = MONDAY, size: Size = SMALL) -> Book:
    return make_plan(size, the_rules(), at=at)


def registrations(book: Book, partner: str = "") -> list[Registration]:
    return [r for r in book.rows[Registration] if partner in ("", r.partner.name)]


def shown(book: Book) -> list[tuple]:
    rows = [(str(r.pk), r.account_name, str(r.status), r.amount, r.decided_at) for r in registrations(book)]
    return rows + [(e.type, e.at, e.actor_label) for e in book.chronicle()]


# --- the plan ---------------------------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_company():
    assert shown(plan()) == shown(make_plan(SMALL, the_rules(), at=MONDAY))


def test_another_seed_gives_another_company():
    assert shown(plan()) != shown(make_plan(Size(partners=9, deals=150, seed=2), the_rules(), at=MONDAY))


def test_the_usual_size_has_what_the_tour_promises():
    book = plan(size=Size())
    rows = {model: len(found) for model, found in book.rows.items()}
    assert (rows[Partner], rows[Registration]) == (40, 800)
    assert 2900 <= rows[Opportunity] <= 3100
    with_partner = {role.opportunity_id for role in book.rows[OpportunityPartner]}
    assert 0.28 <= 1 - len(with_partner) / rows[Opportunity] <= 0.32
    assert {m.partner_type for m in book.rows[ProgramMembership]} == set(PartnerType.values)
    assert {o.currency for o in book.rows[Opportunity]} == {"USD", "EUR", "BRL"}
    assert {str(r.status) for r in registrations(book)} == set(Status.values) - PLAYED


def test_each_month_of_two_years_has_new_opportunities():
    months = Counter(o.opened_on.strftime("%Y-%m") for o in plan(size=Size()).rows[Opportunity])
    wanted = {(MONDAY - timedelta(days=30.4 * n)).strftime("%Y-%m") for n in range(25)}
    assert wanted - set(months) == set()


@pytest.mark.parametrize("at", [MONDAY, SUNDAY, NEW_YEAR])
def test_nothing_has_happened_in_the_future(at):
    book = plan(at)
    assert [e.type for e in book.events if e.at >= at] == []
    assert [r.account_name for r in registrations(book) if r.created_at >= at] == []


@pytest.mark.parametrize("at", [MONDAY, SUNDAY, NEW_YEAR])
def test_every_story_is_told_forwards_and_ends_where_its_deal_stands(at):
    book = plan(at)
    stories: dict = {}
    for event in book.chronicle():
        if event.type != "deal_registration.escalated":  # says that we are late; the deal itself stays as it is
            stories.setdefault(event.subject_id, []).append(event)
    for deal in registrations(book):
        state, versions = "draft", []
        for event in stories[deal.pk]:
            before, after = event.data.get("changes", {}).get("status", (state, state))
            assert before == state
            state = after
            versions.append(event.subject_version)
        assert (state, versions) == (str(deal.status), list(range(1, deal.version + 1)))


@pytest.mark.parametrize("at", [MONDAY, SUNDAY, NEW_YEAR])
def test_the_state_a_partner_leaves_is_the_one_that_its_last_event_brought(at):
    book = plan(at, Size())
    states = {row.pk: "onboarding" for row in book.rows[Partner]}
    for event in book.chronicle():
        if event.type.startswith("partner.") and "status" in event.data.get("changes", {}):
            before, after = event.data["changes"]["status"]
            assert before == states[event.subject_id]
            states[event.subject_id] = after
    assert states == {row.pk: str(row.status) for row in book.rows[Partner]}


@pytest.mark.parametrize("at", [MONDAY, SUNDAY, NEW_YEAR])
def test_protections_are_what_their_state_says(at):
    for deal in registrations(plan(at)):
        if deal.status in PROTECTED:
            ends_soon = at >= rules.expiring_from(deal.protection_expires_at, rules.Policy())
            assert (deal.protection_expires_at > at, ends_soon) == (True, deal.status == Status.EXPIRING)
        if deal.status == Status.EXPIRED:
            assert deal.protection_expires_at <= at
        if deal.status in FINAL:
            assert deal.due_at is None


def queue_of_mona(book: Book) -> list[Registration]:
    return [r for r in registrations(book) if r.status == Status.IN_REVIEW and r.partner.manager.name == "Mona Meyer"]


def test_mona_finds_eleven_deals_in_her_queue_and_one_conflict_between_partners():
    book = plan(size=Size())
    assert len(queue_of_mona(book)) == 11
    cases = [c for c in book.rows[ConflictCase] if c.status == "open" and c.other_registration]
    assert [(c.partner.name, c.other_registration.partner.name) for c in cases] == [("Cobalt", "Acme")]


@pytest.mark.parametrize("at", [MONDAY, SUNDAY, NEW_YEAR])
def test_three_of_monas_deals_are_late(at):
    assert sum(deal.due_at < at for deal in queue_of_mona(plan(at))) == 3


@pytest.mark.parametrize("at", [MONDAY, SUNDAY, NEW_YEAR])
def test_ada_has_a_question_an_ending_protection_and_one_step_to_gold(at):
    book = plan(at)
    states = Counter(str(r.status) for r in registrations(book, "Acme"))
    assert (states["action_required"], states["expiring"], states["approved"], states["won"]) == (1, 1, 4, 7)
    acme = next(m for m in book.rows[ProgramMembership] if m.partner.name == "Acme")
    won = [r.opportunity.closed_on for r in registrations(book, "Acme") if r.status == Status.WON]
    assert (acme.tier.name, sum(day > (at - timedelta(days=365)).date() for day in won)) == ("Silver", 4)


def test_history_opens_no_deliveries():
    assert {e.batch for e in plan().events} == {plan().batch}


def test_many_partners_have_many_names():
    names = [name for name, _form, _kind, _country in firms(1000)]
    assert len({slugify(name).replace("-", "") for name in names}) == len(names) == 1000


# --- canaries ---------------------------------------------------------------------------------------------------------

MARKED = Size(partners=3, deals=60, canary=True)


def test_a_canary_is_in_every_text_of_its_partner_and_never_twice():
    book = plan(size=MARKED)
    for row in registrations(book):
        own = f"CANARY-{slugify(row.partner.name.partition(' CANARY')[0])}-"
        texts = [row.account_name, row.need, row.how_found, row.contact_name, row.partner.name]
        texts += [row.opportunity.name] if row.opportunity else []
        assert [text for text in texts if own not in text] == []
    names = [a.name for a in book.rows[Account]] + [r.account_name for r in registrations(book)]
    marks = [word for name in names for word in name.split() if word.startswith("CANARY-")]
    assert len(marks) == len(set(marks)) > 60


def test_what_the_vendor_notes_about_a_partner_is_marked_as_the_vendors():
    assert {"CANARY-vendor-" in note.text for note in plan(size=MARKED).rows[Note]} == {True}


# --- what is written --------------------------------------------------------------------------------------------------


def load_small():
    return load(SMALL, at=MONDAY)


company = ground(load_small)


def test_outside_the_demo_nobody_with_a_public_password_is_made(db, settings):
    settings.TESTING = settings.PRM_DEMO = False
    with pytest.raises(ImproperlyConfigured):
        load(SMALL, at=MONDAY)
    assert User.objects.count() == 0


@pytest.mark.slow
def test_the_demo_of_usual_size_is_written_and_its_states_are_told(demo_company):
    assert (Partner.objects.count(), verify.states(MONDAY)) == (42, [])
    assert set(TierReview.objects.values_list("status", flat=True)) >= {"at_risk", "below", "notice", "waived"}
    assert metric("partner_influenced_pipeline", SYSTEM, at=MONDAY).value > 0


def test_every_situation_of_deals_leads_and_touches_is_there(company):
    assert set(Registration.objects.values_list("status", flat=True)) == set(Status.values) - {Status.SUBMITTED}
    assert set(Lead.objects.values_list("status", flat=True)) >= {
        "new", "offered", "accepted", "working", "stale", "converted", "disqualified",
    } - {"accepted"}  # fmt: skip
    assert set(Touch.objects.values_list("status", flat=True)) == {"claimed", "confirmed"}
    assert Registration.objects.filter(queued_behind__isnull=False).count() == 1
    assert [e.registration.partner.name for e in Extension.objects.filter(status="requested")] == ["Acme"]
    assert [b.partner.name for b in Breach.objects.filter(outcome="")] == ["Acme"]
    assert ConflictCase.objects.filter(status="open", other_registration__isnull=False).count() >= 1


def test_a_second_run_changes_nothing(company, capsys):
    before = (Event.objects.count(), Registration.objects.count(), User.objects.count())
    call_command("seed_demo", "--partners", "9")
    assert (Event.objects.count(), Registration.objects.count(), User.objects.count()) == before
    assert capsys.readouterr().out == "The demo company is here already.\n"


def test_tenants_is_another_word_for_partners(db, capsys):
    call_command("seed_demo", "--tenants", "3", "--deals", "0", "--canary", "--seed", "7")
    assert Partner.objects.count() == 3


def test_the_first_look_needs_no_worker(company):
    assert metrics.recompute(at=MONDAY).total_rows == 0
    assert ProgramMembership.objects.get(partner__name="Acme").tier.name == "Silver"
    mona = User.objects.get(email="mona@northwind.example")
    asked = slots.ask("queue_kind", actor_for(mona), mona.pk, at=MONDAY)
    waiting = {w.items[0].kind: w for w in asked if w.items}
    assert (waiting["deals"].late, "The notice for Gold has run" in [i.title for i in waiting["tiers"].items]) == (
        3,
        True,
    )


def test_the_past_needed_no_correction_and_waits_for_no_delivery(company):
    corrections = ("partner.activated", "partner.deactivated")
    assert list(Event.objects.filter(type__in=corrections, batch=None)) == []
    assert not Delivery.objects.filter(event__batch__isnull=False).exists()


@pytest.mark.committed
def test_every_event_is_sealed(committed):
    call_command("seed_demo", "--partners", "3", "--deals", "0")
    from core.scope import scope  # noqa: PLC0415

    with scope(SYSTEM):
        assert (sequencer.first_broken(), sequencer.sequence()) == (None, 0)


def test_all_nine_sign_in_with_the_password(company):
    answers = [Client().post("/accounts/login/", {"login": who, "password": PASSWORD}) for who, _role in SIGN_INS]
    assert [answer.status_code for answer in answers] == [302] * 9


# --- the tour ---------------------------------------------------------------------------------------------------------

tour = pytest.mark.urls("tests.demo_urls")


@pytest.fixture
def demo(settings):
    settings.PRM_DEMO = True


def test_the_tour_offers_the_nine_people_of_the_contract():
    assert [person.email for person in PEOPLE.values()] == [email for email, _role in SIGN_INS]


@tour
def test_the_tour_shows_its_stories_and_all_doors(client, db, demo):
    page = client.get("/demo/").content.decode()
    doors = [*STEPS, *PEOPLE]
    assert [door for door in doors if f'value="{door}"' not in page] == []


@tour
def test_each_step_signs_in_as_its_person_and_lands_on_its_page(company, client, demo):
    for step in STEPS.values():
        answer = client.post("/demo/", {"door": step.key}, follow=True)
        assert (answer.status_code, answer.wsgi_request.user.email) == (200, step.person.email)
        assert answer.wsgi_request.path == reverse(step.lands)


@tour
def test_from_one_person_to_the_next_in_one_click(cast, client, demo):
    client.post("/demo/", {"door": "ada"})
    answer = client.post("/demo/", {"door": "mona"}, follow=True)
    assert (answer.wsgi_request.path, answer.wsgi_request.user.email) == ("/admin/", "mona@northwind.example")


@tour
@pytest.mark.parametrize("door", ["", "milo", "nobody", "1-unknown"])
def test_nobody_else_can_be_signed_in_as(cast, client, demo, door):
    assert client.post("/demo/", {"door": door}).status_code == 404


@tour
def test_another_site_cannot_sign_somebody_in(cast, demo):
    stranger = Client(enforce_csrf_checks=True)
    assert stranger.post("/demo/", {"door": "mona"}).status_code == 403


@tour
def test_outside_the_demo_there_is_no_tour(cast, client):
    assert (client.get("/demo/").status_code, client.post("/demo/", {"door": "mona"}).status_code) == (404, 404)


def test_the_address_is_not_even_there_outside_the_demo(client, db):
    assert client.get("/demo/").status_code == 404


@tour
def test_the_start_page_leads_to_the_tour(client, db, demo):
    assert 'href="/demo/"' in client.get("/").content.decode()
