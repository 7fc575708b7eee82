"""Account numbers: whether one can be right. Pure."""

import re

from django.utils.translation import gettext as _

# Length of an IBAN by country, as far as the registry of ISO 13616 fixes it for those we meet.
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}\Z")
_ACCOUNT = re.compile(r"[A-Z0-9-]{4,34}\Z")
_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?\Z")
_ROUTING = re.compile(r"\d{9}\Z", re.ASCII)
_BRANCH = re.compile(r"[0-9-]{3,15}\Z", re.ASCII)


def plain(words: str) -> str:
    """A number without the spaces people group it by."""
    return re.sub(r"[\s.]", "", words).upper()


def account_trouble(account: str) -> str | None:
    """Why this can't be an IBAN or an account number."""
    if re.match(r"[A-Z]{2}\d{2}", account):
        if not _IBAN.match(account) or not _sums_up(account):
            return _("This IBAN is not right. Check each digit.")
        return None
    return None if _ACCOUNT.match(account) else _("Enter an IBAN, or an account number of 4 to 34 digits and letters.")


def code_trouble(code: str, account: str) -> str | None:
    """Why this can't be the code of a bank. An IBAN may come without."""
    if not code:
        is_iban = bool(re.match(r"[A-Z]{2}\d{2}", account))
        return None if is_iban else _("Enter the bank's BIC, routing or branch number.")
    if _ROUTING.match(code) and not _is_routing(code):
        return _("This routing number is not right. Check each digit.")
    if _BIC.match(code) or _BRANCH.match(code):
        return None
    return _("Enter the bank's BIC, like DEUTDEFF, or its routing or branch number.")


def _sums_up(iban: str) -> bool:
    """ISO 7064, mod 97-10."""
    digits = "".join(str(int(c, 36)) for c in iban[4:] + iban[:4])
    return int(digits) % 97 == 1


def _is_routing(code: str) -> bool:
    """The check digit of the American Bankers Association: weights 3, 7, 1."""
    return sum(int(c) * w for c, w in zip(code, (3, 7, 1) * 3, strict=True)) % 10 == 0


def hint(account: str) -> str:
    """What pages show of an account: its country where it tells it, and its last four characters."""
    country = account[:2] if account[:2].isalpha() else ""
    return f"{country}•••• {account[-4:]}".strip()
