"""Logistic regression by Newton's method, in plain Python: how the factors in deals/data/name_model.txt were found."""

import math
from collections.abc import Sequence

Rows = Sequence[Sequence[float]]


def solve(matrix: list[list[float]], right: list[float]) -> list[float]:
    """The solution of a small linear system, by Gauss's elimination."""
    rows = [[*line, value] for line, value in zip(matrix, right, strict=True)]
    for i in range(len(rows)):
        best = max(range(i, len(rows)), key=lambda k: abs(rows[k][i]))
        rows[i], rows[best] = rows[best], rows[i]
        for k in range(i + 1, len(rows)):
            factor = rows[k][i] / rows[i][i]
            rows[k] = [a - factor * b for a, b in zip(rows[k], rows[i], strict=True)]
    out = [0.0] * len(rows)
    for i in reversed(range(len(rows))):
        out[i] = (rows[i][-1] - sum(rows[i][k] * out[k] for k in range(i + 1, len(rows)))) / rows[i][i]
    return out


def probability(factors: Sequence[float], row: Sequence[float]) -> float:
    """Of being a match; `factors` begins with the constant."""
    logit = factors[0] + sum(f * v for f, v in zip(factors[1:], row, strict=True))
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))


def fit(rows: Rows, labels: Sequence[bool], steps: int = 12) -> list[float]:
    """Constant and factors, with a ridge of 1 on the factors."""
    data = [(1.0, *row) for row in rows]
    size = len(data[0])
    factors = [0.0] * size
    for _ in range(steps):
        slope = [0.0] + [-f for f in factors[1:]]
        bend = [[float(i == j and i > 0) for j in range(size)] for i in range(size)]
        for row, label in zip(data, labels, strict=True):
            p = probability(factors, row[1:])
            weight, miss = p * (1 - p), label - p
            for i, value in enumerate(row):
                if value:
                    slope[i] += miss * value
                    scaled, line = weight * value, bend[i]
                    for j in range(i + 1):
                        line[j] += scaled * row[j]
        whole = [[bend[max(i, j)][min(i, j)] for j in range(size)] for i in range(size)]
        factors = [f + d for f, d in zip(factors, solve(whole, slope), strict=True)]
    return factors


def best_threshold(scores: Sequence[float], labels: Sequence[bool]) -> float:
    """The score from which on "match" gives the best F1."""
    ranked = sorted(zip(scores, labels, strict=True), reverse=True)
    wanted, right, best, at = sum(labels), 0, 0.0, 1.0
    for taken, (score, label) in enumerate(ranked, 1):
        right += label
        if (f1 := 2 * right / (taken + wanted)) > best:
            best, at = f1, score
    return at
