"""ISO 3166-1 alpha-2 codes with their names, from CLDR."""

from babel import Locale

_NOT_ISO = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"}


def _names() -> dict[str, str]:
    territories = Locale("en").territories
    return {code: name for code, name in territories.items() if len(code) == 2 and code not in _NOT_ISO}


NAMES = _names()
COUNTRIES = sorted(NAMES.items(), key=lambda pair: pair[1])


def country_name(code: str) -> str:
    return NAMES.get(code, code)
