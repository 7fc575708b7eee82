"""The partner's first screen: what needs me now, and a card from every app that has something to say."""

from django.utils.translation import gettext as _

from core import slots
from core.doors import Page
from core.parts import Tag, Task
from core.queue import Need
from partners.models import Partner
from partners.queries import own_company

NEEDS_SHOWN = 5


class Home(Page):
    def get(self, request):
        partner = own_company(self.actor)
        needs = [need for several in slots.ask("needs_you", self.actor, partner, at=self.at) for need in several]
        cards = slots.ask("home_card", self.actor, partner, at=self.at) if partner else []
        context = {
            "heading": _("Hello, %s") % (request.user.get_short_name()),
            "lead": self._lead(partner, cards),
            "partner": partner,
            "tasks": [_task(need) for need in needs[:NEEDS_SHOWN]],
            "needs_total": len(needs),
            "main_cards": [c for c in cards if c.column == "main"],
            "side_cards": [c for c in cards if c.column == "side"],
            "may_register": self.actor.can("deal.register"),
        }
        return self.show("pages/home.html", context)

    def _lead(self, partner: Partner | None, cards: list) -> str:
        if partner is None:
            return _("You don't belong to a partner company now. Ask your colleague for an invitation.")
        return " · ".join([partner.name, *(card.tier for card in cards if getattr(card, "tier", ""))])


def _task(need: Need) -> Task:
    tag = Tag(need.tag, need.tone) if need.tag else None
    return Task(need.title, need.url, need.reason, tag)
