"""The same receipt for the vendor's people."""

from deals.portal.receipt import Receipt


class ConsoleReceipt(Receipt):
    audience = ("vendor",)
