"""Files that people send: known by their content, made harmless, kept under our own names, lent by the minute."""

from core.files.clean import Clean, Rules, inspect, inspect_all
from core.files.store import attach, drop, keep, of, open_file

__all__ = ("Clean", "Rules", "attach", "drop", "inspect", "inspect_all", "keep", "of", "open_file")
