"""THE table of timers: what happens because a moment has come. `<resource>.<kind>` → `(id, now)`."""

from collections.abc import Mapping

from core.timers import Bell

TABLE: Mapping[str, Bell] = {}
