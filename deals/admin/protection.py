"""What waits for the vendor on a protected deal: more days, handing over, taking back, breaches, orders."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.forms import Form
from django.http import Http404, HttpResponse
from django.utils.translation import gettext_lazy

from core import addresses  # noqa: F401 - registers the converter
from core.actor import Actor
from core.console import ConsoleActionPage
from core.doors import Action, one_or_404
from core.ids import parse_public_id
from deals import forms, protected, queries, services, shown
from deals.enums import PROTECTED, Stage, Status
from deals.models import Breach, Registration
from deals.shown import waiting
from deals.workflow import REGISTRATION

_FOLDED = {
    "hand-over": forms.HandOver, "revoke": forms.ProposeRevocation, "win": forms.CloseWon, "lose": forms.CloseLost,
}  # fmt: skip


class ProtectionPage(ConsoleActionPage):
    """One protected deal with everything that is asked of us about it."""

    workflow = REGISTRATION
    actions = {
        "extension-grant": Action(services.grant_extension, forms.Yes, gettext_lazy("Extended.")),
        "extension-refuse": Action(services.refuse_extension, forms.No, gettext_lazy("Not extended.")),
        "revoke": Action(
            services.propose_revocation, forms.ProposeRevocation, gettext_lazy("Proposed. A second person confirms.")
        ),
        "revocation-confirm": Action(services.confirm_revocation, None, gettext_lazy("Revoked.")),
        "revocation-refuse": Action(services.refuse_revocation, None, gettext_lazy("The deal stays protected.")),
        "hand-over": Action(services.hand_over, forms.HandOver, gettext_lazy("Handed over.")),
        "transfer-confirm": Action(services.confirm_transfer, forms.Yes, gettext_lazy("Handed over.")),
        "transfer-refuse": Action(services.refuse_transfer, forms.No, gettext_lazy("Not handed over.")),
        "breach": Action(services.settle_breach, forms.SettleBreach, gettext_lazy("Settled.")),
        "win": Action(services.close_deal, forms.CloseWon, gettext_lazy("Closed as won.")),
        "lose": Action(services.close_deal, forms.CloseLost, gettext_lazy("Closed as lost.")),
        "order-refuse": Action(services.refuse_win, forms.No, gettext_lazy("Order refused.")),
    }

    def subject(self) -> Registration:
        return one_or_404(queries.registrations(self.actor), reference=self.kwargs["reference"])

    def run(self, action: Action, subject: Registration, form: Form | None) -> Any:
        return super().run(action, self._target(subject, form), form)

    def _target(self, deal: Registration, form: Form | None) -> Any:
        """What the verb is about: the open request it names, or the deal itself."""
        kind = self.kwargs["verb"].partition("-")[0]
        if kind == "breach":
            pk = parse_public_id(Breach.prefix, form.cleaned_data["breach"] if form else "")
            return one_or_404(protected.breaches(self.actor).filter(registration=deal), pk=pk)
        requests: dict[str, Callable[[Actor], QuerySet[Any]]] = {
            "extension": protected.open_extensions, "revocation": protected.open_revocations,
            "transfer": protected.open_transfers,
        }  # fmt: skip
        if kind not in requests:
            return deal
        found = requests[kind](self.actor).filter(registration=deal).first()
        if found is None:
            raise Http404
        return found

    def page(self, deal: Registration, status: int = 200, bound=None) -> HttpResponse:
        bound = bound or {}
        waits = self._waiting(deal)
        context = {
            "heading": str(deal),
            "lead": f"{deal.reference} · {deal.partner}",
            "status": shown.status_tag(deal, self.actor),
            "deal": deal,
            "clock": shown.clock(deal, self.at),
            "timeline": shown.timeline(deal, self.actor),
            "requests": [self._with_forms(one, bound) for one in waits],
            "more": self._more(deal, bound, {answer.verb for one in waits for answer in one.answers}),
            "form": next(iter(bound.values()), None),
        }
        return self.show("deals/protection.html", context, status)

    def _waiting(self, deal: Registration) -> list[waiting.Request]:
        """The open requests about this deal, in words."""
        breaches = list(protected.open_breaches(self.actor).filter(registration=deal))
        order = protected.proposed_win(deal) if deal.status in (*PROTECTED, Status.EXPIRED) else None
        return [
            *waiting.breaches(breaches, protected.direct_opportunities(breaches)),
            *waiting.order(order),
            *waiting.extensions(protected.open_extensions(self.actor).filter(registration=deal)),
            *waiting.transfers(protected.open_transfers(self.actor).filter(registration=deal)),
            *waiting.revocations(protected.open_revocations(self.actor).filter(registration=deal), self.actor),
        ]

    def _with_forms(self, request: waiting.Request, bound: dict[str, Form]) -> dict[str, Any]:
        answers = request.answers if self.actor.can("deal.decide") else ()
        return {"request": request, "answers": [self._answer(request, one, bound) for one in answers]}

    def _answer(self, request: waiting.Request, answer: waiting.Answer, bound: dict[str, Form]) -> dict[str, Any]:
        maker = self.actions[answer.verb].form
        fresh = forms.again(maker, request.known, f"{answer.verb}-{request.key}") if maker else None
        return {"answer": answer, "form": bound.get(answer.verb) or fresh}

    def _more(self, deal: Registration, bound: dict[str, Form], answered: set[str]) -> list[dict[str, Any]]:
        """What else can be done with the deal, each in its fold; not what answers a request already."""
        offered = []
        if deal.status in PROTECTED and self.actor.can("deal.decide"):
            offered += ["hand-over", "revoke"]
        is_open = deal.opportunity is not None and deal.opportunity.stage == Stage.OPEN
        if is_open and deal.status in (*PROTECTED, Status.EXPIRED) and self.actor.can("opportunity.edit"):
            offered += ["win", "lose"]
        return [
            {
                "verb": verb, "title": waiting.TITLES[verb], "note": waiting.NOTES[verb], "open": verb in bound,
                "form": bound.get(verb) or forms.again(_FOLDED[verb], {"amount": deal.amount}, f"do-{verb}"),
            }
            for verb in offered
            if verb not in answered
        ]  # fmt: skip

    def after(self, subject: Registration) -> str:
        return subject.get_protection_url()
