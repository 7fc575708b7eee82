import pytest

from tests.laws.world import make_world


@pytest.fixture
def world(db):
    """The cast in business, with canaries in everything that is Cobalt's."""
    return make_world()
