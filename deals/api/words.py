"""What several resources of deals share."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from core.actor import SYSTEM, Actor
from core.api.kinds import Text
from core.api.resources import Lookup
from partners.models import Product


def _product(sku: str) -> UUID | None:
    found = Product.objects.visible_to(SYSTEM).filter(sku=sku, deleted_at=None)
    return found.values_list("pk", flat=True).first()


PRODUCT = Lookup("product_sku", Text(60), "product_id", filter=True, path="product__sku", find=_product)


def same(service: Callable[..., Any]) -> Callable[..., Any]:
    """The service as an action that answers with its own subject, whatever else it makes."""

    def run(subject: Any, *particulars: Any, by: Actor, at: datetime) -> Any:
        service(subject, *particulars, by=by, at=at)
        subject.refresh_from_db()
        return subject

    return run
