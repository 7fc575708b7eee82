"""THE table of timers: what happens because a moment has come. `<resource>.<kind>` → `(id, now)`."""

from collections.abc import Mapping

from core.timers import Bell
from deals import tasks as deals

TABLE: Mapping[str, Bell] = {
    "deal_registration.approach_end": deals.approach_end,
    "deal_registration.remind": deals.remind,
    "deal_registration.extend": deals.extend,
    "deal_registration.expire": deals.lapse,
    "deal_registration.move_line": deals.move_line,
}
