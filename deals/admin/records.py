"""The records of deals: looked at, not typed over."""

from django.contrib import admin

from core import addresses  # noqa: F401 - registers the converter
from core.console import RecordAdmin, value
from deals.models import Account, Opportunity, Registration


@admin.register(Registration)
class RegistrationAdmin(RecordAdmin):
    list_display = ("reference", "account_name", "partner", "status", value(), "due_at")
    list_filter = ("status", "motion")
    search_fields = ("reference", "account_name", "partner__name")
    list_select_related = ("partner",)


@admin.register(Account)
class AccountAdmin(RecordAdmin):
    list_display = ("name", "domain", "country", "coverage", "industry")
    list_filter = ("coverage",)
    search_fields = ("name", "domain")


@admin.register(Opportunity)
class OpportunityAdmin(RecordAdmin):
    list_display = ("reference", "name", "account", "kind", "stage", value(), "closed_on")
    list_filter = ("stage", "kind")
    search_fields = ("reference", "name", "account__name")
    list_select_related = ("account",)
