"""Two partners in one program, ready to register."""

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from deals import services
from deals.models import Registration
from deals.particulars import Claim
from partners.models import Product
from tests.factories import (
    NOW,
    AgreementFactory,
    Cast,
    MembershipFactory,
    ProductFactory,
    ProgramFactory,
    TierFactory,
    make_cast,
)
from tests.ground import ground


@dataclass(frozen=True)
class Market:
    """The cast, in business: Acme and Cobalt are in one program and have signed."""

    cast: Cast
    product: Product
    acme: Claim  # what Acme would register
    cobalt: Claim

    def draft(self, who: str = "ada", **changes) -> Registration:
        claim = self.cobalt if who == "cy" else self.acme
        return services.register(replace(claim, **changes), by=self.cast.actor(who), at=NOW)

    def sent(self, who: str = "ada", **changes) -> Registration:
        return services.submit(self.draft(who, **changes), by=self.cast.actor(who), at=NOW)

    def approved(self, who: str = "ada", **changes) -> Registration:
        return services.approve(self.sent(who, **changes), by=self.cast.actor("mona"), at=NOW)


def make_market(cast: Cast) -> Market:
    program = ProgramFactory(key="partner", name="Partner program")
    tier = TierFactory(program=program, rank=1, key="registered", name="Registered")
    product = ProductFactory()
    memberships = [MembershipFactory(partner=p, program=program, tier=tier) for p in (cast.acme, cast.cobalt)]
    for partner in (cast.acme, cast.cobalt):
        AgreementFactory(partner=partner)
    claim = Claim(
        membership=memberships[0],
        account_name="Contoso Ltd",
        website="https://www.contoso.com/about",
        country="PT",
        contact_name="Rui Alves",
        contact_email="rui@contoso.com",
        product=product,
        amount=Decimal("48000.00"),
        expected_close_on=(NOW + timedelta(days=60)).date(),
    )
    return Market(cast, product, claim, replace(claim, membership=memberships[1]))


market = ground(make_market, make_cast)
