import pytest

from core.actor import SYSTEM
from core.scope import scope
from deals.matching import build, index
from deals.models import Account, CustomerName, NameKey

pytestmark = pytest.mark.committed


def test_the_index_is_made_anew_by_the_owner_of_the_tables():
    with scope(SYSTEM):
        Account.objects.create(name="Zanderfield")
        index.renew(Account.objects.create(name="Quorvex"))
    assert build.anew() == 2
    with scope(SYSTEM):
        assert [one.name for one in index.near("Zanderfeild")] == ["Zanderfield"]


def test_many_names_are_made_by_all_processors_and_more_follow(monkeypatch):
    names = ["Zanderfield", "Quorvex\tof\nBrno", "Back\\slash", "Plumbago", "Tessellate"]
    with scope(SYSTEM):
        for text in names:
            Account.objects.create(name=text)
    monkeypatch.setattr(build, "CHUNK", 2)
    assert build.anew() == 5
    with scope(SYSTEM):
        index.renew(Account.objects.create(name="Wistaria"))
        assert sorted(CustomerName.objects.values_list("name", flat=True)) == sorted([*names, "Wistaria"])
        assert set(CustomerName.objects.values_list("pk")) == set(NameKey.objects.values_list("pk"))
        assert [one.name for one in index.near("Tesselate")] == ["Tessellate"]
