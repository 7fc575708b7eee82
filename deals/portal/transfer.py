"""A deal that another partner offers, for the one that may take it."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.doors import Action, ActionPage, one_or_404
from core.ids import parse_public_id
from core.parts import Crumb
from deals import protected, services, shown
from deals.models import Transfer


class TransferPage(ActionPage):
    """The offer: the customer's name and no more, until the vendor has confirmed."""

    actions = {
        "agree": Action(services.agree_to_transfer, None, gettext_lazy("Agreed. We confirm next.")),
        "decline": Action(services.decline_transfer, None, gettext_lazy("Declined.")),
    }

    def subject(self) -> Transfer:
        pk = parse_public_id(Transfer.prefix, self.kwargs["transfer"])
        return one_or_404(protected.transfers(self.actor), pk=pk)

    def page(self, transfer: Transfer, status: int = 200, bound=None) -> HttpResponse:
        mine = transfer.to_partner_id in self.actor.partner_ids
        context = {
            "heading": _("%s is offered to you") % transfer.account_name if mine else transfer.account_name,
            "transfer": transfer,
            "state": shown.transfer_state(transfer),
            "crumbs": [Crumb(_("Deals"), reverse("portal:deals"))],
            "may_answer": mine and self.actor.can("deal.register") and shown.awaits_taker(transfer),
        }
        return self.show("deals/transfer.html", context, status)

    def after(self, transfer: Transfer) -> str:
        return reverse("portal:transfer", args=[transfer.public_id])
