"""The console's own pages, from every app that has some."""

from deals.admin import console_patterns as deals
from tiers.admin import console_patterns as tiers

from prm.pages.queue import Queue

index = Queue.as_view()


def patterns() -> list:
    return [*deals, *tiers]
