"""The rules of a program: drafted by one person, published by another from a day on, undone by publishing anew."""

from copy import deepcopy
from datetime import date, timedelta

import pytest

from core.actor import NOBODY, SYSTEM, Actor
from core.errors import Forbidden, IllegalTransition, Refused
from core.ids import uuid7
from core.models import Event
from core.timers import ring
from tests.tiers.standing import AT, FILE, closes, fresh, many
from tiers import documents, files, services
from tiers.models import Assessment, ProgramVersion, Tier
from tiers.particulars import DraftText, Publication, Words

pytestmark = pytest.mark.django_db
TODAY = AT.date()
LATER = date(2027, 1, 1)
NEW_YEAR = AT.replace(year=2027, month=1, day=1)


def gold_at(n, definition):
    changed = deepcopy(definition)
    changed["tiers"][2]["requires"]["all"][0]["value"] = n
    return changed


def drafted(program, cast, n=6, by="olga"):
    version = services.draft(program, by=cast.actor(by), at=AT)
    return services.edit_draft(
        version, DraftText(gold_at(n, version.definition), "Gold is 6"), by=cast.actor(by), at=AT
    )


def asked(program, cast, n=6, day=None, by="olga"):
    return services.request_publication(drafted(program, cast, n, by), Publication(day), by=cast.actor(by), at=AT)


def published(program, cast, n=6, day=None):
    return services.publish(asked(program, cast, n, day), Publication(), by=cast.actor("root"), at=AT)


def gold():
    return Tier.objects.get(key="gold").requires["all"][0]["value"]


def statuses():
    return list(ProgramVersion.objects.order_by("created_at").values_list("status", flat=True))


def test_a_draft_changes_nothing_that_is_in_force(program, cast):
    before = documents.document(program)
    drafted(program, cast)
    assert (documents.document(program), gold()) == (before, 5)


def test_the_second_person_puts_it_in_force_today(program, cast):
    version = published(program, cast)
    assert (version.status, version.number, version.effective_from, gold()) == ("in_force", 2, TODAY, 6)
    assert statuses() == ["superseded", "in_force"]


def test_who_asked_does_not_publish(program, cast):
    version = asked(program, cast)
    with pytest.raises(Forbidden) as refusal:
        services.publish(version, Publication(), by=cast.actor("olga"), at=AT)
    assert (refusal.value.code, gold(), statuses()) == ("four_eyes_required", 5, ["in_force", "requested"])


def test_who_edited_it_in_between_does_not_publish_either(program, cast):
    version = drafted(program, cast)
    services.edit_draft(version, DraftText(gold_at(7, version.definition)), by=cast.actor("root"), at=AT)
    services.request_publication(version, Publication(), by=cast.actor("olga"), at=AT)
    with pytest.raises(Forbidden) as refusal:
        services.publish(version, Publication(), by=cast.actor("root"), at=AT)
    assert refusal.value.code == "four_eyes_required"


def test_a_key_and_the_system_never_publish(program, cast):
    version = asked(program, cast)
    key = Actor(label="CRM", kind="api", id=uuid7(), permissions=frozenset({"program.publish", "program.edit"}))
    for actor in (key, SYSTEM):
        with pytest.raises(Forbidden):
            services.publish(version, Publication(), by=actor, at=AT)


@pytest.mark.parametrize("who", ["mona", "mark", "finn", "eve", "ada"])
def test_who_has_no_right_does_none_of_it(program, cast, who):
    actor, version = cast.actor(who), asked(program, cast)
    moves = (
        lambda: services.draft(program, by=actor, at=AT),
        lambda: services.edit_draft(version, DraftText(version.definition), by=actor, at=AT),
        lambda: services.request_publication(version, Publication(), by=actor, at=AT),
        lambda: services.publish(version, Publication(), by=actor, at=AT),
        lambda: services.give_draft_back(version, Words("No"), by=actor, at=AT),
        lambda: services.discard_draft(version, by=actor, at=AT),
        lambda: services.undo(ProgramVersion.objects.get(status="in_force"), Publication(), by=actor, at=AT),
        lambda: services.withdraw(version, Words("No"), by=actor, at=AT),
        lambda: services.load_program(FILE, by=actor, at=AT),
    )
    for move in moves:
        with pytest.raises(Forbidden):
            move()
    assert gold() == 5


def test_a_person_with_the_right_does_not_load_a_file_past_the_second_person(cast):
    with pytest.raises(Forbidden) as refusal:
        services.load_program(FILE, by=cast.actor("olga"), at=AT)
    assert (refusal.value.code, Tier.objects.count()) == ("four_eyes_required", 0)


