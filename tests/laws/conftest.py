"""The world of the laws."""

from tests.ground import ground
from tests.laws.world import make_world

world = ground(make_world)
