"""From the cells of a file to the values of our fields: exact, or a reason why not. Pure."""

import re
from array import array
from collections.abc import Callable, Iterator
from collections.abc import Mapping as Words
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from core.text import clean
from crm.fields import COUNTRIES, FIELDS, Field
from crm.mapping import Mapping
from crm.reading import Row
from deals.normalise import domain_key

_AMOUNT = re.compile(r"(-?)(\d{1,16})(?:\.(\d{1,2})0*)?\Z", re.ASCII)
_ISO = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)
_COUNT = re.compile(r"\d{1,9}\Z", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}\Z")
LONGEST_ID = 255


class Wrong(Exception):
    """The row can't be loaded; the text says why."""


@dataclass(slots=True)
class Understood:
    """A row in our words. `notes` say what was left out of it; `outcome` and `why` are set when it isn't loaded."""

    line: int
    ext_id: str
    values: dict[str, Any]
    notes: list[str]
    outcome: str = ""
    why: str = ""

    def refuse(self, why: str, outcome: str = "invalid") -> "Understood":
        self.outcome, self.why = outcome, why
        return self


Convert = Callable[[str, list[str]], Any]


class Reader:
    """Understands the rows of one kind under one mapping."""

    def __init__(self, mapping: Mapping, kind: str) -> None:
        one = mapping.files[kind]
        self._id = one.id
        self._columns = [(name, column, _converter(mapping, kind, name)) for name, column in one.fields.items()]

    def ext_id(self, row: Row) -> str:
        return clean(row.cells.get(self._id, ""))

    def reference(self, row: Row, name: str) -> str | None:
        """The external id that this row refers to by `name`."""
        return next(convert(clean(row.cells[column]), []) for known, column, convert in self._columns if known == name)

    def cells(self, row: Row, notes: list[str]) -> Iterator[Any]:
        """The value of each mapped column, or the Wrong that says why it is none."""
        for _name, column, convert in self._columns:
            try:
                yield _cell(column, row.cells.get(column, ""), convert, notes)
            except Wrong as wrong:
                yield wrong

    def read(self, row: Row) -> Understood:
        """The row in our words; when it can't be, it says so."""
        known = Understood(row.line, self.ext_id(row), {}, [])
        if row.wrong:
            return known.refuse(row.wrong)
        try:
            if not known.ext_id or len(known.ext_id) > LONGEST_ID:
                raise Wrong(f"{self._id} must hold 1 to {LONGEST_ID} characters")
            for name, column, convert in self._columns:
                known.values[name] = _cell(column, row.cells[column], convert, known.notes)
                if name == "stage":
                    known.values["crm_stage"] = clean(row.cells[column])[:60]
        except Wrong as wrong:
            known.refuse(str(wrong))
        return known


def _cell(column: str, text: str, convert: Convert, notes: list[str]) -> Any:
    try:
        return convert(clean(text), notes)
    except Wrong as wrong:
        raise Wrong(f"{column} {wrong}: {text[:60]!r}" if text else f"{column} {wrong}") from None


def _converter(mapping: Mapping, kind: str, name: str) -> Convert:
    rule = FIELDS[kind][name]
    words = mapping.values.get(name, {})
    convert = _MAKERS[rule.kind](mapping, name, rule)
    return (lambda text, notes: convert(words.get(text, text), notes)) if words else convert


def _text(_mapping: Mapping, name: str, rule: Field) -> Convert:
    def convert(text: str, notes: list[str]) -> str:
        if len(text) > rule.limit:
            raise Wrong(f"is longer than {rule.limit} characters")
        return text

    return convert


def _reference(mapping: Mapping, name: str, _rule: Field) -> Convert:
    aliases: Words[str, str] = mapping.aliases.get("account" if name == "parent" else name, {})
    return lambda text, notes: aliases.get(text, text) or None


def _amount(_mapping: Mapping, _name: str, _rule: Field) -> Convert:
    return lambda text, notes: amount(text) if text else None


