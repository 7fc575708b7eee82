"""What the cellar does not keep."""

from datetime import datetime, timedelta

from core.models import Delivery, DeliveryState, IdempotencyKey

KEYS_KEPT = timedelta(hours=24)
DELIVERIES_KEPT = timedelta(days=90)


def forget(at: datetime) -> None:
    """Removes stored answers and finished deliveries past their keeping time; events stay for ever."""
    IdempotencyKey.objects.filter(created_at__lt=at - KEYS_KEPT).delete()
    Delivery.objects.filter(state=DeliveryState.DONE, done_at__lt=at - DELIVERIES_KEPT).delete()
