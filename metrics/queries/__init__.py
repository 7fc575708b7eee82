"""Reads about figures, for every door."""

from metrics.queries.cut import GROUPS, Cut
from metrics.queries.figures import Basis, Group, Reading, breakdown, metric, reading
from metrics.queries.totals import Totals, totals

__all__ = ("GROUPS", "Basis", "Cut", "Group", "Reading", "Totals", "breakdown", "metric", "reading", "totals")
