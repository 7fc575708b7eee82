"""What a partner reads of the duplicate check."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from deals.check import Findings
from deals.enums import Verdict


@dataclass(frozen=True)
class Advice:
    """What a partner reads while typing: a verdict and what it means; never whose the other claim is."""

    verdict: str
    tone: str
    title: str
    text: str = ""
    own: str = ""  # reference of the partner's own registration


_ADVICE: dict[str, tuple[Any, Any, str]] = {
    Verdict.CLEAR: (gettext_lazy("No match found. You're the first."), "", "good"),
    Verdict.POSSIBLE: (
        gettext_lazy("A company like this is known to us."),
        gettext_lazy("You can send yours. We'll check whether it is the same one."),
        "info",
    ),
    Verdict.CONFLICT: (
        gettext_lazy("This customer may already be registered."),
        gettext_lazy("You can still send yours. Tell us what you have done with them."),
        "warn",
    ),
    Verdict.CUSTOMER: (
        gettext_lazy("Our sales team already works with this company."),
        gettext_lazy("You can send yours as co-sell."),
        "warn",
    ),
    Verdict.UNKNOWN: (gettext_lazy("Enter the website to check for duplicates."), "", "info"),
    Verdict.YOURS: (
        gettext_lazy("You registered this customer already."),
        gettext_lazy("Open it, or choose another product."),
        "warn",
    ),
}


def advice(findings: Findings) -> Advice:
    """The verdict in words: the same for every foreign partner."""
    title, text, tone = _ADVICE[findings.verdict]
    own = findings.own.reference if findings.own else ""
    return Advice(str(findings.verdict), tone, str(title), str(text), own)


def not_checked() -> Advice:
    """When the check can't be made now, or too many were asked."""
    return Advice("unknown", "info", _("We couldn't check now."), _("You can send. We'll check on arrival."))
