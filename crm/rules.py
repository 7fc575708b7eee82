"""What stands in the way of an import."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _


def nothing_mapped(one: Any, at: datetime) -> str | None:
    if not one.mapping:
        return _("No column has a meaning yet. Choose at least one and save.")
    return _("The file was forgotten. Upload it again.") if one.forgotten_at else None
