"""Places and values of a program's document in the words of pages; the file itself keeps keys."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partners.enums import PartnerType
from partners.sections import Names
from tiers import benefits, documents, rules
from tiers.words import listing, metric_name

MOTIONS = {"refer": gettext_lazy("Refer"), "co_sell": gettext_lazy("Co-sell"), "resell": gettext_lazy("Resell")}
PROMOTIONS = {"proposed": gettext_lazy("A person confirms it"), "automatic": gettext_lazy("At once")}
_STEP = re.compile(r"\[([^\]]*)\]|([^.\[\]]+)")
_RULES = ("requires", "unlock", "gate")
_OWN = Names(
    {
        "id": gettext_lazy("Key"), "name": gettext_lazy("Name"), "effective": gettext_lazy("In force from"),
        "currency": gettext_lazy("Currency"), "window": gettext_lazy("Figures are counted over"),
        "promotion": gettext_lazy("A move up"), "notice_days": gettext_lazy("Days of notice before a move down"),
        "credits": gettext_lazy("What a part in a deal counts"), "types": gettext_lazy("Types of partners"),
        "does": gettext_lazy("What they do"), "motions": gettext_lazy("Sells by"),
        "revenue": gettext_lazy("Revenue model"), "benefits": gettext_lazy("Benefits"),
        "benefit_texts": gettext_lazy("Benefits in words"), "tiers": gettext_lazy("Tiers"),
        "key": gettext_lazy("Key"), "rank": gettext_lazy("Rank"), "requires": gettext_lazy("Requires"),
        "unlock": gettext_lazy("Needed besides"), "discount_percent": gettext_lazy("Margin, %"),
        "mdf_accrual_percent": gettext_lazy("Market funds by revenue, %"),
        "gate": gettext_lazy("Needed for every tier"), "kind": gettext_lazy("Kind of rules"),
        "score": gettext_lazy("Score"), "metrics": gettext_lazy("Figures"),
        "points": gettext_lazy("Points"), "value": gettext_lazy("Figure"), "op": gettext_lazy("Compared by"),
        "metric": gettext_lazy("Figure"), "all": "", "any": gettext_lazy("One of"),
    },
    {
        "types": dict(PartnerType.choices),
        "benefit_texts": benefits.NAMES,
        "motions": MOTIONS,
        "promotion": PROMOTIONS,
    },
)  # fmt: skip


class Naming:
    """The words of paths and values in some documents, all of one program."""

    def __init__(self, *found: Mapping[str, Any]):
        self.found = found
        self.sections = {section.key: section for section in documents.sections()}

    def place(self, path: str) -> str:
        """A path of the file in words: "Tiers › Gold › Requires › Closed deals › Figure"."""
        return " › ".join(filter(None, self._words(path)))

    def within(self, path: str) -> str:
        """A path of a section in words, without the section's own title."""
        return " › ".join(list(filter(None, self._words(path)))[1:])

    def value(self, path: str, value: Any) -> str:
        """A value on one line, as it reads."""
        keys = [key for _item, key in _STEP.findall(path) if key]
        return _value(self._names(path), keys[-1], value)

    def _names(self, path: str) -> Names:
        section = self.sections.get(_STEP.findall(path)[0][1])
        return section.names if section else _OWN

    def _words(self, path: str) -> Iterator[str]:
        names, nodes, above = self._names(path), list(self.found), ""
        for place, (item, key) in enumerate(_STEP.findall(path)):
            if not key:
                nodes = [found for node in nodes if (found := _item(node, item)) is not None]
                yield _title(names, nodes, item)
                continue
            nodes = [node[key] for node in nodes if isinstance(node, Mapping) and key in node]
            section = None if place else self.sections.get(key)
            yield str(section.title) if section else key_name(names, key, above)
            above = key


def key_name(names: Names, key: str, above: str = "") -> str:
    """A key in words, by what stands above it; a key that nobody knows is as good as its own letters."""
    chosen = names.choices.get(above, {})
    known = chosen.get(key, names.keys.get(key))
    return metric_name(key) if known is None else str(known)


def _item(node: Any, name: str) -> Any:
    """An item of a list by one of its names, or by its place."""
    rows = list(node) if isinstance(node, list | tuple) else []
    named = [one for one in rows if isinstance(one, Mapping) and name in {str(one.get(w)) for w in rules.NAMED_BY}]
    if not named and name.isdecimal() and int(name) < len(rows):
        return rows[int(name)]
    return next(iter(named), None)


def _title(names: Names, nodes: list[Any], name: str) -> str:
    """What an item is called: its title, else the choice or the figure that it is known by."""
    whole = next((node for node in nodes if isinstance(node, Mapping)), {})
    told = next((str(whole[word]) for word in ("name", "title", "label") if whole.get(word)), "")
    by = next((word for word in ("kind", "type", "metric", "approver") if isinstance(whole.get(word), str)), "")
    if told or by:
        return told or key_name(names, whole[by], by)
    return str(int(name) + 1) if name.isdecimal() else metric_name(name)


# --- values -----------------------------------------------------------------------------------------------------------


def _value(names: Names, key: str, value: Any) -> str:
    if value is None:
        return _("nothing")
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if key == "benefits" and names is _OWN:
        return ", ".join(map(_benefit, rules.granted({"benefits": value})))
    if isinstance(value, Mapping):
        return _mapping(names, key, value)
    if isinstance(value, list | tuple):
        apart = "; " if any(isinstance(one, Mapping) for one in value) else ", "
        return apart.join(_value(names, key, one) for one in value)
    return str(names.choices.get(key, {}).get(value, value))


def _mapping(names: Names, key: str, value: Mapping[str, Any]) -> str:
    if names is _OWN and (key in _RULES or "metric" in value):
        return rule_words(value)
    told = (f"{key_name(names, name, key)}: {_value(names, name, one)}" for name, one in value.items())
    return ", ".join(told)


def _benefit(benefit: Mapping[str, Any]) -> str:
    value, words = benefit["value"], benefits.name_of(benefit["kind"])
    if value is True:
        return words
    return f"{words} {value}%" if benefit["unit"] == "percent" else f"{words} {value}"


def rule_words(rule: Any) -> str:
    """A requirement in words: "Closed deals ≥ 5 and certified people ≥ 1"."""
    if not isinstance(rule, Mapping) or not rule:
        return ""
    if "metric" in rule:
        window = f" ({rule['window']})" if rule.get("window") else ""
        value = _value(_OWN, "value", rule.get("value"))
        return f"{metric_name(str(rule['metric']))} {sign(rule.get('op'))} {value}{window}"
    both = [words for one in rule.get("all") or () if (words := rule_words(one))]
    either = [words for one in rule.get("any") or () if (words := rule_words(one))]
    words = listing(both) if len(both) < 2 else "; ".join(both)
    return "; ".join(filter(None, (words, _("one of: %s") % " / ".join(either) if either else "")))


def sign(op: Any) -> str:
    return {">=": "≥", "<=": "≤", "!=": "≠", "==": "="}.get(str(op), str(op))
