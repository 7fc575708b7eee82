from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class MembershipStatus(TextChoices):
    ACTIVE = "active", _("Active")
    ENDED = "ended", _("Ended")


class ReviewStatus(TextChoices):
    PROPOSED = "proposed", _("Proposed")
    PROMOTED = "promoted", _("Promoted")
    DEFERRED = "deferred", _("Deferred")
    OBSOLETE = "obsolete", _("No longer due")
