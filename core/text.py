"""Cleans words that come from outside: one normal form, no invisible tricks."""

import unicodedata

_KEPT = {"\n", "\t"}
_INVISIBLE = {*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF, 0xAD}
_JOINERS = {0x200C, 0x200D}  # wanted by Persian and Indic scripts and by emoji


def has_nul(value: object) -> bool:
    """Whether a NUL character hides anywhere in a text, or in the texts of a JSON value."""
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        return any(has_nul(k) or has_nul(v) for k, v in value.items())
    return isinstance(value, list) and any(has_nul(v) for v in value)


def _shown(char: str) -> bool:
    if char in _KEPT or ord(char) in _JOINERS:
        return True
    return ord(char) not in _INVISIBLE and unicodedata.category(char) not in {"Cc", "Cs"}


def clean(text: str) -> str:
    """Text in NFC without control, surrogate, zero-width and direction characters, trimmed."""
    if text.isascii() and text.isprintable():
        return text.strip()  # nothing to clean: the case of nearly every cell of a large file
    return unicodedata.normalize("NFC", "".join(c for c in text.replace("\r\n", "\n") if _shown(c))).strip()
