"""Company names that nobody has, as many as wanted, and the ways in which people misspell them. Seeded."""

from random import Random

from deals.matching.words import commonness, places

_ONSETS = [
    "b",
    "br",
    "c",
    "ch",
    "d",
    "dr",
    "f",
    "fl",
    "g",
    "gr",
    "h",
    "j",
    "k",
    "kl",
    "l",
    "m",
    "n",
    "p",
    "pl",
    "qu",
    "r",
    "s",
    "sh",
    "sk",
    "st",
    "t",
    "tr",
    "v",
    "w",
    "z",
]
_VOWELS = ["a", "e", "i", "o", "u", "ai", "ea", "io", "ou"]
_CODAS = ["n", "r", "s", "l", "m", "t", "x", "k", "nd", "rt", "st", "ng", "ck", "ll"] + [""] * 8
_FORMS = [
    "Ltd",
    "Inc.",
    "LLC",
    "GmbH",
    "S.A.",
    "Co., Ltd.",
    "Pvt. Ltd.",
    "S.p.A.",
    "B.V.",
    "AG",
    "Corp.",
    "Ltda",
    "S.A. de C.V.",
    "Oy",
    "AB",
    "PLC",
    "",
    "",
    "",
    "",
]
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_BRANDS = 340_000  # words grow with names as in real lists: 12,000 in 11,700 names


class Maker:
    """Names of one to three telling words, with words of trades, places and legal forms as companies have them."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.brands = [self._brand() for _ in range(_BRANDS)]
        self.trades = list(commonness())
        self.places = list(places())

    def _brand(self) -> str:
        pick = self.random.choice
        return "".join(
            pick(_ONSETS) + pick(_VOWELS) + (pick(_CODAS) if last else "")
            for last in [*([False] * pick((1, 1, 2))), True]
        )

    def _word(self) -> str:
        skewed = int(_BRANDS * self.random.random() ** 2)  # some brands are everywhere, most are rare
        return self.brands[skewed]

    def name(self) -> str:
        chance, pick = self.random.random, self.random.choice
        words = [self._word()] + ([self._word()] if chance() < 0.45 else [])
        words += [pick(self.trades) for _ in range(pick((0, 1, 1, 2)))]
        words += [pick(self.places)] if chance() < 0.25 else []
        return " ".join([*(word.title() for word in words), pick(_FORMS)]).strip()


def noisy(text: str, random: Random) -> str:
    """The name as somebody in a hurry writes it: one or two errors."""
    words = text.split()
    for _ in range(random.choice((1, 1, 2))):
        random.choice((_typo, _typo, _swap, _join, _drop))(words, random)
    return " ".join(words)


def _typo(words: list[str], random: Random) -> None:
    at = random.randrange(min(2, len(words)))
    word, letter = words[at], random.choice(_LETTERS)
    if len(word) > 3:
        p = random.randrange(1, len(word) - 1)
        kinds = (word[:p] + word[p + 1 :], word[:p] + letter + word[p:], word[:p] + letter + word[p + 1 :],
                 word[:p] + word[p + 1] + word[p] + word[p + 2 :])  # fmt: skip
        words[at] = random.choice(kinds)


def _swap(words: list[str], random: Random) -> None:
    if len(words) > 1:
        at = random.randrange(len(words) - 1)
        words[at], words[at + 1] = words[at + 1], words[at]


def _join(words: list[str], random: Random) -> None:
    if len(words) > 1:
        at = random.randrange(len(words) - 1)
        words[at : at + 2] = [words[at] + words[at + 1]]


def _drop(words: list[str], random: Random) -> None:
    if len(words) > 2:
        del words[random.randrange(1, len(words))]
