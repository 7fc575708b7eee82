"""ISO 4217 codes of the currencies in use, from CLDR."""

from babel.numbers import get_territory_currencies

from partners.countries import NAMES

CODES = tuple(sorted({code for country in NAMES for code in get_territory_currencies(country)}))
