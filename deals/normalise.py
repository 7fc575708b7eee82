"""The keys by which end customers are compared: registrable domain and normalised company name. Pure."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from ipaddress import ip_address
from pathlib import Path

import idna
import tldextract

from deals.matching.letters import folded, latin

_FREEMAIL = Path(__file__).parent / "data" / "freemail.txt"
_LEGAL_FORMS = Path(__file__).parent / "data" / "legal_forms.txt"
# The packaged snapshot of the public suffix list: the network is never asked. Private suffixes (shop and blog hosts)
# count, so that two customers of one host are two customers.
_suffixes = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)
_DOTS = str.maketrans("。．｡", "...")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)\Z")
_LONGEST_NAME = 200


@cache
def freemail_domains() -> frozenset[str]:
    """Domains whose addresses belong to people, not to a company."""
    return frozenset(_lines(_FREEMAIL))


def _lines(path: Path) -> list[str]:
    lines = (line.partition("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line]


def is_freemail(domain: str) -> bool:
    """Whether everybody can have an address at this domain, so that it says nothing about a company."""
    return domain in freemail_domains()


def hostname(text: str) -> str:
    """The host of a web address, e-mail address or bare name: lower case, in ASCII (punycode); else ""."""
    rest = text.strip().partition("://")
    host = re.split(r"[/?#\\]", rest[2] or rest[0], maxsplit=1)[0].rpartition("@")[2]
    host = re.sub(r":\d*$", "", host).translate(_DOTS).rstrip(".").lower()
    try:
        host = host if host.isascii() else idna.encode(host, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        return ""
    return host if len(host) <= 253 and all(map(_LABEL.match, host.split("."))) else ""


def _is_address(host: str) -> bool:
    try:
        return bool(ip_address(host))
    except ValueError:
        return False


@lru_cache(maxsize=20_000)
def registrable_domain(text: str) -> str:
    """The part of a web or e-mail address that its owner registered (`acme.co.uk`), in punycode; "" when there is none.

    A suffix nobody lists counts as one label, as the public suffix rules say. Source: publicsuffix.org.
    """
    host = hostname(text)
    if "." not in host or _is_address(host):
        return ""
    found = _suffixes.extract_str(host)
    if found.suffix:
        return f"{found.domain}.{found.suffix}" if found.domain else ""
    return ".".join(host.split(".")[-2:])


def domain_key(text: str) -> str:
    """The registrable domain where it identifies a company: "" for free-mail domains."""
    domain = registrable_domain(text)
    return "" if is_freemail(domain) else domain


_JOINED = re.compile(
    r"(?<=\w)['’ʼ`´](?=\w)|['’ʼ`´](?=\s|$)"  # O'Neill, Brothers'
    r"|(?<=\b\w)\.(?=\w)|(?<=\w)\.(?=\w\b)"  # S.p.A., J.Smith
    r"|(?<=\w)\.(?=(?:com|net|org|io|ai)\b)"  # Booking.com
)
_AND = re.compile(r"[&+＆]")
_PUNCTUATION = re.compile(r"[\W_]+")


def plain(text: str) -> str:
    """Lower case, without accents, punctuation and doubled spaces; & and + are "and"."""
    return _PUNCTUATION.sub(" ", _AND.sub(" and ", _JOINED.sub("", folded(text)))).strip()


@dataclass(frozen=True)
class _Forms:
    """Legal forms as tuples of words: at the end of a name, before it; and those glued to it (Chinese, Japanese)."""

    last: frozenset[tuple[str, ...]]
    first: frozenset[tuple[str, ...]]
    within: frozenset[tuple[str, ...]]
    glued: re.Pattern[str]
    longest: int
    ends: frozenset[str]  # the last word of each of `last`, and so on: most words are in none of them
    heads: frozenset[str]
    starts: frozenset[str]


def _spellings(lines: list[str]) -> frozenset[tuple[str, ...]]:
    """The forms as words, in their own script and in Latin letters."""
    plain_lines = [plain(line) for line in lines]
    return frozenset(
        tuple(line.split()) for line in (*plain_lines, *(w for w in map(latin, plain_lines) if len(w) > 2))
    )


@cache
def _legal_forms() -> _Forms:
    lines = _lines(_LEGAL_FORMS)
    words = _spellings(lines)
    first = _spellings([line for line in lines if line.startswith("^")])
    within = frozenset(form for form in words if len("".join(form)) > 2)
    glued = sorted((w[0] for w in words if len(w) == 1 and len(w[0]) > 1 and w[0] > "\u3000"), key=len, reverse=True)
    either = "|".join(map(re.escape, glued))
    return _Forms(
        words, first, within, re.compile(f"^(?:{either})|(?:{either})$"), max(map(len, words)),
        ends=frozenset(form[-1] for form in words) | {"and"},
        heads=frozenset(form[0] for form in first), starts=frozenset(form[0] for form in within),
    )  # fmt: skip


def _without_last(words: list[str]) -> list[str]:
    forms = _legal_forms()
    if not words or words[-1] not in forms.ends:
        return words
    sizes = range(min(forms.longest, len(words) - 1), 0, -1)
    size = next((n for n in sizes if tuple(words[-n:]) in forms.last or words[-n:] == ["and"]), 0)
    return _without_last(words[:-size]) if size else words


def _without_first(words: list[str]) -> list[str]:
    forms = _legal_forms()
    if not words or words[0] not in forms.heads:
        return words
    sizes = range(min(forms.longest, len(words) - 1), 0, -1)
    size = next((n for n in sizes if tuple(words[:n]) in forms.first), 0)
    return _without_first(words[size:]) if size else words


def without_forms(words: list[str]) -> list[str]:
    """The words of a name without the legal forms before, behind and, where long enough to be sure of, within it."""
    rest = _without_first(_without_last(words))
    forms = _legal_forms()
    kept, at = rest[:1], 1
    while at < len(rest):
        sizes = range(min(forms.longest, len(rest) - at) if rest[at] in forms.starts else 0, 0, -1)
        size = next((n for n in sizes if tuple(rest[at : at + n]) in forms.within), 0)
        kept += [] if size else [rest[at]]
        at += size or 1
    return kept


def normal_name(text: str) -> str:
    """A name as it is compared: no accents, case, punctuation, legal form, leading "the"; at most 200 letters."""
    known = unglued(plain(text[: 2 * _LONGEST_NAME]))
    words = known.split()
    words = words[1:] if len(words) > 1 and words[0] == "the" else words
    return " ".join(_without_first(_without_last(words)))[:_LONGEST_NAME].strip()


def unglued(text: str) -> str:
    """A plain name without the legal forms that Chinese, Japanese and Korean write without a space."""
    return _legal_forms().glued.sub("", text).strip() or text
