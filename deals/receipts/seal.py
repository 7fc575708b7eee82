"""Signs receipts and checks them: needs the file and a public key, no database and no network.

A JSON receipt is `{"receipt": …, "signature": …}` in the one canonical spelling (sorted keys, no spaces, UTF-8), so any
other byte is another file. A PDF ends with a comment line that signs every byte before it.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ALGORITHM = "Ed25519"
MARK = b"\n%PRM-SIG "
_JSON, _PDF = b"prm-receipt-json\n", b"prm-receipt-pdf\n"  # a signature of one kind is none of the other


class Broken(Exception):
    """The file isn't what was signed; the message says what is wrong."""


@dataclass(frozen=True)
class Signer:
    """A private key and its name: the first 16 hex digits of the SHA-256 of the public key."""

    private: Ed25519PrivateKey

    @property
    def public(self) -> bytes:
        return self.private.public_key().public_bytes_raw()

    @property
    def key_id(self) -> str:
        return key_id(self.public)

    def signature(self, context: bytes, signed: bytes, position: int) -> dict[str, Any]:
        head = {"alg": ALGORITHM, "key_id": self.key_id, "position": position}
        value = self.private.sign(_message(context, head, signed))
        return {**head, "value": b64encode(value).decode()}


def _message(context: bytes, head: Mapping[str, Any], signed: bytes) -> bytes:
    """What is signed: what the signature says of itself, then the content."""
    return context + canonical(head) + b"\n" + signed


def key_id(public: bytes) -> str:
    return sha256(public).hexdigest()[:16]


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def as_json(facts: Mapping[str, Any], signer: Signer) -> bytes:
    """The signed JSON receipt."""
    signature = signer.signature(_JSON, canonical(facts), facts["position"])
    return canonical({"receipt": facts, "signature": signature})


def seal_pdf(pdf: bytes, position: int, signer: Signer) -> bytes:
    """The PDF with the line that signs every byte before it."""
    return pdf + MARK + canonical(signer.signature(_PDF, pdf, position)) + b"\n"


def verify(file: bytes, keys: Mapping[str, bytes]) -> dict[str, Any]:
    """What a genuine receipt says: its facts, or of a PDF its signature's. `keys`: key id → public key of 32 bytes.

    Raises Broken when one byte differs, or when no key is known by its name.
    """
    return _verify_pdf(file, keys) if file.startswith(b"%PDF-") else _verify_json(file, keys)


def _verify_json(file: bytes, keys: Mapping[str, bytes]) -> dict[str, Any]:
    whole = _parsed(file)
    if set(whole) != {"receipt", "signature"} or canonical(whole) != file:
        raise Broken("The file isn't spelled as receipts are.")
    _check(whole["signature"], _JSON, canonical(whole["receipt"]), keys)
    if whole["signature"]["position"] != whole["receipt"].get("position"):
        raise Broken("The signature is of another receipt.")
    return whole["receipt"]


def _verify_pdf(file: bytes, keys: Mapping[str, bytes]) -> dict[str, Any]:
    body, mark, line = file.rpartition(MARK)
    if not mark or not line.endswith(b"\n"):
        raise Broken("The PDF carries no signature.")
    signature = _parsed(line[:-1])
    if canonical(signature) != line[:-1]:
        raise Broken("The signature isn't spelled as signatures are.")
    _check(signature, _PDF, body, keys)
    return signature


def _parsed(text: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Broken("The file can't be read.") from error
    if not isinstance(found, dict):
        raise Broken("The file can't be read.")
    return found


def _check(signature: Any, context: bytes, signed: bytes, keys: Mapping[str, bytes]) -> None:
    if not isinstance(signature, dict) or set(signature) != {"alg", "key_id", "position", "value"}:
        raise Broken("The signature is incomplete.")
    if signature["alg"] != ALGORITHM:
        raise Broken("The signature is of another kind.")
    public = keys.get(str(signature["key_id"]))
    if public is None:
        raise Broken("It is signed with a key that isn't known here.")
    head = {name: value for name, value in signature.items() if name != "value"}
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(_raw(signature["value"]), _message(context, head, signed))
    except (InvalidSignature, ValueError) as error:
        raise Broken("The file was changed after it was signed.") from error


def _raw(value: Any) -> bytes:
    """The signature's bytes. Raises ValueError for any spelling but the one."""
    raw = b64decode(str(value), validate=True)
    if b64encode(raw).decode() != value:
        raise ValueError(value)
    return raw
