"""The unit of work: PostgreSQL knows whose it is, also when one stands inside another and when one breaks."""

from contextlib import nullcontext

import pytest
from django.db import connection, transaction

from core.actor import NOBODY, SYSTEM, Actor
from core.scope import across, elevated, scope
from partners.models import Partner


def told() -> tuple[str, str]:
    """(partners, sees all) as PostgreSQL knows them now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('app.partners', true), current_setting('app.sees_all', true)")
        return cursor.fetchone()


def seen() -> set[str]:
    return set(Partner.objects.values_list("name", flat=True))


@pytest.fixture
def acme(cast) -> Actor:
    return cast.actor("ada")


@pytest.mark.parametrize("actor", [NOBODY, Actor(), Actor("x", "partner"), Actor("x", "vendor")])
def test_an_actor_without_partners_sees_nothing(cast, actor):
    with scope(actor):
        assert (told(), seen()) == (("{}", ""), set())


def test_a_partner_sees_itself(cast, acme):
    with scope(acme):
        assert (told(), seen()) == ((f"{{{cast.acme.pk}}}", ""), {"Acme"})


def test_the_system_sees_all(cast, acme):
    with scope(acme), elevated():
        assert (told(), seen()) == (("{}", "on"), {"Acme", "Cobalt"})


def test_a_look_across_the_wall_costs_nothing_where_all_is_seen_already(cast, acme, django_assert_num_queries):
    with scope(SYSTEM), django_assert_num_queries(1), across():
        assert Partner.objects.count() == 2
    with scope(acme):
        assert Partner.objects.count() == 1
        with across():
            assert Partner.objects.count() == 2
        assert Partner.objects.count() == 1


def test_what_is_seen_on_one_connection_says_nothing_of_another(cast):
    with scope(SYSTEM):
        assert (type(across()), type(across("read"))) == (nullcontext, type(elevated()))


def test_the_outer_scope_holds_again_after_the_inner(cast, acme):
    with scope(acme):
        with elevated():
            pass
        assert (told()[1], seen()) == ("", {"Acme"})
    with scope(SYSTEM):
        with scope(acme):
            pass
        assert seen() == {"Acme", "Cobalt"}


def test_the_outer_scope_holds_again_after_the_inner_broke(cast, acme):
    with scope(acme):
        with pytest.raises(ZeroDivisionError), elevated():
            raise ZeroDivisionError
        assert (told()[1], seen()) == ("", {"Acme"})


def test_what_a_broken_scope_wrote_is_gone(cast):
    with pytest.raises(ZeroDivisionError), elevated():
        raise _after(Partner.objects.filter(name="Acme").update(name="Changed"))
    assert seen() == {"Acme", "Cobalt"}


def _after(rows: int) -> Exception:
    assert rows == 1
    return ZeroDivisionError()


def test_a_scope_that_is_rolled_back_by_hand_leaves_no_rights_behind(cast, acme):
    with scope(acme):
        with transaction.atomic():
            with elevated():
                pass
            transaction.set_rollback(True)
        assert seen() == {"Acme"}


def test_the_setting_ends_with_its_transaction(committed):
    with elevated():
        assert told() == ("{}", "on")
    assert told() in (("", ""), (None, None))
    assert seen() == set()
