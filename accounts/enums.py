from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Kind(TextChoices):
    PARTNER = "partner", _("Partner")
    VENDOR = "vendor", _("Vendor")
    SERVICE = "service", _("Service")


class Theme(TextChoices):
    SYSTEM = "system", _("Like the device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")
