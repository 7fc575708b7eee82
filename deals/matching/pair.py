"""How alike two company names are, part by part. Pure."""

from dataclasses import asdict, dataclass, fields

from rapidfuzz.distance import OSA, Indel
from rapidfuzz.fuzz import partial_ratio, token_set_ratio

from deals.matching.letters import sound
from deals.matching.words import Name, Word

_EQUAL, _LIKE_SOUND, _SHORTENED = 1.0, 0.9, 0.8
_INITIALS = 0.7  # what a word that is the other name's initials says
_SAME_LETTERS = 0.8  # OSA similarity from which a word is the other with a typing error
_SHORT_LETTERS, _DOUBT = 0.75, 0.9
_SHORTEST_TYPO, _SHORTEST_SOUND, _SHORTEST_STEM = 5, 3, 3


@dataclass(frozen=True, slots=True)
class Parts:
    """The evidence for and against two names being one company, each from 0 to 1. Symmetric."""

    shared: float  # weight of the words both have, of all words
    contained: float  # the same, of the words of the name that says less
    strongest: float  # the most telling word both have
    first: float  # the first telling word of both is the same
    own: float  # both have telling words that the other lacks
    more: float  # one has telling words that the other lacks
    letters: float  # the letters in a row, without spaces
    within: float  # one is written within the other
    tokens: float  # ratio of the sets of words
    acronym: float  # one is made of the other's initials
    places: float  # they name different countries; one half: only one of them names one
    numbers: float  # they name different numbers
    telling: float  # weight of the name that says less
    exactly: float  # the most telling word both have is spelt the same

    def values(self) -> tuple[float, ...]:
        return tuple(getattr(self, name) for name in PARTS)

    def shown(self) -> dict[str, float]:
        """For the page of the manager: rounded."""
        return {name: round(value, 3) for name, value in asdict(self).items()}


PARTS = tuple(field.name for field in fields(Parts))


def alike(one: str, two: str) -> float:
    """How surely two words are one: equal, mistyped, shortened, or another language's spelling; 0 when not."""
    if one == two:
        return _EQUAL
    shorter = min(len(one), len(two))
    if shorter < _SHORTEST_STEM or one.isdigit() or two.isdigit():
        return 0.0
    letters = OSA.normalized_similarity(one, two, score_cutoff=_SAME_LETTERS - 0.25)
    if letters >= _SAME_LETTERS and shorter >= _SHORTEST_TYPO:
        return letters
    if letters >= _SHORT_LETTERS and shorter == _SHORTEST_TYPO - 1 and one[0] == two[0]:
        return _DOUBT * letters  # in four letters one error is a quarter of the word
    return max(_by_sound(one, two, letters), _by_stem(one, two, shorter))


def _by_sound(one: str, two: str, letters: float) -> float:
    heard = sound(one)
    same = heard == sound(two) and len(heard) >= _SHORTEST_SOUND
    return _LIKE_SOUND if same and (letters > 0 or len(heard) > _SHORTEST_SOUND) else 0.0


def _by_stem(one: str, two: str, shorter: int) -> float:
    stem = one.startswith(two) or two.startswith(one)
    longer = max(len(one), len(two))
    return _SHORTENED * (shorter / longer) ** 0.25 if stem and (shorter > _SHORTEST_STEM or longer > 6) else 0.0


Aligned = list[tuple[float, Word, Word]]


def align(one: Name, two: Name) -> tuple[Aligned, float, float]:
    """Pairs of words that are one, best first, and the weight that is left of either name."""
    taken_one: set[int] = set()
    taken_two: set[int] = set()
    aligned: Aligned = []
    _join(one.words, two.words, taken_one, taken_two, aligned)
    _join(two.words, one.words, taken_two, taken_one, aligned)
    for likeness, i, j in _ranked(one.words, two.words):
        if i not in taken_one and j not in taken_two:
            aligned.append((likeness, one.words[i], two.words[j]))
            taken_one.add(i)
            taken_two.add(j)
    return aligned, _left(one.words, taken_one), _left(two.words, taken_two)


