"""The mapping file: which file, column and word of a CRM export means what here. Strict, so that no typo is silent."""

from collections.abc import Iterator
from collections.abc import Mapping as Words
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any

import yaml

from crm.fields import FIELDS, REFERENCES, wrong_word

_NOTHING: Words[str, Any] = MappingProxyType({})
_TOP = {
    "schema", "system", "currency", "date_format", "program", "files", "values", "aliases", "registrations", "estimate",
    "direct",
}  # fmt: skip
_FILE = {"path", "id", "fields", "encoding", "delimiter"}
_AS_WRITTEN = ("system", "currency", "date_format", "program", "values", "aliases")
_REGISTRATIONS = ("from_opportunities", "none")
_ESTIMATE = {"amount": "product.list_price"}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a mapping: in which file, at which place of it, and why."""

    file: str
    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}: {self.path}: {self.reason}" if self.path else f"{self.file}: {self.reason}"


class MappingError(Exception):
    """The mapping (or a file it names) can't be used; nothing was loaded."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class FileMap:
    """Where a kind of record is found: the file, the column that is its external id, our fields by their columns."""

    path: str
    id: str
    fields: Words[str, str]
    encoding: str = ""
    delimiter: str = ""


@dataclass(frozen=True, slots=True)
class Mapping:
    """A whole mapping file. `values`: our field → their word → ours; `aliases`: kind → another name → external id."""

    files: Words[str, FileMap]
    system: str = "crm"
    currency: str = "USD"
    date_format: str = "%Y-%m-%d"
    program: str = ""  # else the first active one
    values: Words[str, Words[str, str]] = field(default_factory=dict)
    aliases: Words[str, Words[str, str]] = field(default_factory=dict)
    registrations: bool = False
    estimate: bool = False
    direct: Words[str, tuple[str, ...]] = field(default_factory=dict)


