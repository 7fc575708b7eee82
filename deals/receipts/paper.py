"""A receipt on paper: the same facts as a PDF that carries its own signature."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from core.files import pdf
from core.parts import Fact
from deals import shown
from deals.models import Registration
from deals.receipts.seal import Signer, as_json, seal_pdf
from partners.countries import country_name


def as_pdf(deal: Registration, facts: Mapping[str, Any], signer: Signer, at: datetime) -> bytes:
    """The signed PDF. Raises Refused where this server can't draw documents."""
    until = shown.protected_until(deal)
    words = {
        "vendor": settings.VENDOR_NAME or _("the vendor"), "deal": deal, "issued": at, "key_id": signer.key_id,
        "facts": _lines(deal, until), "events": facts["events"], "position": facts["position"],
        "address": f"{settings.BASE_URL}/.well-known/prm-receipt-key.json",
        "json": as_json(facts, signer).decode(),
    }  # fmt: skip
    return seal_pdf(pdf.render(render_to_string("deals/receipt.html", words)), facts["position"], signer)


def _lines(deal: Registration, until: Any) -> list[Fact]:
    found = (
        Fact(_("Number"), deal.reference),
        Fact(_("Partner"), f"{deal.partner.name} ({deal.partner.reference})"),
        Fact(_("Customer"), deal.account_name),
        Fact(_("Website"), deal.website),
        Fact(_("Country"), country_name(deal.country)),
        Fact(_("Product"), deal.product.name if deal.product else None),
        Fact(_("Value, first year"), shown.value(deal)),
        Fact(_("Place in line since"), deal.submitted_at),
        Fact(_("Status"), deal.get_status_display()),
        Fact(_("Protected until"), until),
    )
    return [line for line in found if line.value]
