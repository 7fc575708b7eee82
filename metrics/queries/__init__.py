"""Reads about figures, for every door."""

from metrics.queries.breakdowns import breakdown, kept, metric
from metrics.queries.cut import GROUPS, Cut
from metrics.queries.figures import Basis, Group, Reading, reading
from metrics.queries.totals import Totals, totals

__all__ = ("GROUPS", "Basis", "Cut", "Group", "Reading", "Totals", "breakdown", "kept", "metric", "reading", "totals")
