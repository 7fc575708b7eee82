"""Which tier facts earn: of one membership with every reason, or of many at once. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tiers.rules.figures import Facts
from tiers.rules.grammar import Group, Node, Reader
from tiers.rules.programs import CannotJudge, Program, sound
from tiers.rules.weighing import Finding, is_for, tester, weigh


@dataclass(frozen=True, slots=True)
class TierFinding:
    name: str
    rank: int
    met: bool
    finding: Finding


@dataclass(frozen=True, slots=True)
class Verdict:
    """The tier earned (None for none) and why each tier is or is not, lowest rank first."""

    earned: TierFinding | None
    tiers: tuple[TierFinding, ...]

    @property
    def name(self) -> str | None:
        return self.earned.name if self.earned else None


def assess(definition: Mapping[str, Any], facts: Facts) -> Verdict:
    """The highest-ranked tier whose own rule, unlock and the program's gate hold. Raises CannotJudge.

    `facts`: figures by metric, those of a window under `metric@window`; `market` for programs that differ by market.
    """
    return verdict(sound(definition), facts)


def verdict(program: Program, facts: Facts) -> Verdict:
    known = program.known(facts)
    found = [(tier, weigh(tier.rule, known)) for tier in program.tiers if is_for(tier, known)]
    tiers = tuple(TierFinding(tier.name, tier.rank, finding.met, finding) for tier, finding in found)
    return Verdict(next((t for t in reversed(tiers) if t.met), None), tiers)


def judge(program: Program) -> Callable[[Facts], int | None]:
    """A function facts → rank (None for no tier): the same answer as `verdict`, each set of figures judged once."""
    tests = [(tier, tester(tier.rule)) for tier in reversed(program.tiers)]
    reads = sorted(program.reads)
    answers: dict[tuple[Any, ...], int | None] = {}

    def rank(facts: Facts) -> int | None:
        key = tuple(map(facts.get, reads))
        try:
            return answers[key]
        except KeyError:
            answers[key] = answer = fresh(program.known(facts))
            return answer
        except TypeError:  # a fact that is no plain value
            return fresh(program.known(facts))

    def fresh(known: Facts) -> int | None:
        return next((tier.rank for tier, test in tests if is_for(tier, known) and test(known)), None)

    return rank


def judge_all(definition: Mapping[str, Any], rows: Iterable[Facts]) -> list[int | None]:
    """The rank that each row of facts earns, in order; None for no tier. Raises CannotJudge."""
    return list(map(judge(sound(definition)), rows))


def rule_finding(raw: Any, facts: Facts, window: str = "") -> Finding:
    """The finding of a rule by itself. Raises CannotJudge."""
    reader = Reader(window)
    node: Node = reader.rule(raw, "") if raw else Group("all", ())
    if reader.problems:
        raise CannotJudge(reader.problems[0].reason)
    return weigh(node, facts)
