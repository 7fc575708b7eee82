"""The records of partners in the console; changes are verbs on the pages of partners.console."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core.console import RecordAdmin, value
from partners.models import Contact, Invitation, Member, Partner, Product, Program


@admin.register(Partner)
class PartnerAdmin(RecordAdmin):
    list_display = ("reference", "name", "status", "manager", "region", "country", "joined_on")
    list_filter = ("status",)
    search_fields = ("reference", "name", "domain")
    list_select_related = ("manager",)


@admin.register(Member)
class MemberAdmin(RecordAdmin):
    list_display = ("user", "partner", "role", "created_at", "ended_at")
    list_filter = ("role",)
    search_fields = ("user__email", "user__name", "partner__name")
    list_select_related = ("user", "partner")


@admin.register(Invitation)
class InvitationAdmin(RecordAdmin):
    list_display = ("email", "partner", "role", "status", "sent_at", "expires_at")
    list_filter = ("status",)
    search_fields = ("email", "partner__name")
    list_select_related = ("partner",)
    exclude = ("token_hash",)


@admin.register(Contact)
class ContactAdmin(RecordAdmin):
    list_display = ("last_name", "first_name", "email", "partner", "portal_access")
    search_fields = ("last_name", "first_name", "email", "partner__name")
    list_select_related = ("partner",)


@admin.register(Program)
class ProgramAdmin(RecordAdmin):
    list_display = ("name", "key", "status", "currency", "starts_on", "ends_on")


@admin.register(Product)
class ProductAdmin(RecordAdmin):
    list_display = ("sku", "name", "family", value("list_price", _("List price")), "is_active")
    search_fields = ("sku", "name")
