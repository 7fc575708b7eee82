"""The receipt of a registration, as a file."""

from django.http import Http404, HttpResponse

from core.doors import Page, one_or_404
from deals import queries, receipts

_KINDS = {"pdf": "application/pdf", "json": "application/json"}


class Receipt(Page):
    """Signed, as PDF or JSON. A draft has none: nothing was sent yet."""

    actions = tuple(_KINDS)  # what may stand in the address

    def get(self, request, reference: str, verb: str) -> HttpResponse:
        if verb not in _KINDS:
            raise Http404
        deal = one_or_404(queries.registrations(self.actor).exclude(submitted_at=None), reference=reference)
        facts, signer = receipts.facts_of(deal, self.at), receipts.own_key()
        as_paper = verb == "pdf"
        body = receipts.as_pdf(deal, facts, signer, self.at) if as_paper else receipts.as_json(facts, signer)
        name = f"receipt-{deal.reference}.{verb}"
        return HttpResponse(
            body, content_type=_KINDS[verb], headers={"Content-Disposition": f'attachment; filename="{name}"'}
        )
