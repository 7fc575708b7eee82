"""What several resources of deals share."""

from uuid import UUID

from core.actor import SYSTEM
from core.api.kinds import Text
from core.api.resources import Lookup
from partners.models import Product


def _product(sku: str) -> UUID | None:
    found = Product.objects.visible_to(SYSTEM).filter(sku=sku, deleted_at=None)
    return found.values_list("pk", flat=True).first()


PRODUCT = Lookup("product_sku", Text(60), "product_id", filter=True, path="product__sku", find=_product)
