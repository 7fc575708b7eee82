"""Every change of the read models: all anew, or what some partners, opportunities and days touch."""

from metrics.particulars import Touched
from metrics.services.recompute import Report, judge, recompute, refresh, sweep_active

__all__ = ("Report", "Touched", "judge", "recompute", "refresh", "sweep_active")
