"""Words into the particulars of the deals services."""

from deals.forms.conflicts import Resolve
from deals.forms.deciding import Approve, Ask, Decline
from deals.forms.protecting import Release, ReportProgress
from deals.forms.registering import Registration, answer_form

__all__ = ("Approve", "Ask", "Decline", "Registration", "Release", "ReportProgress", "Resolve", "answer_form")
