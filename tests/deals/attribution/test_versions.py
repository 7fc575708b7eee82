"""New rules: drafted, tried, published; the dry run tells exactly what publishing does."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from core.actor import SYSTEM
from core.deliver import deliver_due
from core.errors import Forbidden, Refused
from deals import attribution
from deals.forms.touches import DraftRules
from deals.models import Attribution, AttributionRule
from deals.particulars import Reason, RuleDraft
from deals.rules.attribution import Terms, faults
from deals.services import attributions
from tests.deals.attribution.test_definition import CLOSED, OPENED, day, lead, touch
from tests.factories import make_cast
from tests.metrics.world import NOW, opportunity, partner, register, roles

pytestmark = pytest.mark.django_db
SHORT = {"days": {"campaign": 10}, "late_days": 3, "touch_kinds": ["reference"], "touch_days_before": 5}


def world():
    """Open and closed opportunities, each credited by something that short rules drop, keep or change."""
    deals = []
    for stage in ("open", "won"):
        closed = None if stage == "open" else CLOSED
        made = [opportunity(stage=stage, opened=OPENED, closed=closed) for _n in range(6)]
        register(partner(), made[0], sent=day(-1))
        register(partner(), made[1], sent=day(10))
        lead(partner(), made[2], at=day(-60))
        touch(partner(), made[3])
        touch(partner(), made[4], kind="reference")
        both = partner()
        register(both, made[5], sent=day(10))
        touch(both, made[5], kind="reference")
        shared = made[0].partners.get(role="sourcing")
        type(shared).objects.filter(pk=shared.pk).update(share_percent=60)
        roles(partner(), made[0], "sourcing", share_percent=40)
        deals += made
    attribution.recompute()
    return deals


def state():
    rows = Attribution.objects.values_list("opportunity_id", "partner_id", "credit", "evidence", "share_percent")
    return {row[:2]: row[2:] for row in rows}


def publish(definition=SHORT, at=NOW):
    draft = attributions.draft_rules(RuleDraft(definition, "Shorter"), by=SYSTEM, at=at)
    moves = attributions.try_rules(draft, by=SYSTEM, at=at)
    attributions.publish_rules(draft, Reason("Agreed"), by=SYSTEM, at=at)
    return draft, moves


def test_the_dry_run_lists_exactly_what_publishing_changes():
    world()
    before = state()
    _draft, moves = publish()
    assert state() == before
    attribution.recompute()
    after = state()
    told = {(m.opportunity_id, m.partner_id): ((m.was, m.was_evidence, m.was_share), (m.becomes, m.evidence, m.share))
            for m in moves}  # fmt: skip
    nothing = (None, None, None)
    seen = {key: (before.get(key, nothing), after.get(key, nothing)) for key in {*before, *after}}
    assert told == {key: pair for key, pair in seen.items() if pair[0] != pair[1]}
    assert len(moves) == 4


def test_what_is_closed_keeps_its_rules_and_what_is_open_gets_the_new_ones():
    deals = world()
    closed = [deal.pk for deal in deals if deal.stage == "won"]
    before = {key: values for key, values in state().items() if key[0] in closed}
    publish()
    attribution.recompute()
    assert {key: values for key, values in state().items() if key[0] in closed} == before
    versions = Attribution.objects.values_list("opportunity__stage", "rule_version").distinct()
    assert set(versions) == {("open", 2), ("won", 1)}


def test_what_closed_uncredited_before_the_new_rules_stays_under_the_old_ones():
    deal = opportunity(stage="won", opened=OPENED, closed=CLOSED)
    publish({"touch_entered_days": 400})
    touch(partner(), deal, entered=NOW)
    attribution.recompute()
    assert state() == {}


def test_publishing_reaches_the_figures_by_its_event():
    world()
    publish()
    deliver_due(NOW + timedelta(days=3650), rounds=3)
    assert attribution.recompute() == {}


def test_rules_are_published_after_a_fresh_dry_run_alone():
    draft = attributions.draft_rules(RuleDraft(SHORT, "x"), by=SYSTEM, at=NOW)
    with pytest.raises(Refused):
        attributions.publish_rules(draft, Reason(""), by=SYSTEM, at=NOW)
    attributions.try_rules(draft, by=SYSTEM, at=NOW)
    with pytest.raises(Refused):
        attributions.publish_rules(draft, Reason(""), by=SYSTEM, at=NOW + timedelta(days=1, seconds=1))
    attributions.draft_rules(RuleDraft({}, "y"), by=SYSTEM, at=NOW)
    draft.refresh_from_db()
    with pytest.raises(Refused):
        attributions.publish_rules(draft, Reason(""), by=SYSTEM, at=NOW)
    assert AttributionRule.objects.count() == 1


def test_a_published_version_never_changes():
    draft, _moves = publish()
    for change in (attributions.try_rules, lambda rule, **kw: attributions.publish_rules(rule, Reason(""), **kw)):
        with pytest.raises(Refused):
            change(draft, by=SYSTEM, at=NOW)
    assert attributions.draft_rules(RuleDraft({}, "next"), by=SYSTEM, at=NOW).number == 3


def test_only_operations_change_the_rules():
    with pytest.raises(Forbidden):
        attributions.draft_rules(RuleDraft({}, "x"), by=make_cast().actor("mona"), at=NOW)


@pytest.mark.parametrize(
    "definition",
    [
        [], {"unknown": 1}, {"late_days": -1}, {"late_days": "7"}, {"late_days": True}, {"ranks": ["registration"] * 2},
        {"ranks": ["guess"]}, {"touch_kinds": "joint_call"}, {"days": {"campaign": 9999}}, {"days": {"guess": 3}},
        {"days": [1]},
    ],
)  # fmt: skip
def test_rules_that_do_not_fit_are_told_in_words(definition):
    assert len(faults(definition)) == 1


def test_rules_survive_being_stored():
    assert (faults(Terms().definition()), Terms.of(json.loads(json.dumps(Terms().definition())))) == (
        [], Terms(ranks=list(Terms().ranks), touch_kinds=list(Terms().touch_kinds)),
    )  # fmt: skip


def test_the_command_lists_the_moves_and_writes_nothing(tmp_path):
    world()
    before = state()
    rules = tmp_path / "rules.yaml"
    rules.write_text(json.dumps(SHORT))
    out = StringIO()
    call_command("attribution_dry_run", rules=str(rules), stdout=out)
    lines = out.getvalue().splitlines()
    assert (len([line for line in lines if " > " in line]), lines[-1]) == (4, "credits that move: 4")
    assert (state(), AttributionRule.objects.count()) == (before, 0)
    rules.write_text("late_days: many")
    with pytest.raises(CommandError):
        call_command("attribution_dry_run", rules=str(rules), stdout=out)


def test_operations_draft_try_and_publish_on_the_page():
    olga = Client()
    olga.force_login(make_cast().olga)
    world()
    path = "/admin/program/attribution/"
    assert olga.get(path).status_code == 200
    assert olga.post(f"{path}draft/", {"definition": "late_days: many", "note": "x"}).status_code == 422
    assert olga.post(f"{path}draft/", {"definition": json.dumps(SHORT), "note": "Shorter"}).status_code == 302
    assert olga.post(f"{path}publish/", {"text": ""}).status_code == 422
    assert olga.post(f"{path}try/").status_code == 302
    assert "4 credits move." in olga.get(path).content.decode()
    assert olga.post(f"{path}publish/", {"text": ""}).status_code == 302
    assert AttributionRule.objects.get().published_by == "Olga"


@pytest.mark.parametrize("words", ["days: 2026-13-45", "a: [", "[" * 3000, "just words"])
def test_rules_that_can_not_be_read_are_told_on_the_form(words):
    form = DraftRules({"definition": words, "note": "Shorter"})
    assert list(form.errors) == ["definition"]
