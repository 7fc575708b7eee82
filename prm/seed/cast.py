"""What happens at the first three partners: the stories that people are shown."""

from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from deals.enums import Verdict
from partners.enums import InvitationStatus, MemberRole
from partners.models import Invitation
from partners.rules import INVITATION_LIVES
from prm.seed.fates import Teller
from prm.seed.people import House, World, actor
from prm.seed.stories import Customer

LATE, IN_TIME = 5, 0.4  # days since it was sent


class Told(NamedTuple):
    """An outcome and how many days ago."""

    outcome: str
    ago: float


# Silver, 4 closed deals in 12 months: 1 more to Gold.
ACME = (
    Told("won", 680), Told("lost", 640), Told("won", 590), Told("rejected", 540), Told("won", 455), Told("lost", 420),
    Told("won", 322), Told("lost", 250), Told("won", 214), Told("lapsed", 190), Told("rejected", 160),
    Told("won", 121), Told("lost", 96), Told("withdrawn", 61), Told("won", 38),
    Told("expiring", 82), Told("protected", 47), Told("protected", 26), Told("protected", 9),
    Told("action_required", 3), Told("draft", 2),
)  # fmt: skip
# Gold, with the deals for Platinum: nobody is certified.
COBALT = (
    Told("won", 610), Told("lost", 560), Told("won", 470), Told("won", 340), Told("won", 300), Told("lost", 270),
    Told("won", 322), Told("won", 281), Told("won", 255), Told("won", 206), Told("won", 158), Told("won", 96),
    Told("won", 233), Told("won", 180), Told("won", 133), Told("won", 71), Told("lost", 44), Told("lapsed", 120),
    Told("expiring", 75), Told("protected", 33), Told("protected", 14), Told("action_required", 2),
)  # fmt: skip
# Silver until now: the fifth deal closed yesterday, so the rules propose Gold.
SABLE = (
    Told("won", 310), Told("lost", 280), Told("won", 205), Told("won", 140), Told("won", 66), Told("won", 1.2),
    Told("expiring", 70), Told("protected", 29), Told("protected", 6),
)  # fmt: skip
ONE_CUSTOMER = (("Conservas Mar Alto, S.A.", "PT"), ("Mar-Alto Conservas", "ES"))
DOMAIN = "conservasmaralto.example"


def tell(world: World) -> int:
    """The stories of the first three partners; how many registrations they took."""
    teller = Teller(world)
    acme, cobalt, sable = (world.houses + world.houses[-1:] * 2)[:3]
    for house, stories in ((acme, ACME), (cobalt, COBALT), (sable, SABLE)):
        if len(house.deals) == 0:
            for outcome, ago in stories:
                getattr(teller, outcome)(house, ago)
    _rivals(teller, acme, cobalt)
    for house in (acme, cobalt):
        teller.sent(house, IN_TIME)
    teller.in_review(acme)
    _invite(world, acme)
    return sum(len(house.deals) for house in world.houses[:3])


def _rivals(teller: Teller, acme: House, cobalt: House) -> None:
    """Two partners, one customer in two spellings: the first is protected, the second waits for a decision, late."""
    (first, here), (second, there) = ONE_CUSTOMER
    ours = teller.protected(acme, 12, Customer(first, DOMAIN, here))
    if cobalt is acme:
        return
    theirs = teller.sent(cobalt, LATE, Customer(second, DOMAIN, there))
    theirs.row.amount, theirs.row.product = Decimal("36500.00"), ours.row.product
    theirs.collide(Verdict.CONFLICT, ours.row, Customer(second, DOMAIN, there))


def _invite(world: World, house: House) -> None:
    """A colleague who has not come yet."""
    book, by = world.book, house.sellers[-1]
    at = book.dice.past(book.dice.at - timedelta(days=2))
    row = Invitation(
        partner=house.partner, email=f"joana.reis@{house.partner.domain}", role=MemberRole.SALES, invited_by=by,
        sent_at=at, status=InvitationStatus.SENT, expires_at=at + INVITATION_LIVES,
        token_hash=f"{book.dice.random.getrandbits(256):064x}",
    )  # fmt: skip
    book.add(row, at)
    book.tell(row, "sent", at, actor(by), partner_id=house.partner.pk, role=row.role)
