"""Who is credited for an opportunity: recomputed from the evidence, set-based, frozen at close.

Sourced: the strongest evidence that was live when the opportunity was opened, or came soon after. A manager's decision
stands above all of it. Where the partner shares the sourcing of the opportunity with others, the credit is split as
they share it. Influenced: a partner that didn't source it, with a confirmed touch or an accepted lead of ours in time.
An open opportunity without account, day or amount is attributed to nobody.
"""

from deals.attribution.run import APPROVED_ONCE, Move, Version, dry_run, local_day, recompute, version_on, versions

__all__ = ("APPROVED_ONCE", "Move", "Version", "dry_run", "local_day", "recompute", "version_on", "versions")