def amount(text: str) -> Decimal:
    """The exact amount. Raises Wrong for negative ones, other digits, separators and more than 2 decimals."""
    found = _AMOUNT.match(text)
    if not found:
        raise Wrong("is no amount like 1234.50")
    value = Decimal(f"{found[2]}.{found[3] or 0}").quantize(Decimal("0.01"))
    if found[1] and value:
        raise Wrong("is negative")
    return value


def _count(_mapping: Mapping, _name: str, _rule: Field) -> Convert:
    def convert(text: str, notes: list[str]) -> int | None:
        if text and not _COUNT.match(text):
            raise Wrong("is no whole number")
        return int(text) if text else None

    return convert


def _date(mapping: Mapping, _name: str, _rule: Field) -> Convert:
    return lambda text, notes: day(text, mapping.date_format) if text else None


@lru_cache(maxsize=10_000)
def day(text: str, form: str) -> date:
    """The day in this format, or as 2026-12-31, which can mean no other day. Raises Wrong."""
    try:
        found = datetime.strptime(text, "%Y-%m-%d" if _ISO.match(text) else form).date() if text.isascii() else None
    except ValueError:
        found = None
    if found is None or not 1900 <= found.year < 2200:
        raise Wrong(f"is no day like {form}")
    return found


def _choice(_mapping: Mapping, name: str, rule: Field) -> Convert:
    assert rule.choices is not None
    known = set(rule.choices.values)

    def convert(text: str, notes: list[str]) -> str | None:
        if text in known or (not text and name != "stage"):
            return text or None
        if text.lower() in known:
            return text.lower()
        raise Wrong("is not in values and none of ours" if text else "is empty")

    return convert


def _country(_mapping: Mapping, _name: str, _rule: Field) -> Convert:
    def convert(text: str, notes: list[str]) -> str:
        if text and text not in COUNTRIES:
            notes.append(f"country {text[:60]!r} is no ISO code and not in values: left empty")
            return ""
        return text

    return convert


def _currency(mapping: Mapping, _name: str, _rule: Field) -> Convert:
    def convert(text: str, notes: list[str]) -> str:
        if text and not _CURRENCY.match(text):
            raise Wrong("is no currency code")
        return text or mapping.currency

    return convert


def _domain(_mapping: Mapping, _name: str, rule: Field) -> Convert:
    def convert(text: str, notes: list[str]) -> str:
        domain = domain_key(text)
        if text and not domain:
            notes.append(f"website {text[:60]!r} names no company's domain: left empty")
        return domain if len(domain) <= rule.limit else ""

    return convert


def _email(_mapping: Mapping, _name: str, rule: Field) -> Convert:
    def convert(text: str, notes: list[str]) -> str:
        try:
            if text:
                validate_email(text)
        except ValidationError:
            notes.append("owner is no e-mail address: left empty")
            return ""
        return text.lower() if len(text) <= rule.limit else ""

    return convert


_MAKERS: dict[str, Callable[[Mapping, str, Field], Convert]] = {
    "text": _text, "reference": _reference, "amount": _amount, "count": _count, "date": _date, "choice": _choice,
    "country": _country, "currency": _currency, "domain": _domain, "email": _email,
}  # fmt: skip


def last_lines(names: Callable[[], Iterator[tuple[int, str]]]) -> dict[str, int]:
    """Of external ids that occur more than once: the line of the last. Keeps 8 bytes per row, so files may be long."""
    marks = array("q", (hash(name) for _line, name in names()))
    ordered = sorted(marks)
    doubled = {mark for mark, following in pairwise(ordered) if mark == following}
    if not doubled:
        return {}
    lines: dict[str, list[int]] = {}
    for line, name in names():
        if hash(name) in doubled:
            lines.setdefault(name, []).append(line)
    return {name: found[-1] for name, found in lines.items() if len(found) > 1}