def test_rules_of_a_later_day_wait_and_take_effect_on_it(program, cast):
    version = published(program, cast, day=LATER)
    assert (version.status, gold()) == ("scheduled", 5)
    ring(NEW_YEAR - timedelta(hours=14))
    version.refresh_from_db()
    assert (version.status, gold()) == ("scheduled", 5)
    ring(NEW_YEAR)
    version.refresh_from_db()
    assert (version.status, gold(), statuses()) == ("in_force", 6, ["superseded", "in_force"])


def test_a_scheduled_version_can_be_withdrawn_before_its_day(program, cast):
    version = published(program, cast, day=LATER)
    services.withdraw(version, Words("Not this year"), by=cast.actor("olga"), at=AT)
    ring(NEW_YEAR)
    version.refresh_from_db()
    assert (version.status, version.effective_from, gold()) == ("withdrawn", None, 5)


def test_no_rules_are_published_for_a_day_that_has_gone(program, cast):
    with pytest.raises(Refused) as refusal:
        asked(program, cast, day=TODAY - timedelta(days=1))
    assert (refusal.value.field, refusal.value.reason) == (
        "effective_on", "Choose 23 November 2026 or a later day: what was before is never changed.",
    )  # fmt: skip


def test_no_rules_are_published_before_others_that_are_published(program, cast):
    published(program, cast, day=LATER)
    with pytest.raises(Refused) as refusal:
        asked(program, cast, n=7, day=TODAY)
    assert refusal.value.reason == "Choose 1 January 2027 or a later day: what was before is never changed."


def test_a_draft_that_changes_nothing_is_not_published(program, cast):
    with pytest.raises(Refused) as refusal:
        asked(program, cast, n=5)
    assert refusal.value.code == "unchanged"


def test_undo_publishes_the_rules_of_before_anew_by_two_people(program, cast):
    version = published(program, cast)
    again = services.undo(version, Publication(), by=cast.actor("olga"), at=AT)
    with pytest.raises(Forbidden):
        services.publish(again, Publication(), by=cast.actor("olga"), at=AT)
    services.publish(again, Publication(), by=cast.actor("root"), at=AT)
    assert (again.number, gold(), statuses()) == (3, 5, ["superseded", "superseded", "in_force"])


def test_undo_brings_the_deal_terms_of_before_back(program, cast):
    version = services.draft(program, by=cast.actor("olga"), at=AT)
    changed = version.definition | {"policy": {"protection_days": 30}}
    services.edit_draft(version, DraftText(changed, "Shorter"), by=cast.actor("olga"), at=AT)
    services.request_publication(version, Publication(), by=cast.actor("olga"), at=AT)
    services.publish(version, Publication(), by=cast.actor("root"), at=AT)
    program.refresh_from_db()
    assert program.policy == {"protection_days": 30}
    again = services.undo(version, Publication(), by=cast.actor("olga"), at=AT)
    services.publish(again, Publication(), by=cast.actor("root"), at=AT)
    program.refresh_from_db()
    assert program.policy == {}


def test_nothing_past_changes_when_rules_change(acme, program, cast):
    closes(acme, *many(5))
    stored = list(Assessment.objects.order_by("id").values("tier", "program_version", "facts", "explanation"))
    first = ProgramVersion.objects.get(number=1).definition
    published(program, cast)
    services.assess(type(acme).objects.all(), at=AT)
    kept = Assessment.objects.order_by("id").values("tier", "program_version", "facts", "explanation")
    assert list(kept)[: len(stored)] == stored
    assert ProgramVersion.objects.get(number=1).definition == first
    assert fresh(acme).earned_tier.name == "Silver"


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda d: d["tiers"][2]["requires"]["all"][0].update(op="~"), "tiers[2].requires.all[0].op: unknown operator ~"),
        (lambda d: d["tiers"][2].update(rank=2), "tiers[2].rank: rank 2 is given twice"),
        (lambda d: d["tiers"][1].update(discount_percent="x"), "tiers[1].discount_percent: enter a percentage from 0 to 100"),
        (lambda d: d.update(policy={"grace_days": -1}), "policy.grace_days: enter a whole number from 0 to 365."),
        (lambda d: d.update(promotion="never"), "promotion: choose one of: proposed, automatic"),
        (lambda d: d["types"].update(friend={}), "types.friend: choose one of: "
         "referral, reseller, integration, agency, strategic, technology, oem"),
        (lambda d: d["tiers"][0].update(benefits=[3]), "tiers[0].benefits[0]: enter the key of a benefit, or its kind and value"),
        (lambda d: d.update(currency="XXQ"), "currency: enter a currency by its three letters, like USD"),
        (lambda d: d.update(notice_days=999), "notice_days: enter a whole number from 0 to 365"),
    ],
)  # fmt: skip
def test_faults_of_a_draft_are_told_with_their_path(program, cast, spoil, words):
    version = drafted(program, cast)
    wrong = deepcopy(version.definition)
    spoil(wrong)
    with pytest.raises(Refused) as refusal:
        services.edit_draft(version, DraftText(wrong), by=cast.actor("olga"), at=AT)
    assert refusal.value.reason == words


