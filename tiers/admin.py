"""The records of tiers in the console; the pages where standing is decided are in tiers.console."""

from django.contrib import admin

from core.console import RecordAdmin
from tiers.console import console_patterns
from tiers.models import (
    Assessment,
    BenefitRequest,
    ProgramMembership,
    ProgramVersion,
    Tier,
    TierOverride,
    TierReview,
)

__all__ = ("console_patterns",)


@admin.register(TierReview)
class TierReviewAdmin(RecordAdmin):
    list_display = ("reference", "partner", "from_tier", "to_tier", "status", "due_at")
    list_filter = ("status",)
    search_fields = ("reference", "partner__name")
    list_select_related = ("partner", "from_tier", "to_tier")


@admin.register(ProgramMembership)
class ProgramMembershipAdmin(RecordAdmin):
    list_display = ("partner", "program", "partner_type", "tier", "status", "tier_since")
    list_filter = ("status", "partner_type", "tier")
    search_fields = ("partner__name",)
    list_select_related = ("partner", "program", "tier")


@admin.register(Tier)
class TierAdmin(RecordAdmin):
    list_display = ("name", "program", "rank", "discount_percent", "mdf_accrual_percent")
    list_select_related = ("program",)


@admin.register(ProgramVersion)
class ProgramVersionAdmin(RecordAdmin):
    list_display = ("program", "number", "effective_from", "published_by")
    list_select_related = ("program",)


@admin.register(Assessment)
class AssessmentAdmin(RecordAdmin):
    list_display = ("membership", "tier", "program_version", "at")
    list_select_related = ("membership", "tier", "program_version")


@admin.register(TierOverride)
class TierOverrideAdmin(RecordAdmin):
    list_display = ("reference", "partner", "tier", "status", "starts_on", "until")
    list_filter = ("status",)
    search_fields = ("reference", "partner__name")
    list_select_related = ("partner", "tier")


@admin.register(BenefitRequest)
class BenefitRequestAdmin(RecordAdmin):
    list_display = ("reference", "partner", "kind", "status", "due_at", "owner")
    list_filter = ("status", "kind")
    search_fields = ("reference", "partner__name")
    list_select_related = ("partner", "owner")
