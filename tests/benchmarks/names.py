"""How well names are told apart, by cross-validation, beside a token-set ratio and equal normal names.

`python -m tests.benchmarks.names` prints deals/data/name_model.txt as it is fitted to all pairs.
"""
# ruff: noqa: T201

import csv
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from rapidfuzz.fuzz import token_set_ratio

from deals.matching.model import SAME_COMPANY, SAME_HOUSE, grade, score
from deals.matching.pair import PARTS, Parts, compare
from deals.matching.words import name
from deals.normalise import normal_name
from tests.benchmarks.figures import Figure, Skipped
from tests.benchmarks.fit import best_threshold, fit, probability

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "company_names"
FOLDS = 5


@dataclass(frozen=True)
class Pair:
    one: str
    two: str
    same: bool

    @property
    def parts(self) -> Parts:
        return compare(name(self.one), name(self.two))


def _read(file: str, one: str, two: str, label: str, **only: str) -> list[Pair]:
    path = DATA / file
    if not path.exists():
        raise Skipped(f"{path} is absent: the quality of the name matching was NOT measured.")
    with path.open(encoding="utf-8", newline="") as rows:
        chosen = (row for row in csv.DictReader(rows) if all(row[key] == value for key, value in only.items()))
        return [Pair(row[one], row[two], row[label] in ("1", "true")) for row in chosen]


def sibur() -> list[Pair]:
    """Pairs of names from customs papers; "same" there means one company or one group."""
    return _read("sibur_pairs_train.csv", "name_1", "name_2", "is_duplicate")


def nomenklatura() -> list[Pair]:
    """Pairs from the checks of a sanctions screener, those that it is sure of."""
    return _read("nomenklatura_org_pairs.csv", "name1", "name2", "is_match", quality="STRONG")


def folds(pairs: Sequence[Pair]) -> dict[str, int]:
    """Name → fold. Names that are the same company or group by any chain of labels share a fold."""
    above: dict[str, str] = {}

    def root(text: str) -> str:
        while above.setdefault(text, text) != text:
            text = above[text] = above[above[text]]
        return text

    for pair in pairs:
        one, two = root(pair.one), root(pair.two)
        if pair.same:
            above[one] = two
    sizes = Counter(root(text) for pair in pairs for text in (pair.one, pair.two))
    load, of_family = [0] * FOLDS, {}
    for family, size in sorted(sizes.items(), key=lambda item: (-item[1], item[0])):
        of_family[family] = fold = load.index(min(load))
        load[fold] += size
    return {text: of_family[root(text)] for text in list(above)}


def cross_validated(pairs: Sequence[Pair]) -> list[float]:
    """The score of each pair by factors and a threshold found on pairs that share no name and no family with it."""
    fold, parts = folds(pairs), [pair.parts for pair in pairs]
    sides = [frozenset((fold[pair.one], fold[pair.two])) for pair in pairs]
    wanted = {frozenset(chosen) for size in (1, 2) for chosen in combinations(range(FOLDS), size)}
    scores = [0.0] * len(pairs)
    for left_out in wanted:
        learnt = [i for i, side in enumerate(sides) if not side & left_out]
        factors = fitted([parts[i] for i in learnt], [pairs[i].same for i in learnt])
        for i, side in enumerate(sides):
            if side == left_out:
                scores[i] = grade(probability(factors, parts[i].values()), parts[i])
    return scores


def fitted(parts: Sequence[Parts], labels: Sequence[bool]) -> list[float]:
    """Constant and factors, the constant moved so that one half is the threshold of the best F1."""
    rows = [one.values() for one in parts]
    factors = fit(rows, labels)
    at = best_threshold([probability(factors, row) for row in rows], labels)
    return [factors[0] - math.log(at / (1 - at)), *factors[1:]]


def quality(scores: Sequence[float], pairs: Sequence[Pair], least: float) -> tuple[float, float, float]:
    """Precision, recall and F1 of "the same from `least` on"."""
    said = [score >= least for score in scores]
    right = sum(one and pair.same for one, pair in zip(said, pairs, strict=True))
    precision, recall = right / (sum(said) or 1), right / sum(pair.same for pair in pairs)
    return precision, recall, 2 * precision * recall / ((precision + recall) or 1)


def _plain_ways(pairs: Sequence[Pair]) -> tuple[float, float]:
    """F1 of a token-set ratio at its best threshold on these very pairs, and of equal normal names."""
    ratios = [token_set_ratio(pair.one, pair.two) / 100 for pair in pairs]
    at = best_threshold(ratios, [pair.same for pair in pairs])
    equal = [float(normal_name(pair.one) == normal_name(pair.two)) for pair in pairs]
    return quality(ratios, pairs, at)[2], quality(equal, pairs, 1.0)[2]


def run() -> Iterator[Figure]:
    learnt, held_out = sibur(), nomenklatura()
    yield from _report(f"{len(learnt):,} customs pairs, cross-validated", learnt, cross_validated(learnt))
    judged = [score(name(pair.one), name(pair.two)).value for pair in held_out]
    yield from _report(f"{len(held_out)} screening pairs (STRONG), none learnt from", held_out, judged)


def _report(label: str, pairs: Sequence[Pair], scores: Sequence[float]) -> Iterator[Figure]:
    ratio, equal = _plain_ways(pairs)
    precision, recall, f1 = quality(scores, pairs, SAME_HOUSE)
    yield Figure(f"{label}: F1 (plain: token-set ratio)", f1, "", ratio, "≥ 0.9")
    yield Figure(f"{label}: F1 (plain: equal normal names)", f1, "", equal)
    yield Figure(f"{label}: precision", precision)
    yield Figure(f"{label}: recall", recall)
    sure = quality(scores, pairs, SAME_COMPANY)
    yield Figure(f'{label}: precision of "conflict" ({SAME_COMPANY})', sure[0], goal="≥ 0.97")
    yield Figure(f'{label}: recall of "conflict"', sure[1])


if __name__ == "__main__":
    known = sibur()
    for part, factor in zip(
        ("constant", *PARTS), fitted([p.parts for p in known], [p.same for p in known]), strict=True
    ):
        print(f"{part} {factor:.4f}")
