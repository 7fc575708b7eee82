from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class MembershipStatus(TextChoices):
    ACTIVE = "active", _("Active")
    ENDED = "ended", _("Ended")


class VersionStatus(TextChoices):
    DRAFT = "draft", _("Draft")
    REQUESTED = "requested", _("Waits for a second person")
    SCHEDULED = "scheduled", _("Published, begins on its day")
    IN_FORCE = "in_force", _("In force")
    SUPERSEDED = "superseded", _("Superseded")
    DISCARDED = "discarded", _("Discarded")
    WITHDRAWN = "withdrawn", _("Withdrawn before its day")


PUBLISHED = (VersionStatus.SCHEDULED, VersionStatus.IN_FORCE, VersionStatus.SUPERSEDED)


class ReviewStatus(TextChoices):
    COMPLIANT = "compliant", _("As it should be")
    PROPOSED = "proposed", _("Proposed")
    PROMOTED = "promoted", _("Promoted")
    DEFERRED = "deferred", _("Deferred")
    AT_RISK = "at_risk", _("At risk")
    BELOW = "below", _("Below")
    NOTICE = "notice", _("Notice given")
    ENDING = "ending", _("Ends on its day")
    RESTORED = "restored", _("Kept")
    DEMOTED = "demoted", _("Moved down")
    WAIVED = "waived", _("Waived")
    OBSOLETE = "obsolete", _("No longer due")


FALLING = (ReviewStatus.BELOW, ReviewStatus.NOTICE, ReviewStatus.ENDING)  # the figures no longer reach the tier
UNDER_REVIEW = (ReviewStatus.PROPOSED, ReviewStatus.AT_RISK, *FALLING)


class OverrideStatus(TextChoices):
    REQUESTED = "requested", _("Waits for a second person")
    AGREED = "agreed", _("Agreed")
    ACTIVE = "active", _("In force")
    ENDED = "ended", _("Ended")
    REFUSED = "refused", _("Refused")
    LIFTED = "lifted", _("Lifted early")


STANDING_OVERRIDES = (OverrideStatus.REQUESTED, OverrideStatus.AGREED, OverrideStatus.ACTIVE)


class BenefitKind(TextChoices):
    """What a partner can ask for; the other benefits take effect by themselves."""

    QUESTION = "question", _("Question")
    JOINT_PR = "joint_pr", _("Press campaign")
    EXECUTIVE_ACCESS = "executive_access", _("Meeting with our executives")
    CO_DEVELOPMENT = "co_development", _("Co-development project")


class BenefitStatus(TextChoices):
    ASKED = "asked", _("With us")
    AGREED = "agreed", _("Agreed")
    DONE = "done", _("Done")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")
