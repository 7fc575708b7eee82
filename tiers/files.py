"""Programs as YAML: read strictly, written in one form, so that the same program is always the same bytes."""

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import yaml
from django.utils.translation import gettext as _

from core.errors import Refused
from tiers import rules
from tiers.documents import problems

MOST_CHARACTERS = 1_000_000


class _Strict(yaml.SafeLoader):
    """YAML without aliases, and with every key once."""

    def compose_node(self, parent, index):
        if self.check_event(yaml.AliasEvent):
            raise yaml.composer.ComposerError(None, None, _("write it out: * isn't read"), self.peek_event().start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node, deep=False):
        seen: set[str] = set()
        for key, _value in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, _("%s is given twice") % key.value, key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


class _Plain(yaml.SafeDumper):
    """No aliases: what is the same twice is written twice."""

    def ignore_aliases(self, data):
        return True


def load(text: str, name: str = "") -> Any:
    """Plain data of a YAML text: dates as texts. Raises Refused with file, line and reason."""
    where = f"{name}: " if name else ""
    if len(text) > MOST_CHARACTERS:
        raise Refused(_("%sthe file is too long.") % where, code="invalid_program", field="file")
    try:
        return readable(yaml.load(text, _Strict))  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Refused(where + _words(error), code="invalid_program", field="file") from error


def _words(error: Exception) -> str:
    mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None) or str(error)
    return _("line %(line)d: %(why)s") % {"line": mark.line + 1, "why": problem} if mark else str(problem)


def readable(value: Any) -> Any:
    """Data as the database keeps them: dates as texts, no hidden characters. Raises ValueError with the reason."""
    if isinstance(value, Mapping):
        return {readable(str(k)): readable(v) for k, v in value.items()}
    if isinstance(value, list):
        return [readable(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(_("a number is not finite"))
    if isinstance(value, str) and ("\x00" in value or (not value.isascii() and _broken(value))):
        raise ValueError(_("a text holds characters that can't be kept"))
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, date):
        return value.isoformat()
    raise ValueError(_("a value is neither text, number, yes or no, list nor mapping"))


def _broken(words: str) -> bool:
    return any("\ud800" <= letter <= "\udfff" for letter in words)


def parse(text: str, name: str) -> list[dict[str, Any]]:
    """The programs of a file. Raises Refused with every fault: file, path and reason."""
    found = load(text, name)
    told = found.get("programs") if isinstance(found, Mapping) else None
    if not isinstance(told, list) or not told:
        raise Refused(_("%s: programs: there is no program") % name, code="invalid_program", field="file")
    wrong = [f"{name}: programs[{i}]{'.' if p.path else ''}{p.path}: {p.reason}" for i, p in _faults(told)]
    if wrong:
        raise Refused("\n".join(wrong), code="invalid_program", field="file")
    return told


def _faults(told: Sequence[Any]):
    for i, one in enumerate(told):
        yield from ((i, problem) for problem in problems(one))


def dump(documents: Sequence[Mapping[str, Any]]) -> str:
    """The file of some programs."""
    return text({"schema": 1, "programs": [rules.normal(one) for one in documents]})


def text(data: Any) -> str:
    """Data as YAML in the one form."""
    return yaml.dump(data, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=110, default_flow_style=False)


def value_words(value: Any) -> str:
    """A value on one line, as it stands in the file."""
    if value is None:
        return _("nothing")
    if isinstance(value, Mapping | list):
        return yaml.dump(
            value, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=10**6, default_flow_style=True
        ).strip()
    return str(value)
