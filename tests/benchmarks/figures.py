"""What a bench tells: figures, each beside the plain way measured in the same run."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from time import perf_counter


@dataclass(frozen=True)
class Figure:
    """One measured figure. `plain` is the plain way's in the same unit, `goal` a bound such as "≤ 30" or "≥ 0.9"."""

    what: str
    value: float
    unit: str = ""
    plain: float | None = None
    goal: str = ""

    @property
    def ratio(self) -> float | None:
        return self.value / self.plain if self.plain else None

    @property
    def met(self) -> bool | None:
        if not self.goal:
            return None
        sign, _, bound = self.goal.partition(" ")
        return self.value <= float(bound) if sign == "≤" else self.value >= float(bound)

    def row(self) -> dict:
        return {**asdict(self), "ratio": self.ratio, "met": self.met}


Bench = Callable[[], Iterable[Figure]]


class Skipped(Exception):
    """The bench has not run; the text says why."""


def seconds(act: Callable[..., object], *args: object, **kwargs: object) -> float:
    """How long one call takes."""
    began = perf_counter()
    act(*args, **kwargs)
    return perf_counter() - began


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of the values lie."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]
