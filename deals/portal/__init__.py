"""Partners' pages about deals."""

from deals.portal.deal import DealPage
from deals.portal.deals import DealList
from deals.portal.receipt import Receipt
from deals.portal.registering import DealCheck, DealDraft, DealNew
from deals.portal.transfer import TransferPage

__all__ = ("DealCheck", "DealDraft", "DealList", "DealNew", "DealPage", "Receipt", "TransferPage")
