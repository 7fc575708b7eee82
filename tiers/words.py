"""The words of metrics, counts and windows that rules speak of. Pure."""

from collections.abc import Iterable
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tiers.measures import DEALS, MEASURES


def number(value: Decimal) -> str:
    """A figure without needless zeros: 5, not 5.0000."""
    return f"{value.normalize():f}"


def metric_name(metric: str) -> str:
    """The name of a figure at the head of a line: "Closed deals"."""
    names = {
        "closed_deals_12m": _("Closed deals"), "closed_deals": _("Closed deals"), "won_deals": _("Closed deals"),
        "won_revenue": _("Won revenue"), "tenure_months": _("Months in the program"),
        "certified_people": _("Certified people"), "total_points": _("Points"),
    }  # fmt: skip
    return names.get(metric) or metric.replace("_", " ").capitalize()


def more_of(metric: str, missing: Decimal) -> str:
    """What is missing: "1 more closed deal"."""
    n = int(missing) if missing == missing.to_integral_value() else missing
    if MEASURES.get(metric) == DEALS:
        return ngettext("%(n)s more closed deal", "%(n)s more closed deals", int(missing)) % {"n": n}
    if metric == "certified_people":
        return ngettext("%(n)s more certified person", "%(n)s more certified people", int(missing)) % {"n": n}
    return _("%(n)s more: %(what)s") % {"n": number(missing), "what": metric_name(metric).lower()}


def listing(items: Iterable[str]) -> str:
    """One, one and two, or one, two and three."""
    words = list(items)
    if len(words) < 2:
        return "".join(words)
    return _("%(first)s and %(last)s") % {"first": ", ".join(words[:-1]), "last": words[-1]}
