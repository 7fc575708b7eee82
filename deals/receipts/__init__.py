"""Receipts of registrations: what was sent when, with which place in line, signed, and the events it rests on."""

from deals.receipts.facts import Facts, facts_of
from deals.receipts.keys import own_key, public_keys
from deals.receipts.paper import as_pdf
from deals.receipts.seal import Broken, as_json, verify

__all__ = ("Broken", "Facts", "as_json", "as_pdf", "facts_of", "own_key", "public_keys", "verify")
