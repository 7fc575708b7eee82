import pytest

from core.actor import SYSTEM
from core.scope import scope
from deals.matching import build, index
from deals.models import Account

pytestmark = pytest.mark.committed


def test_the_index_is_made_anew_by_the_owner_of_the_tables():
    with scope(SYSTEM):
        Account.objects.create(name="Zanderfield")
        index.renew(Account.objects.create(name="Quorvex"))
    assert build.anew() == 2
    with scope(SYSTEM):
        assert [one.name for one in index.near("Zanderfeild")] == ["Zanderfield"]