class _Words(yaml.SafeLoader):
    """Every scalar as the text it is written as (NO stays NO), and no key twice."""

    yaml_implicit_resolvers: dict = {}

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        keys = [key.value for key, _value in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.YAMLError(f"line {node.start_mark.line + 1}: the key {key} occurs twice")
        return super().construct_mapping(node, deep)


def read(path: Path) -> Mapping:
    """The mapping in this file. Raises MappingError with everything that is wrong with it."""
    try:
        return of(parsed(path.read_bytes(), path.name), path.name)
    except OSError as error:
        raise MappingError([Problem(path.name, "", f"can't be read: {error.strerror}")]) from error


def parsed(content: bytes, name: str) -> Any:
    """What a mapping file says, not judged yet. Raises MappingError where it is no YAML."""
    try:
        return yaml.load(content.decode("utf-8-sig"), _Words)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise MappingError([Problem(name, "", f"is no YAML: {' '.join(str(error).split())}")]) from error


def of(data: Any, name: str) -> Mapping:
    """The mapping that these words make. Raises MappingError with everything that is wrong with it."""
    problems = [Problem(name, where, reason) for where, reason in _wrong(data)]
    if problems:
        raise MappingError(problems)
    return _made(data)


def _made(data: dict) -> Mapping:
    files = {kind: FileMap(**{**one, "fields": MappingProxyType(one["fields"])}) for kind, one in data["files"].items()}
    plain = {name: data[name] for name in _AS_WRITTEN if name in data}
    return Mapping(
        files=MappingProxyType(files),
        registrations=data.get("registrations") == "from_opportunities",
        estimate="estimate" in data,
        direct={name: tuple(words) for name, words in data.get("direct", {}).items()},
        **plain,
    )


# --- what is wrong: (place, reason) -----------------------------------------------------------------------------------

Wrong = Iterator[tuple[str, str]]


def _wrong(data: Any) -> Wrong:
    if not isinstance(data, dict):
        yield "", "must hold keys and values"
        return
    yield from _unknown("", data, _TOP)
    if data.get("schema") != "1":
        yield "schema", "must be 1"
    shapes = {"files": dict, "values": dict, "aliases": dict, "estimate": dict, "direct": dict}
    misshaped = [name for name in data if not isinstance(data[name], shapes.get(name, str))]
    if misshaped or "files" not in data:
        yield from ((name, f"must be {'a table' if name in shapes else 'a word'}") for name in misshaped)
        if "files" not in data:
            yield "files", "is missing"
        return
    yield from _wrong_words(data)
    yield from _wrong_files(data["files"])
    yield from _wrong_values(data.get("values", {}))
    yield from _wrong_aliases(data.get("aliases", {}))
    yield from _wrong_options(data)


def _unknown(place: str, found: Words[str, Any], known: Any) -> Wrong:
    for name in found:
        if name not in known:
            yield f"{place}{name}", f"is unknown; known are {', '.join(sorted(known))}"


def _wrong_words(data: dict) -> Wrong:
    for name, kind in (("currency", "currency"), ("system", "system"), ("program", "name")):
        if name in data and (reason := wrong_word(kind, data[name])):
            yield name, reason
    text = data.get("date_format", "%Y-%m-%d")
    if not all(part in text for part in ("%d", "%m")) or not ("%Y" in text or "%y" in text):
        yield "date_format", "must name day, month and year, like %m/%d/%Y"
    elif not _reads_back(text):
        yield "date_format", "can't be read back"


def _reads_back(text: str) -> bool:
    try:
        return datetime.strptime(date(2026, 12, 31).strftime(text), text).date() == date(2026, 12, 31)
    except ValueError:
        return False


def _wrong_files(files: dict) -> Wrong:
    yield from _unknown("files.", files, FIELDS)
    for kind, one in files.items():
        if kind not in FIELDS:
            continue
        if not isinstance(one, dict):
            yield f"files.{kind}", "must be a table with path, id and fields"
        else:
            yield from _wrong_file(f"files.{kind}.", kind, one)


def _wrong_file(place: str, kind: str, one: dict) -> Wrong:
    yield from _unknown(place, one, _FILE)
    yield from ((place + name, "is missing") for name in ("path", "id") if not one.get(name))
    words = {name: one.get(name, "") for name in ("path", "id", "encoding", "delimiter")}
    misshaped = [name for name, word in words.items() if not isinstance(word, str)]
    yield from ((place + name, "must be a word") for name in misshaped)
    if not misshaped and (PurePosixPath(words["path"]).is_absolute() or ".." in words["path"]):
        yield f"{place}path", "must lie in the directory of the import"
    if not misshaped and len(words["delimiter"]) > 1:
        yield f"{place}delimiter", "must be one character"
    yield from _wrong_fields(f"{place}fields", one.get("fields"), FIELDS[kind])


def _wrong_fields(place: str, fields: Any, known: Words[str, Any]) -> Wrong:
    if not isinstance(fields, dict) or not fields:
        yield place, "must name our fields and their columns"
        return
    yield from _unknown(f"{place}.", fields, known)
    bad = [name for name, column in fields.items() if not isinstance(column, str) or not column]
    yield from ((f"{place}.{name}", "must be the name of a column") for name in bad)


def _wrong_values(values: dict) -> Wrong:
    known = {name for fields in FIELDS.values() for name in fields}
    yield from _unknown("values.", values, known)
    for name, words in values.items():
        if not isinstance(words, dict):
            yield f"values.{name}", "must be a table of their words and ours"
            continue
        for theirs, ours in words.items():
            reason = "must be a word" if not isinstance(ours, str) else name in known and wrong_word(name, ours)
            if reason:
                yield f"values.{name}.{theirs}", reason


def _wrong_aliases(aliases: dict) -> Wrong:
    yield from _unknown("aliases.", aliases, REFERENCES)
    for name, words in aliases.items():
        if not isinstance(words, dict) or not all(isinstance(word, str) for word in words.values()):
            yield f"aliases.{name}", "must be a table of other names and external ids"


def _wrong_options(data: dict) -> Wrong:
    if data.get("registrations", "none") not in _REGISTRATIONS:
        yield "registrations", f"must be {' or '.join(_REGISTRATIONS)}"
    if "estimate" in data and data["estimate"] != _ESTIMATE:
        yield "estimate", "can be {amount: product.list_price} alone"
    for name, words in data.get("direct", {}).items():
        if name not in _mapped(data, "partners"):
            yield f"direct.{name}", "is no mapped field of partners"
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            yield f"direct.{name}", "must be a list of words"
    opportunities = _mapped(data, "opportunities")
    if "estimate" in data and "product" not in opportunities:
        yield "estimate", "needs files.opportunities.fields.product"
    if data.get("registrations") == "from_opportunities" and "partner" not in opportunities:
        yield "registrations", "need files.opportunities.fields.partner"


def _mapped(data: dict, kind: str) -> Words[str, str]:
    one = data["files"].get(kind)
    fields = one.get("fields") if isinstance(one, dict) else None
    return fields if isinstance(fields, dict) else _NOTHING
