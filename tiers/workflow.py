"""What may happen to a proposed move to a higher tier."""

from django.utils.translation import gettext_lazy as _

from core.workflow import SYSTEM_ONLY, Step, Workflow
from tiers.enums import ReviewStatus as S
from tiers.rules import no_longer_earned

REVIEW = Workflow(
    Step("promote", (S.PROPOSED,), S.PROMOTED, "tier.decide", "promoted", _("Move up"), (no_longer_earned,)),
    Step("defer", (S.PROPOSED,), S.DEFERRED, "tier.decide", "deferred", _("Not yet")),
    Step("drop", (S.PROPOSED,), S.OBSOLETE, SYSTEM_ONLY, "dropped"),
    final=(S.PROMOTED, S.DEFERRED, S.OBSOLETE),
)
