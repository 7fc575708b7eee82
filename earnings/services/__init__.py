"""Every change of earnings, one function per verb."""

from earnings.services.disputes import adjust, dispute, refuse_dispute, uphold
from earnings.services.foretelling import foretell
from earnings.services.holds import release_holds
from earnings.services.moving import include, invoice, leave_out, pay
from earnings.services.rules import publish_rule, retire_rule, set_earning_terms
from earnings.services.settling import settle, settle_day
from earnings.services.usage import report_usage

__all__ = (
    "adjust",
    "dispute",
    "foretell",
    "include",
    "invoice",
    "leave_out",
    "pay",
    "publish_rule",
    "refuse_dispute",
    "release_holds",
    "report_usage",
    "retire_rule",
    "set_earning_terms",
    "settle",
    "settle_day",
    "uphold",
)
