"""fire(): the one way a state changes, compared with what was read."""

import pytest
from django.db import transaction

from core.actor import SYSTEM
from core.errors import Forbidden, IllegalTransition, Refused, Stale
from core.models import Event
from core.workflow import Step, Workflow, illegal_moves
from partners.enums import InvitationStatus as S
from partners.models import Invitation
from tests.factories import NOW, InvitationFactory

pytestmark = pytest.mark.django_db

FLOW = Workflow(
    Step("accept", (S.SENT,), S.ACCEPTED, "invitation.accept", "accepted"),
    Step("revoke", (S.SENT,), S.REVOKED, "member.invite", "revoked", unless=(lambda one, at: one.metadata.get("bar"),)),
    final=(S.ACCEPTED, S.REVOKED),
)


@pytest.fixture
def sent(db) -> Invitation:
    return Invitation.objects.get(pk=InvitationFactory().pk)


def test_a_step_moves_the_state_writes_its_columns_and_says_so(sent):
    event = FLOW.fire(sent, "accept", by=SYSTEM, at=NOW, data={"text": "yes"}, accepted_at=NOW)
    assert (sent.status, sent.accepted_at, sent.version) == (S.ACCEPTED, NOW, 2)
    assert (event.type, event.subject_version, event.partner_id) == ("invitation.accepted", 2, sent.partner_id)
    assert event.data == {"changes": {"status": ["sent", "accepted"]}, "text": "yes"}


def test_who_read_the_state_before_it_moved_loses(sent):
    late = Invitation.objects.get(pk=sent.pk)
    FLOW.fire(sent, "revoke", by=SYSTEM, at=NOW)
    with pytest.raises(Stale) as lost:
        FLOW.fire(late, "accept", by=SYSTEM, at=NOW, accepted_at=NOW)
    assert (lost.value.code, late.status, late.accepted_at) == ("already_decided", S.REVOKED, None)
    assert Event.objects.filter(subject_id=sent.pk).count() == 1


def test_who_read_an_older_version_loses(sent):
    late = Invitation.objects.get(pk=sent.pk)
    Invitation.objects.filter(pk=sent.pk).update(email="other@partner.example")
    with pytest.raises(Stale) as lost:
        FLOW.fire(late, "accept", by=SYSTEM, at=NOW)
    assert (lost.value.code, late.version) == ("version_mismatch", 2)
    assert Event.objects.filter(subject_id=sent.pk).count() == 0


def test_refusals_come_in_order_permission_state_rule(sent, cast):
    Invitation.objects.filter(pk=sent.pk).update(metadata={"bar": "Not today."})
    sent.refresh_from_db()
    ada, bo = cast.actor("ada"), cast.actor("bo")
    assert type(FLOW.refusal(sent, "revoke", by=ada, at=NOW)) is Forbidden
    assert type(FLOW.refusal(sent, "revoke", by=bo, at=NOW)) is Refused
    assert str(FLOW.refusal(sent, "revoke", by=bo, at=NOW)) == "Not today."
    Invitation.objects.filter(pk=sent.pk).update(status=S.EXPIRED)
    sent.refresh_from_db()
    assert type(FLOW.refusal(sent, "revoke", by=ada, at=NOW)) is Forbidden
    assert type(FLOW.refusal(sent, "revoke", by=bo, at=NOW)) is IllegalTransition


def test_the_menu_shows_what_is_barred_with_the_reason(sent, cast):
    Invitation.objects.filter(pk=sent.pk).update(metadata={"bar": "Not today."})
    sent.refresh_from_db()
    offered = [(c.step.name, c.barred) for c in FLOW.menu(sent, by=cast.actor("bo"), at=NOW)]
    assert offered == [("accept", None), ("revoke", "Not today.")]


def test_what_is_rolled_back_leaves_no_event(sent):
    with transaction.atomic():
        FLOW.fire(sent, "accept", by=SYSTEM, at=NOW)
        transaction.set_rollback(True)
    assert (Invitation.objects.get(pk=sent.pk).status, Event.objects.count()) == (S.SENT, 0)


def test_the_version_grows_by_the_database_alone(sent):
    Invitation.objects.filter(pk=sent.pk).update(version=99, created_at=NOW, role="viewer")
    fresh = Invitation.objects.get(pk=sent.pk)
    assert (fresh.version, fresh.created_at) == (2, sent.created_at)
    assert fresh.updated_at > sent.updated_at


def test_the_diagram_has_an_arrow_for_every_move():
    drawn = FLOW.diagram().splitlines()
    assert drawn == [
        "stateDiagram-v2",
        "    sent --> accepted: accept",
        "    sent --> revoked: revoke",
        "    accepted --> [*]",
        "    revoked --> [*]",
    ]


def test_illegal_moves_are_all_that_the_table_does_not_name():
    assert set(illegal_moves(FLOW, ["sent", "expired"])) == {("expired", "accept"), ("expired", "revoke")}
