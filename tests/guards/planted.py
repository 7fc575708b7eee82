"""A plugin that takes the guard named by GUARD away from every test: `pytest -p tests.guards.planted`."""

import importlib
import os

import pytest

from tests.guards.table import GUARDS


@pytest.fixture(autouse=True)
def _planted(committed, monkeypatch: pytest.MonkeyPatch) -> None:
    take = importlib.import_module("tests.guards.take")  # a plugin is there before Django is
    for name in GUARDS[os.environ["GUARD"]].taken_by:
        getattr(take, name)(monkeypatch)