def _ranked(one: tuple[Word, ...], two: tuple[Word, ...]) -> list[tuple[float, int, int]]:
    """All pairs of words that are alike, the most telling first, as (likeness, index, index)."""
    found = [
        (likeness, i, j) for i, a in enumerate(one) for j, b in enumerate(two) if (likeness := alike(a.text, b.text))
    ]
    found.sort(
        key=lambda f: (-f[0] * min(one[f[1]].weight, two[f[2]].weight), sorted((one[f[1]].text, two[f[2]].text)))
    )
    return found


def _join(split: tuple[Word, ...], whole: tuple[Word, ...], gone: set[int], taken: set[int], aligned: Aligned) -> None:
    """Two words in a row that the other name writes as one ("sun trust", "suntrust")."""
    for i in range(len(split) - 1):
        if i in gone or i + 1 in gone:
            continue
        for j, other in enumerate(whole):
            if j not in taken and _joined(split[i].text, split[i + 1].text, other.text):
                aligned.append((_LIKE_SOUND, other, other))
                gone.update((i, i + 1))
                taken.add(j)
                break


def _joined(left: str, right: str, whole: str) -> bool:
    if len(left) + len(right) < _SHORTEST_TYPO or abs(len(left) + len(right) - len(whole)) > 1:
        return False
    likeness = alike(left + right, whole)
    return likeness > _SAME_LETTERS and likeness > max(alike(left, whole), alike(right, whole))


def _left(words: tuple[Word, ...], gone: set[int]) -> float:
    return sum(word.weight for i, word in enumerate(words) if i not in gone)


def _first_telling(name: Name) -> Word | None:
    return next((w for w in name.words if w.weight >= 0.5), name.words[0] if name.words else None)


def _first(one: Name, two: Name) -> float:
    a, b = _first_telling(one), _first_telling(two)
    return min(a.weight, b.weight) * alike(a.text, b.text) if a and b else 0.0


def _acronym(one: Name, two: Name) -> float:
    def says(short: Name, long: Name) -> bool:
        letters = long.initials
        return len(letters) > 2 and any(w.text == letters[: len(w.text)] and len(w.text) > 2 for w in short.words)

    return float(says(one, two) or says(two, one))


def _places(one: frozenset[str], two: frozenset[str]) -> float:
    if one and two:
        return float(not one & two)
    return 0.5 * float(one != two)


def _numbers(one: frozenset[str], two: frozenset[str]) -> float:
    return float(one != two) * (1.0 if one and two else 0.5)


def compare(one: Name, two: Name) -> Parts:
    """The parts of the comparison of two names."""
    aligned, left_one, left_two = align(one, two)
    weights = [likeness * min(a.weight, b.weight) for likeness, a, b in aligned]
    common, least = sum(weights), min(one.total, two.total)
    acronym = _acronym(one, two)
    strongest = max(weights, default=0.0)
    exact = max((min(a.weight, b.weight) for likeness, a, b in aligned if likeness == _EQUAL), default=0.0)
    bare = [" ".join(w.text for w in name.words) for name in (one, two)]
    short = min(len(one.compact), len(two.compact))
    return Parts(
        shared=common / (common + left_one + left_two) if common else 0.0,
        contained=max(_INITIALS * acronym, _share(common, least)),
        strongest=max(_INITIALS * acronym, strongest),
        first=_first(one, two),
        own=min(1.0, left_one, left_two),
        more=min(1.0, max(left_one, left_two) / 2),
        letters=Indel.normalized_similarity(one.compact, two.compact) if short else 0.0,
        within=partial_ratio(one.compact, two.compact) / 100 if short > 3 else 0.0,
        tokens=token_set_ratio(*bare) / 100,
        acronym=acronym,
        places=_places(one.places, two.places),
        numbers=_numbers(one.numbers, two.numbers),
        telling=min(1.0, least / 2),
        exactly=exact,
    )


def _share(part: float, whole: float) -> float:
    return min(1.0, part / whole) if whole else 0.0
