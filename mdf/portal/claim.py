"""One claim, for its partner: what was sent, what was found of it, what is paid and why."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.doors import Action, ActionPage, one_or_404
from core.parts import Crumb
from mdf import shown
from mdf.enums import ClaimStatus
from mdf.forms.answering import Reply
from mdf.models import Claim
from mdf.portal.claiming import WRITTEN
from mdf.portal.requesting import crumbs
from mdf.queries import own as queries
from mdf.services import claims
from mdf.workflow import CLAIM


class ClaimPage(ActionPage):
    """Proof by proof what was found, the sum as arithmetic, and what one can do."""

    workflow = CLAIM
    actions = {
        "submit": Action(claims.submit, None, gettext_lazy("Sent. We answer by the time shown here.")),
        "answer": Action(claims.answer, Reply, gettext_lazy("Answer sent.")),
        "withdraw": Action(claims.withdraw, None, gettext_lazy("Claim withdrawn.")),
    }

    def subject(self) -> Claim:
        rows = queries.claims(self.actor).filter(activity__request__reference=self.kwargs["parent"])
        return one_or_404(rows, reference=self.kwargs["reference"])

    def page(self, claim: Claim, status: int = 200, bound=None) -> HttpResponse:
        parent = claim.activity.request
        if status == 200 and claim.status == ClaimStatus.DRAFT and self.actor.can("mdf.claim"):
            return redirect("portal:mdf_claim_edit", parent.reference, claim.reference)
        bound = bound or {}
        context = {
            "heading": _("Claim for %s") % claim.activity,
            "lead": claim.reference,
            "status": shown.claim_tag(claim, self.actor),
            "crumbs": [*crumbs(), Crumb(str(parent), parent.get_absolute_url())],
            "claim": claim,
            "parent": parent,
            "menu": {choice.step.name: choice.barred for choice in CLAIM.menu(claim, by=self.actor, at=self.at)},
            "may_write": self.actor.can("mdf.claim") and claim.status in WRITTEN,
            "clock": shown.claim_clock(claim, self.at),
            "payable": shown.payable(claim, claims.payable_of(claim, claim.activity)),
            "invoices": shown.invoice_rows(claim),
            "proofs": shown.proof_rows(claim),
            "results": shown.result_facts(claim),
            "payments": shown.payment_rows(claim),
            "timeline": shown.moments(queries.story(self.actor, [claim.pk])),
            "form": next(iter(bound.values()), None),
            "answer_form": bound.get("answer") or Reply(auto_id="answer-%s"),
        }
        return self.show("mdf/claim.html", context, status)

    def after(self, claim: Claim) -> str:
        return reverse("portal:mdf_claim", args=[claim.activity.request.reference, claim.reference])
