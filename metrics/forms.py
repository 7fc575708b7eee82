"""The dashboard's filters: words of the address to a cut and a day."""

from collections import defaultdict
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.db import connection
from django.utils.translation import gettext_lazy as _

from core.forms import DateField
from metrics.queries import Cut
from partners.enums import PartnerType

_CHOICES = """
    SELECT DISTINCT 'region', region, region FROM partners_partner
     WHERE region <> '' AND NOT is_direct AND deleted_at IS NULL
    UNION ALL SELECT 'tier', t.id::text,
        CASE WHEN count(*) OVER () = count(*) OVER (PARTITION BY t.program_id) THEN t.name
             ELSE g.name || ': ' || t.name END
      FROM tiers_tier t JOIN partners_program g ON g.id = t.program_id WHERE t.deleted_at IS NULL
    UNION ALL SELECT DISTINCT 'manager', u.id::text, coalesce(nullif(u.name, ''), u.email) FROM partners_partner p
      JOIN accounts_user u ON u.id = p.manager_id WHERE p.deleted_at IS NULL
    ORDER BY 1, 3"""


def choices() -> dict[str, list[tuple[str, str]]]:
    """What can be filtered by, from one look at the records."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_CHOICES)
        for field, value, label in cursor.fetchall():
            found[field].append((value, label))
    return found


class Filters(forms.Form):
    """GET filters. What can't be understood filters nothing."""

    mark_optional = False

    region = forms.ChoiceField(label=_("Region"), required=False)
    type = forms.ChoiceField(label=_("Partner type"), required=False, choices=[("", _("All")), *PartnerType.choices])
    tier = forms.ChoiceField(label=_("Tier"), required=False)
    manager = forms.ChoiceField(label=_("Manager"), required=False)
    as_of = DateField(label=_("As of"), required=False)

    def __init__(self, data: Any, today: date):
        super().__init__({name: data.get(name, "") for name in self.base_fields})
        self.today = today
        known = choices()
        for name in ("region", "tier", "manager"):
            self.fields[name].choices = [("", _("All")), *known[name]]  # type: ignore[attr-defined]
        self.fields["as_of"].widget.attrs["max"] = today.isoformat()
        self.is_valid()

    def _given(self, name: str) -> Any:
        return self.cleaned_data.get(name) or ""

    def cut(self) -> Cut:
        return Cut(
            region=self._given("region"),
            partner_type=self._given("type"),
            tier=UUID(self._given("tier")) if self._given("tier") else None,
            manager=UUID(self._given("manager")) if self._given("manager") else None,
        )

    def day(self) -> date:
        """The day asked for, never a later one than today."""
        return min(self.cleaned_data.get("as_of") or self.today, self.today)

    @property
    def active(self) -> int:
        return sum(1 for value in self.cleaned_data.values() if value)

    def query(self) -> dict[str, str]:
        """The parameters that lead to the same filters."""
        return {name: self.data[name] for name in self.fields if self.cleaned_data.get(name)}
