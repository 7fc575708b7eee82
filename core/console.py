"""The console's base: pages with verbs for vendor staff, and records that are looked at, not typed over."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.utils.translation import gettext_lazy

from core.doors import ActionPage, Page
from core.money import Money
from core.templatetags.prm import cell


class ConsolePage(Page):
    audience = ("vendor",)


class ConsoleActionPage(ActionPage):
    audience = ("vendor",)


def value(field: str = "amount", title: Any = "") -> Callable[[Any], str]:
    """A column of a list of records: an amount in the record's currency, sorted by the amount."""

    @admin.display(description=title or gettext_lazy("Value"), ordering=field)
    def worth(record: Any) -> str:
        amount = getattr(record, field)
        return cell(None if amount is None else Money(amount, record.currency))

    return worth


class RecordList(ChangeList):
    """A list whose rows lead to the record's own page where it has one."""

    def url_for_result(self, result):
        own = getattr(result, "get_console_url", None)
        return own() if own else super().url_for_result(result)


class RecordAdmin(admin.ModelAdmin):
    """Lists and shows rows through visible_to. Read-only: changes are verbs on pages, and history is never deleted.

    `permission`, if any, is needed to look.
    """

    permission = ""
    list_per_page = 50
    show_full_result_count = False
    actions = None

    def get_queryset(self, request):
        return self.model.objects.visible_to(request.actor).order_by("-pk")

    def get_changelist(self, request, **kwargs):
        return RecordList

    def has_module_permission(self, request):
        return self.has_view_permission(request)

    def has_view_permission(self, request, obj=None):
        actor = request.actor
        return actor.is_vendor and (not self.permission or actor.can(self.permission))

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
