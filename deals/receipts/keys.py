"""The keys of receipts: our own, and the public ones of keys that were in use before."""

from base64 import b64decode, urlsafe_b64encode
from functools import lru_cache
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from deals.receipts.seal import Signer, key_id


@lru_cache(maxsize=4)
def _signer(secret: str) -> Signer:
    return Signer(Ed25519PrivateKey.from_private_bytes(sha256(b"prm-receipt-key\n" + secret.encode()).digest()))


def own_key() -> Signer:
    """The key that signs now."""
    return _signer(settings.RECEIPT_KEY)


def public_keys() -> dict[str, bytes]:
    """Key id → public key: the present one first, then those of earlier years."""
    old = [b64decode(text + "=" * (-len(text) % 4), altchars=b"-_") for text in settings.RECEIPT_OLD_PUBLIC_KEYS]
    return {own_key().key_id: own_key().public, **{key_id(public): public for public in old}}


def published() -> dict[str, Any]:
    """The public keys as a JWK set (RFC 8037)."""
    return {
        "keys": [
            {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": name, "x": _url64(public)}
            for name, public in public_keys().items()
        ]
    }


def _url64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def from_published(found: Any) -> dict[str, bytes]:
    """Key id → public key of such a set. Raises KeyError, TypeError or ValueError for anything else."""
    keys = [b64decode(one["x"] + "=" * (-len(one["x"]) % 4), altchars=b"-_") for one in found["keys"]]
    return {key_id(public): public for public in keys}
