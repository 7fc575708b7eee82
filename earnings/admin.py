"""The console's records of earnings: looked at, never typed over."""

from django.contrib import admin

from core.console import RecordAdmin, value
from earnings.models import EarningLine, Payout, PayoutRun, RevenueRule, UsageReport


@admin.register(RevenueRule)
class RevenueRuleAdmin(RecordAdmin):
    """What partners earn by: every version, the present and the earlier ones."""

    permission = "earnings.read"
    list_display = (
        "name", "number", "partner_type", "kind", "direction", "percent", value(), "effective_from",
        "effective_to",
    )  # fmt: skip
    list_filter = ("partner_type", "kind", "direction")
    search_fields = ("name", "key")
    list_select_related = ("program",)


@admin.register(EarningLine)
class EarningLineAdmin(RecordAdmin):
    permission = "earnings.read"
    list_display = ("reference", "partner", "kind", "direction", "status", value(), "occurred_on")
    list_filter = ("status", "direction", "kind", "currency")
    search_fields = ("reference", "partner__name")
    list_select_related = ("partner",)


@admin.register(PayoutRun)
class PayoutRunAdmin(RecordAdmin):
    permission = "earnings.read"
    list_display = ("reference", "period_start", "status", value("total"), "made_label", "approved_label")
    list_filter = ("status",)


@admin.register(Payout)
class PayoutAdmin(RecordAdmin):
    permission = "earnings.read"
    list_display = ("reference", "partner", "run", "status", "carried", value(), "settled_at")
    list_filter = ("status", "carried", "currency")
    search_fields = ("reference", "partner__name")
    list_select_related = ("partner", "run")


@admin.register(UsageReport)
class UsageReportAdmin(RecordAdmin):
    permission = "earnings.read"
    list_display = ("reference", "partner", "period_start", "period_end", "units", "superseded_at")
    search_fields = ("reference", "partner__name")
    list_select_related = ("partner",)
