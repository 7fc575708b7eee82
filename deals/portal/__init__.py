"""Partners' pages about deals."""

from deals.portal.deal import DealPage
from deals.portal.deals import DealList
from deals.portal.registering import DealCheck, DealDraft, DealNew

__all__ = ("DealCheck", "DealDraft", "DealList", "DealNew", "DealPage")
