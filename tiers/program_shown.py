"""A program's document as tables and facts, ready to show."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from core.parts import Column, Fact, Row, Table, Tag
from partners.enums import PartnerType
from partners.sections import Section
from tiers import benefits, documents, previews, rules
from tiers.enums import VersionStatus
from tiers.models import ProgramVersion
from tiers.naming import MOTIONS, Naming, rule_words
from tiers.words import listing, number

Document = Mapping[str, Any]
_TONES: dict[str, str] = {
    VersionStatus.IN_FORCE: "good", VersionStatus.SCHEDULED: "info", VersionStatus.REQUESTED: "warn",
    VersionStatus.DRAFT: "info",
}  # fmt: skip
SHOWN_CHANGES = 100


def status(version: ProgramVersion) -> Tag:
    return Tag(version.get_status_display(), _TONES.get(version.status, ""))


def tiers(document: Document, stand: Mapping[str, int]) -> Table:
    """One row for each tier: what it asks, gives in figures, and how many stand on it."""
    columns = (
        Column(_("Tier")), Column(_("Rank"), "num"), Column(_("Requires")), Column(_("Margin"), "num"),
        Column(_("Market funds"), "num"), Column(_("Partners"), "num"),
    )  # fmt: skip
    rows = [Row(_tier(tier, stand)) for tier in document.get("tiers") or ()]
    return Table(_("Tiers"), columns, rows)


def _tier(tier: Mapping[str, Any], stand: Mapping[str, int]) -> tuple[Any, ...]:
    asks = "; ".join(filter(None, (rule_words(tier.get(key)) for key in ("unlock", "requires"))))
    percents = [f"{number(rules.percent(tier, name))}%" for name in rules.PERCENTS]
    return (
        tier["name"],
        tier["rank"],
        asks or _("Sign-up, no commitment"),
        *percents,
        stand.get(rules.tier_key(tier), 0),
    )


def granted(document: Document) -> Table:
    """Which tier or type grants which benefit."""
    tiers = document.get("tiers") or ()
    by_tier = [{b["kind"]: b for b in rules.granted(tier)} for tier in tiers]
    by_type: dict[str, list[str]] = {}
    for key, one in (document.get("types") or {}).items():
        for benefit in rules.granted(one):
            by_type.setdefault(benefit["kind"], []).append(str(PartnerType(key).label))
    texts = document.get("benefit_texts") or {}
    kinds = dict.fromkeys([*texts, *(kind for have in by_tier for kind in have), *by_type])
    columns = (Column(_("Benefit")), *(Column(t["name"]) for t in tiers), Column(_("By type")))
    rows = [
        Row((_benefit(texts, kind), *(_has(have.get(kind)) for have in by_tier), listing(by_type.get(kind, ()))))
        for kind in kinds
    ]
    return Table(_("Benefits"), columns, rows)


def _benefit(texts: Mapping[str, str], kind: str) -> str:
    if kind in rules.PERCENTS:
        return _("Margin") if kind.startswith("discount") else _("Market funds by revenue")
    return texts.get(kind) or benefits.name_of(kind)


def _has(benefit: Mapping[str, Any] | None) -> Any:
    if benefit is None:
        return ""
    value = benefit.get("value", True)
    if value is True:
        return Tag(_("Yes"), "good")
    return f"{value}%" if benefit.get("unit") == "percent" or benefit["kind"] in rules.PERCENTS else str(value)


def types(document: Document, stand: Mapping[str, int]) -> Table:
    """One row for each type of partner: what it does, how it sells, how money flows."""
    columns = (
        Column(_("Type")), Column(_("What they do")), Column(_("Sells by")), Column(_("Revenue model")),
        Column(_("Benefits besides the tier")), Column(_("Partners"), "num"),
    )  # fmt: skip
    told = document.get("types") or {}
    rows = [Row(_type(key, told.get(key) or {}, stand.get(key, 0))) for key in PartnerType.values]
    return Table(_("Types of partners"), columns, rows)


def _type(key: str, one: Mapping[str, Any], stand: int) -> tuple[Any, ...]:
    motions = ", ".join(str(MOTIONS.get(m, m)) for m in one.get("motions") or ())
    more = listing(benefits.name_of(b["kind"]) for b in rules.granted(one))
    return PartnerType(key).label, one.get("does"), motions, one.get("revenue"), more, stand


def section(section: Section, data: Any) -> Table:
    """A section that another app owns, line by line."""
    naming = Naming({section.key: data})
    told = ((documents.joined(section.key, path), value) for path, value in _leaves(data))
    rows = [Row((naming.within(path), naming.value(path, value))) for path, value in told]
    return Table(str(section.title), (Column(_("What")), Column(_("Value"))), rows)


def _leaves(data: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    deep = isinstance(data, Mapping | list) and any(isinstance(v, Mapping | list) for v in _parts(data).values())
    if (isinstance(data, Mapping) and (deep or path.count(".") < 1)) or deep:
        for key, value in _parts(data).items():
            yield from _leaves(value, f"{path}{key}" if isinstance(data, list) else f"{path}.{key}".lstrip("."))
    elif data not in ({}, [], None):
        yield path, data


def _parts(data: Any) -> dict[str, Any]:
    return dict(data) if isinstance(data, Mapping) else {f"[{i}]": one for i, one in enumerate(data)}


def changes(found: list[tuple[str, Any, Any]], *both: Document) -> Table:
    """What differs between two documents: place, before, after."""
    columns = (Column(_("Place")), Column(_("Before")), Column(_("After")))
    naming = Naming(*both)
    rows = [
        Row((naming.place(path), naming.value(path, old), naming.value(path, new)))
        for path, old, new in found[:SHOWN_CHANGES]
    ]
    return Table(_("What changes"), columns, rows)


def costs(found: previews.Preview) -> Table:
    """Each partner whose margin or market funds would change, with the arithmetic."""
    columns = (
        Column(_("Partner")), Column(_("Stands on")), Column(_("Would stand on")), Column(_("Margin of 12 months")),
        Column(_("Margin"), "num"), Column(_("Market funds of 12 months")), Column(_("Market funds"), "num"),
    )  # fmt: skip
    rows = [Row(_cost(line), line.partner.get_console_url()) for line in found.costed[:SHOWN_CHANGES]]
    return Table(_("What it costs"), columns, rows, (_("All"), "", "", "", found.margin, "", found.mdf))


def _cost(line: previews.Line) -> tuple[Any, ...]:
    now, then = line.stands_on, line.would_stand
    return (
        line.partner.name, now.name if now else "", then.name if then else "",
        _sum(line, "discount", line.resale), line.margin, _sum(line, "accrual", line.revenue), line.mdf,
    )  # fmt: skip


def _sum(line: previews.Line, name: str, amount: Any) -> str:
    """ "(20 − 15) % × 120,000.00"."""
    new, old = (number(getattr(t, name)) if t else "0" for t in (line.would_stand, line.stands_on))
    return "" if new == old else f"({new} − {old}) % × {amount.amount:,.2f}"


def facts(document: Document, version: ProgramVersion | None) -> list[Fact]:
    since = version.effective_from if version else None
    label = _("Version %s") % version.number if version else None
    return [
        Fact(_("Rules in force"), label, version.get_console_url() if version else ""),
        Fact(_("Since"), since),
        Fact(_("Published by"), version.published_by if version else None),
        Fact(_("Currency"), document.get("currency")),
        Fact(_("Figures are counted over"), document.get("window") or _("trailing 12 months")),
        Fact(_("A move up"), _("at once") if document.get("promotion") == "automatic" else _("a person confirms it")),
        Fact(_("Notice before a move down"), _("%s days") % document.get("notice_days", 60)),
    ]
