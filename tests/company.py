"""The demo company of usual size, loaded once for all tests that look at it."""

from prm.seed.load import load
from prm.seed.plan import Size
from tests.factories import NOW
from tests.ground import ground


def load_usual() -> object:
    return load(Size(), at=NOW)


demo_company = ground(load_usual)
