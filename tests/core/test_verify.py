"""prm_verify finds what was tampered with; each check is shown to bite on a planted fault."""

import json
from contextlib import closing
from datetime import timedelta

import psycopg2
import pytest
from django.core.management import call_command

from core import deliver, verify
from core.actor import SYSTEM
from core.clock import now
from core.events import record
from core.models import Delivery, DeliveryState, Event, SequenceEntry
from core.scope import scope
from core.sequencer import sequence
from deals.models import OpportunityPartner, Registration
from tests.deals.conftest import make_market
from tests.factories import make_cast

pytestmark = pytest.mark.committed


def found(name: str) -> list[str]:
    with scope(SYSTEM):
        return verify.verify(now())[name]


@pytest.fixture
def business(committed):
    """An approved deal, everything delivered and in order."""
    with scope(SYSTEM):
        deal = make_market(make_cast()).approved()
    deliver.deliver_due(now())
    with scope(SYSTEM):
        sequence()
    return deal


@pytest.fixture
def tamper(committed):
    """tamper(sql): what somebody with the keys to the server could do."""

    def run(sql: str) -> None:
        with closing(psycopg2.connect(committed.place.url("postgres", committed.name))) as connection:
            connection.cursor().execute(f"SET session_replication_role = replica; {sql}")
            connection.commit()

    return run


def test_all_holds_after_a_day_of_business(business, capsys):
    call_command("prm_verify", "--json")
    assert json.loads(capsys.readouterr().out)["ok"] is True


def test_one_changed_word_in_an_old_event_is_found(business, tamper):
    first = SequenceEntry.objects.order_by("position").first()
    tamper(f"UPDATE core_event SET actor_label = 'Somebody else' WHERE id = {first.event_id}")
    assert found("chain") == ["position 1 doesn't fit its event or its predecessor"]


def test_a_cut_tail_is_found(business, tamper):
    last = SequenceEntry.objects.order_by("-position").first()
    tamper(f"DELETE FROM core_sequence WHERE position = {last.position}")
    assert found("chain") == [f"event {last.event_id} is in no place of the order"]


def test_a_tail_cut_from_both_tables_is_remembered_by_its_deliveries(business, tamper):
    last = Delivery.objects.order_by("-event_id").first().event_id
    tamper(f"DELETE FROM core_sequence WHERE event_id >= {last}; DELETE FROM core_event WHERE id >= {last}")
    assert found("chain") == [f"event {last} is gone, a delivery of it is left"]


def test_a_state_that_no_step_led_to_is_found(business, tamper):
    with scope(SYSTEM):
        event = Event.objects.get(type="deal_registration.approved")
    tamper(f"""UPDATE core_event SET data = jsonb_set(data, '{{changes,status,0}}', '"draft"') WHERE id = {event.pk}""")
    assert found("states") == [f"deal_registration {business.pk} jumps at event {event.pk}"]


def test_a_stage_without_its_event_is_found(business, tamper):
    with scope(SYSTEM):
        opportunity = Registration.objects.get().opportunity
        record("won", opportunity, by=SYSTEM, at=now(), data={"changes": {"stage": ["open", "won"]}})
    assert found("states") == [f"opportunity {opportunity.pk} is in a state that no event tells of"]


def test_a_policy_that_lets_everybody_in_is_found(business, tamper):
    tamper("ALTER POLICY wall_read ON partners_partner USING (true)")
    assert found("walls") == ["partners_partner (wall_read) asks nobody"]


def test_a_wall_taken_off_a_table_without_partner_column_is_found(business, tamper):
    tamper("ALTER TABLE deals_account DISABLE ROW LEVEL SECURITY")
    assert found("walls") == ["deals_account has no wall"]


def test_a_role_that_steps_over_walls_is_found(business, committed):
    with closing(psycopg2.connect(committed.place.url("postgres", committed.name))) as connection:
        cursor = connection.cursor()
        for sql in (verify._MIGHTY, verify._OWNED % 1):
            cursor.execute(sql)
            assert cursor.fetchall()


def test_a_state_without_its_event_is_found_and_the_command_fails(business, tamper, capsys):
    tamper(f"UPDATE deals_registration SET status = 'won' WHERE id = '{business.pk}'")
    assert found("states") == [f"deal_registration {business.pk} is in a state that no event tells of"]
    with pytest.raises(SystemExit) as ended:
        call_command("prm_verify")
    assert ended.value.code == 1


def test_late_and_dead_deliveries_are_found(business):
    one, two = Delivery.objects.order_by("pk")[:2]
    long_ago = now() - timedelta(minutes=6)
    Delivery.objects.filter(pk=one.pk).update(state=DeliveryState.OPEN, due_at=long_ago)
    Delivery.objects.filter(pk=two.pk).update(state=DeliveryState.DEAD, error="it broke")
    assert [line.split(" ")[0] for line in found("deliveries")] == [str(one.pk), str(two.pk)]


def test_a_table_without_its_wall_is_found(business, tamper):
    tamper("ALTER TABLE deals_registration NO FORCE ROW LEVEL SECURITY")
    assert found("walls") == ["deals_registration has no wall"]


def test_shares_that_do_not_sum_to_the_whole_are_found(business, tamper):
    row = OpportunityPartner.objects.filter(role="sourcing")
    with scope(SYSTEM):
        pk = row.get().pk
        reference = Registration.objects.get().opportunity.reference
    tamper(f"UPDATE deals_opportunitypartner SET share_percent = 60 WHERE id = '{pk}'")
    assert found("shares") == [f"{reference} adds up to 60.00%"]


def test_nothing_is_found_where_nothing_happened(committed):
    assert found("chain") == []
    assert Event.objects.count() == 0
