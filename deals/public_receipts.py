"""What everybody may know: the public keys of receipts."""

from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.http import require_safe

from deals.receipts import keys


@require_safe
def receipt_keys(request: HttpRequest) -> JsonResponse:
    """The keys that receipts are checked with, as a JWK set."""
    return JsonResponse(keys.published(), headers={"Cache-Control": "public, max-age=3600"})


patterns = [path(".well-known/prm-receipt-key.json", receipt_keys, name="receipt_keys")]
