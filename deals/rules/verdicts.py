"""What the duplicate check may say. Pure."""

from deals.enums import Verdict

_WEIGHT = {Verdict.CLEAR: 0, Verdict.POSSIBLE: 1, Verdict.CONFLICT: 2, Verdict.CUSTOMER: 3, Verdict.YOURS: 4}


def worst(verdicts) -> str:
    """The one verdict to show for several matches; clear when there is none."""
    return max(verdicts, key=lambda v: _WEIGHT[v], default=Verdict.CLEAR)
