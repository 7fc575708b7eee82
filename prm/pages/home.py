"""The partner's first screen: what needs me now, and a card from every app that has something to say."""

from django.utils.translation import gettext as _

from core import slots
from core.doors import Page
from core.parts import Tag, Task
from core.querysets import sizes
from core.queue import Need, Pending
from partners.models import Partner
from partners.queries import own_company

NEEDS_SHOWN, NEEDS_MOST = 5, 100  # of the card, and after "See all"


class Home(Page):
    def get(self, request):
        partner = own_company(self.actor)
        most = NEEDS_MOST if request.GET.get("needs") == "all" else NEEDS_SHOWN
        needs, total = self._needs(partner, most)
        cards = slots.ask("home_card", self.actor, partner, at=self.at) if partner else []
        context = {
            "heading": _("Hello, %s") % (request.user.get_short_name()),
            "lead": self._lead(partner, cards),
            "partner": partner,
            "tasks": [_task(need) for need in needs],
            "needs_total": total,
            "needs_more": total - len(needs),
            "needs_all": most == NEEDS_MOST,
            "main_cards": [c for c in cards if c.column == "main"],
            "side_cards": [c for c in cards if c.column == "side"],
            "may_register": self.actor.can("deal.register"),
        }
        return self.show("pages/home.html", context)

    def _needs(self, partner: Partner | None, most: int) -> tuple[list[Need], int]:
        """The needs that the page shows, `most` at most, and how many there are. One statement tells which pending sets
        have rows; more is read only for those that are shown.
        """
        said = [one for several in slots.ask("needs_you", self.actor, partner, at=self.at) for one in several]
        there = sizes({str(place): one.rows for place, one in enumerate(said) if isinstance(one, Pending)})
        shown: list[Need] = []
        total = 0
        for place, one in enumerate(said):
            size = 1 if isinstance(one, Need) else there[str(place)]
            if size and len(shown) < most:
                found = [one] if isinstance(one, Need) else list(one.needs())
                shown += found
                size = size if found else 0  # rows may turn out to concern others
            total += size
        return shown[:most], total

    def _lead(self, partner: Partner | None, cards: list) -> str:
        if partner is None:
            return _("You don't belong to a partner company now. Ask your colleague for an invitation.")
        return " · ".join([partner.name, *(card.tier for card in cards if getattr(card, "tier", ""))])


def _task(need: Need) -> Task:
    tag = Tag(need.tag, need.tone) if need.tag else None
    return Task(need.title, need.url, need.reason, tag)
