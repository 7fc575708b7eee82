"""Words of imports."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class RecordKind(TextChoices):
    PRODUCTS = "products", _("Products")
    ACCOUNTS = "accounts", _("Accounts")
    PARTNERS = "partners", _("Partners")
    OPPORTUNITIES = "opportunities", _("Opportunities")
    REVENUE = "revenue_events", _("Revenue of deals")


class ImportStatus(TextChoices):
    DRAFT = "draft", _("Not started")
    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    CHECKED = "checked", _("Checked")
    DONE = "done", _("Done")
    PARTIAL = "partial", _("Done in part")
    FAILED = "failed", _("Failed")
    STOPPED = "stopped", _("Stopped")
    DISCARDED = "discarded", _("Discarded")


class Mode(TextChoices):
    LOAD = "load", _("Load")
    CHECK = "check", _("Check only")


AT_WORK = (ImportStatus.WAITING, ImportStatus.RUNNING)
STARTABLE = (ImportStatus.DRAFT, ImportStatus.CHECKED)
FINAL = (ImportStatus.DONE, ImportStatus.PARTIAL, ImportStatus.FAILED, ImportStatus.DISCARDED)
