"""THE table: what happens because something happened. Event type → functions, in order."""

from collections.abc import Mapping, Sequence

from core.events import Reaction

TABLE: Mapping[str, Sequence[Reaction]] = {}
