"""Partners stay who they are while something is written about them."""

from collections.abc import Collection
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from core.errors import Stale

_ONE = "SELECT merged_into_id FROM partners_partner WHERE id = %s FOR KEY SHARE"
_OF_DEALS = """
    SELECT id FROM partners_partner WHERE id IN (
        SELECT partner_id FROM deals_opportunitypartner WHERE opportunity_id = ANY(%(deals)s)
        UNION SELECT partner_id FROM earnings_entitlement WHERE opportunity_id = ANY(%(deals)s)
    ) ORDER BY id FOR KEY SHARE
"""


def keep(partner_id: UUID) -> None:
    """Until the transaction ends a merge of this partner waits. Raises Stale when one came first."""
    with connection.cursor() as cursor:
        cursor.execute(_ONE, [partner_id])
        found = cursor.fetchone()
    if found and found[0]:
        raise Stale(_("This company has become part of another one. Open that one."))


def keep_all_of(opportunity_ids: Collection[UUID]) -> None:
    """The same for every partner that earns, or may earn, from these deals; what is read after this tells how things
    stand after a merge that came first."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_DEALS, {"deals": list(opportunity_ids)})
