"""Accounts above accounts: parents first, circles refused with a reason."""

import pytest

from core import bulk
from crm.hierarchy import Hierarchy
from deals.models import Account


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("a", "would be its own parent: a → b → c → a"),
        ("b", "would be its own parent: b → c → a → b"),
        ("below", None),
        ("fine", None),
        ("top", None),
    ],
)
def test_who_stands_in_a_circle_is_told_the_circle(name, why):
    pairs = [("a", "b"), ("b", "c"), ("c", "a"), ("below", "a"), ("fine", "top"), ("top", None)]
    assert Hierarchy(pairs).wrong(name) == why


def test_of_rows_with_one_id_the_last_counts():
    assert Hierarchy([("a", "b"), ("b", "a"), ("a", None)]).wrong("b") is None


def test_a_chain_without_end_is_refused():
    tree = Hierarchy((str(n), str(n + 1)) for n in range(100))
    assert tree.wrong("0") == "has more than 30 levels above it"
    assert tree.wrong("90") is None


ACCOUNTS = {"id": "account", "path": "accounts.csv", "fields": {"name": "account", "parent": "parent"}}


def run(export, text: str):
    export.mapping = {"schema": 1, "files": {"accounts": ACCOUNTS}}
    export.write("accounts.csv", "account,parent\n" + text)
    return [(row["line"], row["outcome"], row["why"]) for row in sorted(export.run().rows, key=lambda r: r["line"])]


@pytest.mark.django_db
def test_a_circle_in_a_file_is_refused_row_by_row(export):
    assert run(export, "a,b\nb,a\nc,a\nd,\n") == [
        (2, "invalid", "would be its own parent: a → b → a"),
        (3, "invalid", "would be its own parent: b → a → b"),
        (4, "created", ""),
        (5, "created", ""),
    ]
    assert set(Account.objects.values_list("name", "parent")) == {("c", None), ("d", None)}


@pytest.mark.django_db
def test_a_circle_through_accounts_that_are_here_is_refused(export):
    run(export, "a,\nb,a\nc,b\n")
    why = "would be its own parent, by accounts that are here already"
    assert run(export, "a,c\n") == [(2, "invalid", why)]
    assert Account.objects.get(name="a").parent is None


@pytest.mark.django_db
def test_parent_and_child_may_change_places(export):
    run(export, "a,\nb,a\n")
    assert run(export, "b,\na,b\n") == [(2, "updated", ""), (3, "updated", "")]
    assert Account.objects.get(name="a").parent.name == "b"


@pytest.mark.django_db
@pytest.mark.parametrize("size", [1, 2, 3])
def test_parents_come_before_children_whatever_the_order_and_the_chunks(export, monkeypatch, size):
    monkeypatch.setattr(bulk.chunks, "__defaults__", (size,))
    monkeypatch.setattr(bulk, "CHUNK", size)
    found = run(export, "d,c\nc,b\nb,a\na,\ne,nobody\n")
    assert [outcome for _line, outcome, _why in found] == ["created"] * 5
    assert dict(Account.objects.exclude(parent=None).values_list("name", "parent__name")) == {
        "d": "c",
        "c": "b",
        "b": "a",
    }
    assert {outcome for _line, outcome, _why in run(export, "d,c\nc,b\nb,a\na,\ne,nobody\n")} == {"unchanged"}
