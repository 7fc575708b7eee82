"""What everybody may know: the public keys of receipts, and whether a receipt is genuine."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.http import require_safe

from deals.forms.receipts import CheckReceipt
from deals.receipts import keys, seal


@require_safe
def receipt_keys(request: HttpRequest) -> JsonResponse:
    """The keys that receipts are checked with, as a JWK set."""
    return JsonResponse(keys.published(), headers={"Cache-Control": "public, max-age=3600"})


class ReceiptCheck(View):
    """GET asks for a receipt; POST says whether a single byte of it was changed. Nothing is kept."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(CheckReceipt())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = CheckReceipt(request.POST, request.FILES)
        if not form.is_valid():
            return self._page(form, 422)
        try:
            found = seal.verify(form.cleaned_data["file"], keys.public_keys())
        except seal.Broken as broken:
            return self._page(CheckReceipt(), broken=str(broken))
        return self._page(CheckReceipt(), found=found)

    def _page(self, form: CheckReceipt, status: int = 200, **more) -> HttpResponse:
        context = {"heading": _("Is this receipt genuine?"), "form": form, **more}
        return render(self.request, "deals/receipt_check.html", context, status=status)


patterns = [
    path("receipts/check/", ReceiptCheck.as_view(), name="receipt_check"),
    path(".well-known/prm-receipt-key.json", receipt_keys, name="receipt_keys"),
]