def test_a_published_version_is_never_edited(program, cast):
    version = published(program, cast)
    with pytest.raises(IllegalTransition):
        services.edit_draft(version, DraftText(version.definition), by=cast.actor("olga"), at=AT)


def test_a_draft_given_back_can_be_edited_again(program, cast):
    version = services.give_draft_back(asked(program, cast), Words("Too hard"), by=cast.actor("root"), at=AT)
    assert (version.status, version.answer) == ("draft", "Too hard")


def test_partners_of_a_tier_that_goes_stand_on_the_next_lower_one(acme, program, cast):
    services.give_tier(acme, Tier.objects.get(key="gold"), "Launch", by=SYSTEM, at=AT)
    version = services.draft(program, by=cast.actor("olga"), at=AT)
    less = version.definition | {"tiers": [t for t in version.definition["tiers"] if t["name"] != "Gold"]}
    less["revenue_rules"] = [rule for rule in less.get("revenue_rules", ()) if rule.get("tier") != "Gold"]
    services.edit_draft(version, DraftText(less, "No Gold"), by=cast.actor("olga"), at=AT)
    services.request_publication(version, Publication(), by=cast.actor("olga"), at=AT)
    services.publish(version, Publication(), by=cast.actor("root"), at=AT)
    assert (fresh(acme).tier.name, fresh(acme).tier_reason) == (
        "Silver",
        "The tier Gold is no longer part of the program.",
    )


def test_ranks_can_change_places(program, cast):
    version = services.draft(program, by=cast.actor("olga"), at=AT)
    changed = deepcopy(version.definition)
    first, second = changed["tiers"][0], changed["tiers"][1]
    first["rank"], second["rank"] = 2, 1
    first["requires"], second["requires"] = second["requires"], first["requires"]
    services.edit_draft(version, DraftText(changed, "Other way"), by=cast.actor("olga"), at=AT)
    services.request_publication(version, Publication(), by=cast.actor("olga"), at=AT)
    services.publish(version, Publication(), by=cast.actor("root"), at=AT)
    assert list(Tier.objects.order_by("rank").values_list("name", flat=True)) == [
        "Silver",
        "Registered",
        "Gold",
        "Platinum",
    ]


def test_partners_see_no_draft(program, cast):
    asked(program, cast)
    rows = ProgramVersion.objects.visible_to(cast.actor("ada"))
    assert (list(rows.values_list("status", flat=True)), ProgramVersion.objects.visible_to(NOBODY).count()) == (
        ["in_force"],
        0,
    )


def test_every_step_is_an_event(program, cast):
    published(program, cast)
    told = Event.objects.filter(subject_type="program_version").order_by("id").values_list("type", flat=True)
    steps = [
        "published",
        "came_into_force",
        "drafted",
        "edited",
        "requested",
        "published",
        "superseded",
        "came_into_force",
    ]
    assert list(told) == [f"program_version.{step}" for step in steps]


# --- the file ---------------------------------------------------------------------------------------------------------


def test_an_export_that_is_imported_changes_nothing_and_exports_the_same_bytes(program):
    before = files.dump([documents.document(program)])
    for definition in files.parse(before, "program.yaml"):
        services.load_program(definition, by=SYSTEM, at=AT)
    assert (files.dump([documents.document(program)]), ProgramVersion.objects.count()) == (before, 1)


def test_an_export_imported_as_another_program_exports_the_same_bytes_but_for_its_id(program):
    program.policy = {"protection_days": 45, "minimum_amount": 1000}
    program.save()
    before = files.dump([documents.document(program)]).replace("id: default", "id: copy")
    copy = services.load_program(files.parse(before, "program.yaml")[0], by=SYSTEM, at=AT)[0]
    assert files.dump([documents.document(copy)]) == before


def test_two_people_are_asked_at_once_and_one_version_comes_out(program, cast):
    first, second = asked(program, cast, n=6), asked(program, cast, n=7)
    services.publish(first, Publication(), by=cast.actor("root"), at=AT)
    services.publish(second, Publication(), by=cast.actor("root"), at=AT)
    assert (gold(), statuses()) == (7, ["superseded", "superseded", "in_force"])
