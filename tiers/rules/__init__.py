"""Which tier do facts earn under the rules of a program? Pure: no database, no clock."""

from django.utils.translation import gettext as _

from tiers.rules.bars import no_longer_earned
from tiers.rules.documents import NAMED_BY, PERCENTS, differences, granted, normal, percent, tier_key, unfit
from tiers.rules.figures import OPS, Facts, plain
from tiers.rules.grammar import CannotJudge, Problem
from tiers.rules.judging import TierFinding, Verdict, assess, judge, judge_all, verdict
from tiers.rules.judging import rule_finding as weigh
from tiers.rules.programs import Program, read, sound
from tiers.rules.reach import unreachable
from tiers.rules.weighing import Finding

__all__ = (
    "NAMED_BY", "OPS", "PERCENTS", "CannotJudge", "Facts", "Finding", "Problem", "Program", "TierFinding", "Verdict",
    "assess", "differences", "granted", "judge", "judge_all", "no_longer_earned", "normal", "percent", "plain",
    "problems", "sound", "tier_key", "unfit", "verdict", "weigh",
)  # fmt: skip


def problems(definition) -> list[Problem]:
    """Why a definition can't be used, with path and reason; where all can be read, also tiers that nobody can reach."""
    program, found = read(definition)
    if found:
        return found
    reason = _("nobody can reach this tier: its rule can't be met, or a higher tier is always reached with it")
    return [Problem(f"{tier.path}.requires", reason) for tier in unreachable(program)]
