"""The console's side of tiers: the decision about a proposed move, and the records."""

from django.contrib import admin
from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.console import ConsoleActionPage, RecordAdmin
from core.doors import Action, one_or_404
from core.parts import Fact, Tag
from tiers import cards, forms, queries, services
from tiers.enums import ReviewStatus
from tiers.models import Assessment, ProgramMembership, ProgramVersion, Tier, TierReview
from tiers.workflow import REVIEW

_TONES: dict[str, str] = {ReviewStatus.PROMOTED: "good", ReviewStatus.PROPOSED: "info", ReviewStatus.DEFERRED: "warn"}


class ReviewPage(ConsoleActionPage):
    """One proposed move with its arithmetic: move up (A) or not yet (D)."""

    actions = {
        "promote": Action(services.promote, forms.Promote, gettext_lazy("Moved up.")),
        "defer": Action(services.defer, forms.Defer, gettext_lazy("Put off.")),
    }

    def subject(self) -> TierReview:
        rows = queries.with_all(TierReview.objects.visible_to(self.actor))
        return one_or_404(rows, reference=self.kwargs["reference"])

    def page(self, review: TierReview, status: int = 200, bound=None) -> HttpResponse:
        bound = bound or {}
        menu = {c.step.name: c for c in REVIEW.menu(review, by=self.actor, at=self.at)}
        context = {
            "heading": _("%(partner)s to %(tier)s") % {"partner": review.partner, "tier": review.to_tier},
            "lead": f"{review.reference} · {review.membership.program}",
            "review": review,
            "status": Tag(review.get_status_display(), _TONES.get(review.status, "")),
            "facts": _facts(review),
            "arithmetic": _arithmetic(review),
            "gains": queries.gained(review.from_tier, review.to_tier),
            "history": [r for r in queries.history(review.membership) if r.pk != review.pk],
            "menu": menu,
            "forms": {name: bound.get(name) or self.actions[name].form() for name in self.actions if name in menu},  # type: ignore[misc]
            "opened": next(iter(bound), ""),
            "form": next(iter(bound.values()), None),
        }
        return self.show("tiers/decide.html", context, status)

    def after(self, review: TierReview) -> str:
        """To the next move that waits, else to the queue."""
        waiting = cards.queue(self.actor, self.actor.id, self.at)
        return waiting.items[0].url if waiting and waiting.items else reverse("admin:index")


def _facts(review: TierReview) -> list[Fact]:
    manager = review.partner.manager
    facts = [
        Fact(_("Partner"), review.partner.name),
        Fact(_("Tier now"), review.membership.tier.name if review.membership.tier else None),
        Fact(_("On it since"), review.membership.tier_since),
        Fact(_("Proposed"), review.proposed_at),
        Fact(_("Channel manager"), str(manager) if manager else None),
    ]
    if review.assessment:
        version = review.assessment.program_version
        known = {"n": version.number, "day": date_format(version.effective_from or review.proposed_at, "j M Y")}
        facts.append(Fact(_("Rules"), _("Version %(n)s, from %(day)s") % known))
    return facts


def _arithmetic(review: TierReview) -> list[Fact]:
    """Each tier's requirements as they were judged when the move was proposed."""
    if review.assessment is None:
        return []
    judged = review.assessment.explanation
    words = [queries.arithmetic(review.assessment, tier["rank"]) for tier in judged]
    return [
        Fact(tier["tier"], one or _("No requirements"), hint=_("met") if tier["met"] else _("not met"))
        for tier, one in zip(judged, words, strict=True)
    ]


console_patterns = [
    path("tier-reviews/<str:reference>/", ReviewPage.as_view(), name="tier_review"),
    path("tier-reviews/<str:reference>/<slug:verb>/", ReviewPage.as_view(), name="tier_review_verb"),
]


@admin.register(TierReview)
class TierReviewAdmin(RecordAdmin):
    list_display = ("reference", "partner", "from_tier", "to_tier", "status", "due_at")
    list_filter = ("status",)
    search_fields = ("reference", "partner__name")
    list_select_related = ("partner", "from_tier", "to_tier")


@admin.register(ProgramMembership)
class ProgramMembershipAdmin(RecordAdmin):
    list_display = ("partner", "program", "partner_type", "tier", "status", "tier_since")
    list_filter = ("status", "partner_type", "tier")
    search_fields = ("partner__name",)
    list_select_related = ("partner", "program", "tier")


@admin.register(Tier)
class TierAdmin(RecordAdmin):
    list_display = ("name", "program", "rank", "discount_percent", "mdf_accrual_percent")
    list_select_related = ("program",)


@admin.register(ProgramVersion)
class ProgramVersionAdmin(RecordAdmin):
    list_display = ("program", "number", "effective_from", "published_by")
    list_select_related = ("program",)


@admin.register(Assessment)
class AssessmentAdmin(RecordAdmin):
    list_display = ("membership", "tier", "program_version", "at")
    list_select_related = ("membership", "tier", "program_version")
