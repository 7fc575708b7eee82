"""The console's pages about standing: reviews, exceptions, a membership as the partner sees it, benefit requests."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import addresses  # noqa: F401 - registers the converter
from core.calendar import last_local_day
from core.console import ConsoleActionPage, ConsolePage
from core.doors import Action, one_or_404
from core.ids import parse_public_id
from core.parts import Crumb, Fact
from core.workflow import Choice, Workflow
from tiers import forms, queries, services, shown
from tiers.enums import BenefitKind, OverrideStatus
from tiers.models import BenefitRequest, ProgramMembership, TierOverride, TierReview
from tiers.portal import request_facts
from tiers.progress import progress
from tiers.review_pages import Reviews
from tiers.workflow import BENEFIT, OVERRIDE, REVIEW


class _Deciding(ConsoleActionPage):
    """A page whose menu of the workflow stands as forms, the first one open."""

    url_name = ""

    def reference(self, subject: Any) -> str:
        return subject.reference

    def offered(self, subject: Any, bound: Mapping[str, Any] | None) -> dict[str, Any]:
        """The open steps with their forms, and the form that has errors."""
        bound = bound or {}
        menu = [self.barred(c, subject) for c in self.menu(subject)]

        def form_of(verb: str) -> Any:
            return bound.get(verb) or self.blank(verb, subject)

        def url_of(verb: str) -> str:
            return reverse(self.url_name, args=[self.reference(subject), verb])

        offers = shown.offers(menu, form_of, url_of, next(iter(bound), ""))
        return {"offers": offers, "form": next(iter(bound.values()), None)}

    def menu(self, subject: Any) -> list[Choice]:
        flow: Workflow = self.workflow  # type: ignore[assignment]
        return [c for c in flow.menu(subject, by=self.actor, at=self.at) if c.step.name in self.actions]

    def barred(self, choice: Choice, subject: Any) -> Choice:
        """With what bars this reader alone."""
        return choice

    def blank(self, verb: str, subject: Any) -> Any:
        form = self.actions[verb].form
        return form(auto_id=f"id_{verb}_%s") if form else None


class ReviewPage(_Deciding):
    """One review with its arithmetic, and what may be decided now."""

    workflow = REVIEW
    url_name = "admin:tier_review_verb"
    actions = {
        "promote": Action(services.promote, forms.Promote, gettext_lazy("Moved up.")),
        "defer": Action(services.defer, forms.Defer, gettext_lazy("Put off.")),
        "give_notice": Action(services.give_notice, forms.GiveNotice, gettext_lazy("Notice given.")),
        "demote": Action(services.demote, forms.Demote, gettext_lazy("Decided.")),
        "waive": Action(services.waive, forms.Waive, gettext_lazy("The partner keeps its tier.")),
    }

    def subject(self) -> TierReview:
        rows = queries.with_all(TierReview.objects.visible_to(self.actor))
        return one_or_404(rows, reference=self.kwargs["reference"])

    def barred(self, choice: Choice, review: TierReview) -> Choice:
        if choice.step.name == "demote" and review.noticed_by_id == self.actor.id:
            return Choice(choice.step, _("You gave the notice. Another person decides about the move down."))
        return choice

    def page(self, review: TierReview, status: int = 200, bound=None) -> HttpResponse:
        member = review.membership
        card = progress(member, self.at)
        context = {
            "heading": f"{review.partner}: {review.from_tier or '–'} → {review.to_tier}",
            "lead": f"{review.reference} · {member.program}",
            "crumbs": _crumbs(member),
            "review": review,
            "status": shown.status_tag(review),
            "facts": _facts(review),
            "past": shown.past_review(review, self.actor),
            "changes": _changes(review),
            **shown.standing(self.actor, member, card, self.at),
            **self.offered(review, bound),
        }
        context["history"] = [past for past in context["history"] if past.href != review.get_absolute_url()]
        return self.show("tiers/decide.html", context, status)


def _crumbs(member: ProgramMembership) -> list[Crumb]:
    above = Crumb(_("Tier reviews"), reverse("admin:tier_reviews"))
    return [above, Crumb(member.partner.name, reverse("admin:standing", args=[member.public_id]))]


def _facts(review: TierReview) -> list[Fact]:
    member, manager = review.membership, review.partner.manager
    ends = last_local_day(review.notice_ends_at, settings.TIME_ZONE) if review.notice_ends_at else None
    facts = [
        Fact(_("Partner"), review.partner.name, review.partner.get_console_url()),
        Fact(_("Tier now"), member.tier.name if member.tier else None),
        Fact(_("On it since"), member.tier_since),
        Fact(_("Under review since"), review.proposed_at),
        Fact(_("Reached until"), review.falls_on, hint=_("From this day on the tier is no longer reached.")),
        Fact(_("Notice given"), review.noticed_at, hint=str(review.noticed_by or "")),
        Fact(_("Notice until"), ends),
        Fact(_("Takes effect"), review.effective_at),
        Fact(_("Kept until"), review.waived_until),
        Fact(_("Channel manager"), str(manager) if manager else None),
    ]
    return [fact for fact in facts if fact.value]


def _changes(review: TierReview) -> dict[str, Any]:
    """What the partner gains by the move, or loses."""
    up = review.from_tier is None or review.to_tier.rank > review.from_tier.rank
    if up:
        told = queries.gained(review.from_tier, review.to_tier)
        return {"title": _("What %s adds") % review.to_tier, "texts": told}
    return {
        "title": _("What ends with %s") % review.from_tier,
        "texts": queries.gained(review.to_tier, review.from_tier),  # type: ignore[arg-type]
    }


class OverridePage(_Deciding):
    """A tier by decision: proposed by one person, confirmed by another."""

    workflow = OVERRIDE
    url_name = "admin:tier_override_verb"
    actions = {
        "agree": Action(services.agree_override, None, gettext_lazy("Confirmed.")),
        "refuse": Action(services.refuse_override, forms.Refuse, gettext_lazy("Refused.")),
        "lift": Action(services.lift_override, forms.Because, gettext_lazy("Lifted.")),
    }

    def subject(self) -> TierOverride:
        return one_or_404(queries.overrides(self.actor), reference=self.kwargs["reference"])

    def barred(self, choice: Choice, override: TierOverride) -> Choice:
        if choice.step.name == "agree" and override.requested_by_id == self.actor.id:
            return Choice(choice.step, _("You asked for this. Another person confirms it."))
        return choice

    def page(self, override: TierOverride, status: int = 200, bound=None) -> HttpResponse:
        member = override.membership
        context = {
            "heading": _("%(partner)s on %(tier)s by decision") % {"partner": override.partner, "tier": override.tier},
            "lead": f"{override.reference} · {member.program}",
            "crumbs": _crumbs(member),
            "status": shown.status_tag(override),
            "override": override,
            "facts": _override_facts(override),
            "gains": queries.gained(member.tier, override.tier) if override.status == OverrideStatus.REQUESTED else [],
            **self.offered(override, bound),
        }
        return self.show("tiers/override.html", context, status)


def _override_facts(override: TierOverride) -> list[Fact]:
    before = override.from_tier or override.membership.tier
    facts = [
        Fact(_("Tier without it"), before.name if before else None),
        Fact(_("From"), override.starts_on),
        Fact(_("Until"), override.until),
        Fact(_("Asked by"), str(override.requested_by or ""), hint=date_format(override.requested_at, "j M Y")),
        Fact(_("Decided by"), str(override.decided_by or "")),
        Fact(_("Answer"), override.answer),
    ]
    return [fact for fact in facts if fact.value]


class StandingPage(_Deciding):
    """A membership as the partner sees it, with what the vendor alone may do: figures, exceptions."""

    url_name = "admin:standing_verb"
    actions = {
        "figure": Action(services.set_figure, forms.SetFigure, gettext_lazy("Saved. The tier was judged anew.")),
        "override": Action(
            services.propose_override, forms.Override, gettext_lazy("Asked for. Another person confirms it.")
        ),
    }

    def subject(self) -> ProgramMembership:
        rows = ProgramMembership.objects.visible_to(self.actor).filter(deleted_at=None)
        rows = rows.select_related("partner", "program", "tier", "earned_tier")
        return one_or_404(rows, pk=parse_public_id(ProgramMembership.prefix, self.kwargs["membership"]))

    def page(self, member: ProgramMembership, status: int = 200, bound=None) -> HttpResponse:
        card = progress(member, self.at, self.request.GET.get("aim", ""))
        bound = bound or {}
        decides = self.actor.can("tier.decide")
        self._entered = shown.entered_metrics(self.actor, member, card, self.at)
        context = {
            "heading": _("%(partner)s: %(tier)s") % {"partner": member.partner, "tier": member.tier or _("no tier")},
            "lead": f"{member.program} · {member.get_partner_type_display()}",
            "crumbs": [Crumb(member.partner.name, member.partner.get_console_url())],
            "member": member,
            "verbs": [self._verb(verb, member, bound) for verb in self._open(member)] if decides else [],
            "form": next(iter(bound.values()), None),
            **shown.standing(self.actor, member, card, self.at),
        }
        return self.show("tiers/standing.html", context, status)

    def _open(self, member: ProgramMembership) -> list[str]:
        standing = TierOverride.objects.visible_to(self.actor).filter(
            membership=member, status__in=("requested", "agreed", "active")
        )
        return [v for v in self.actions if (v == "figure" and self._entered) or (v == "override" and not standing)]

    def _verb(self, verb: str, member: ProgramMembership, bound: Mapping[str, Any]) -> dict[str, Any]:
        titles = {"figure": _("Enter a figure"), "override": _("Set the tier by decision")}
        buttons = {"figure": _("Save figure"), "override": _("Ask a second person")}
        url = reverse(self.url_name, args=[member.public_id, verb])
        form = bound.get(verb) or self.blank(verb, member)
        return {"title": titles[verb], "button": buttons[verb], "url": url, "form": form, "open": verb in bound}

    def blank(self, verb: str, member: ProgramMembership) -> Any:
        if verb == "figure":
            return forms.SetFigure(metrics=self._entered, auto_id="id_figure_%s")
        return forms.Override(membership=member, auto_id="id_override_%s", initial={"starts_on": self.at.date()})

    def bind(self, action: Action, member: ProgramMembership) -> Any:
        self.actor.require("tier.decide")
        if action.form is forms.SetFigure:
            card = progress(member, self.at)
            return forms.SetFigure(self.request.POST, metrics=shown.entered_metrics(self.actor, member, card, self.at))
        return forms.Override(self.request.POST, membership=member)

    def after(self, member: ProgramMembership) -> str:
        return reverse("admin:standing", args=[member.public_id])


class RequestPage(_Deciding):
    """Something that a partner asks for by its tier."""

    workflow = BENEFIT
    url_name = "admin:benefit_request_verb"
    actions = {
        "agree": Action(services.agree_to, forms.Agree, gettext_lazy("Agreed.")),
        "finish": Action(services.finish_request, forms.Answer, gettext_lazy("Done.")),
        "decline": Action(services.decline_request, forms.Because, gettext_lazy("Declined.")),
    }

    def subject(self) -> BenefitRequest:
        found = one_or_404(queries.requests(self.actor), reference=self.kwargs["reference"])
        found.not_granted = services.why_not(found.membership, found.kind, at=self.at)
        return found

    def menu(self, request: BenefitRequest) -> list[Choice]:
        """A question is answered; the rest is agreed to first."""
        is_question = request.kind == BenefitKind.QUESTION
        unfit = "agree" if is_question else "finish" if request.status == "asked" else ""
        return [c for c in super().menu(request) if c.step.name != unfit]

    def page(self, request: BenefitRequest, status: int = 200, bound=None) -> HttpResponse:
        partner = request.partner
        context = {
            "heading": f"{request.get_kind_display()}: {partner}",
            "lead": f"{request.reference} · {request.membership.tier or ''}",
            "crumbs": [Crumb(_("My queue"), reverse("admin:index"))],
            "status": shown.status_tag(request),
            "request_shown": request,
            "facts": [Fact(_("Partner"), partner.name, partner.get_console_url()), *request_facts(request)],
            **self.offered(request, bound),
        }
        return self.show("tiers/console_request.html", context, status)

    def after(self, request: BenefitRequest) -> str:
        return request.get_console_url()


class PromoteNow(ConsolePage):
    """One click in the list: these moves up are made, one transaction each; who was faster is told."""

    permission = "tier.decide"

    def post(self, request):
        rows = queries.reviews(self.actor).filter(reference__in=request.POST.getlist("review")[:100])
        done, left = services.promote_all(list(rows), by=self.actor, at=self.at)
        if done:
            messages.success(request, _("Moved up: %s.") % ", ".join(done))
        for line in left:
            messages.error(request, line)
        if not done and not left:
            messages.error(request, _("Choose at least one partner."))
        return redirect("admin:tier_reviews")

    def get(self, request):
        return redirect("admin:tier_reviews")


console_patterns = [
    path("tier-reviews/", Reviews.as_view(), name="tier_reviews"),
    path("tier-reviews/promote/", PromoteNow.as_view(), name="tier_reviews_promote"),
    path("tier-reviews/<ref:reference>/", ReviewPage.as_view(), name="tier_review"),
    path("tier-reviews/<ref:reference>/<slug:verb>/", ReviewPage.as_view(), name="tier_review_verb"),
    path("tier-exceptions/<str:reference>/", OverridePage.as_view(), name="tier_override"),
    path("tier-exceptions/<str:reference>/<slug:verb>/", OverridePage.as_view(), name="tier_override_verb"),
    path("standing/<str:membership>/", StandingPage.as_view(), name="standing"),
    path("standing/<str:membership>/<slug:verb>/", StandingPage.as_view(), name="standing_verb"),
    path("benefit-requests/<ref:reference>/", RequestPage.as_view(), name="benefit_request"),
    path("benefit-requests/<ref:reference>/<slug:verb>/", RequestPage.as_view(), name="benefit_request_verb"),
]
