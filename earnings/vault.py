"""Bank details at rest: encrypted with a key made of BANK_KEY; older keys still open what they closed."""

import json
from base64 import urlsafe_b64encode
from functools import lru_cache
from hashlib import sha256

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


@lru_cache(maxsize=4)
def _keys(secrets: tuple[str, ...]) -> MultiFernet:
    made = (sha256(b"prm-bank-key\n" + secret.encode()).digest() for secret in secrets)
    return MultiFernet([Fernet(urlsafe_b64encode(key)) for key in made])


def _now() -> MultiFernet:
    return _keys((settings.BANK_KEY, *settings.BANK_OLD_KEYS))


def close(account: str, code: str) -> str:
    """The account and the bank's code, encrypted."""
    return _now().encrypt(json.dumps({"account": account, "code": code}).encode()).decode()


def opened(secret: str) -> tuple[str, str]:
    """The account and the bank's code again. Raises InvalidToken when no known key closed it."""
    found = json.loads(_now().decrypt(secret.encode()))
    return found["account"], found["code"]
