"""What happened, in words."""

import re
from pathlib import Path

from mdf.shown import story

EVENTS = Path(__file__).resolve().parents[2] / "docs" / "events.md"


def test_everything_that_happens_to_a_request_and_its_claims_has_words_of_its_own():
    known = set(re.findall(r"`(mdf_(?:request|activity|claim)\.\w+)`", EVENTS.read_text()))
    assert len(known) > 30
    assert known - story._SAID.keys() - story._QUIET == set()
