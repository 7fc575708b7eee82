"""Writing systems brought to plain Latin letters, and spellings to the sound they share. Pure."""

import re
import unicodedata
from functools import lru_cache


def _table(letters: str, sounds: str) -> dict[str, str]:
    return dict(zip(letters, sounds.split(" "), strict=True))


_CYRILLIC = _table(
    "абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґўђјљњћџѓќѕ",
    "a b v g d e e zh z i i k l m n o p r s t u f kh ts ch sh shch  y  e iu ia i i e g u dj j lj nj c dz g k dz",
)
_GREEK = _table("αβγδεζηθικλμνξοπρσςτυφχψω", "a v g d e z i th i k l m n x o p r s s t y f ch ps o")
# Letters that Unicode does not take apart but people do.
_FOLDED = {
    "ø": "o",
    "ł": "l",
    "đ": "d",
    "ð": "d",
    "þ": "th",
    "æ": "ae",
    "œ": "oe",
    "ı": "i",
    "ħ": "h",
    "ŧ": "t",
    "ŋ": "n",
}
FOLDED = str.maketrans(_FOLDED)
_LATIN = str.maketrans({**_CYRILLIC, **_GREEK})


def folded(text: str) -> str:
    """Lower case, without accents and ligatures; other scripts stay."""
    if text.isascii():
        return text.lower()
    lower = unicodedata.normalize("NFKD", text.casefold()).casefold()
    bare = "".join(c for c in lower if not "\u0300" <= c <= "\u036f")
    return unicodedata.normalize("NFC", bare.translate(FOLDED))


def latin(text: str) -> str:
    """Folded Cyrillic and Greek letters as Latin ones; scripts without a table stay as they are."""
    return text if text.isascii() else text.translate(_LATIN)


# Spellings that languages write for one sound, longest first. Names travel through registers of other languages.
_SOUNDS = [
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("shch|sch|sht(?=[aeiou])|sh|ch(?=[ei])", "s"),
        ("tsch|tch|ch|ck|kh(?=[lrstk])|q", "k"),
        ("kh", "h"),
        ("ph", "f"),
        ("th|dt", "t"),
        ("ts|tz|cz|c(?=[eiy])|z", "s"),
        ("x", "ks"),
        ("c", "k"),
        ("w", "v"),
        ("[jy]", "i"),
        ("(?<=[aeiou])h(?![aeiou])", ""),
    )
]
_DOUBLED = re.compile(r"(.)\1+")
_VOWELS = re.compile(r"(?<=.)[aeiou]+")


@lru_cache(maxsize=50_000)
def sound(word: str) -> str:
    """A Latin word without spelling habits: its first letter and consonants ("michelin" and "mishlen" are msln)."""
    for pattern, plain in _SOUNDS:
        word = pattern.sub(plain, word)
    return _DOUBLED.sub(r"\1", _VOWELS.sub("", word))
