"""The short form of `python -m tests.fuzz`: a few hundred requests with each kind of key."""

import os

import pytest

from tests import fuzz


@pytest.mark.slow
@pytest.mark.committed
def test_a_live_server_keeps_the_promises_of_its_description(monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert "DATABASE_URL" not in os.environ
    with fuzz.server() as live:
        assert fuzz.run(live.address, live.ours, 1, "fuzzing") == 0
        assert fuzz.run(live.address, live.theirs, 1, "fuzzing", "--include-method", "GET") == 0
