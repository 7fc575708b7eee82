"""What partners and the vendor do together in the demo, told by the services themselves, days ago."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from accounts.models import User
from core.actor import Actor
from core.models import Delivery, DeliveryState
from partners import services
from partners.actors import actor_for
from partners.models import Partner
from partners.particulars import Away, CallReport, Care, Joining, Link, NewCare, Plan, Worth

FEWEST = 12  # partners
NAMES = {"technology": "Sync", "integration": "Connector", "agency": "Starter kit", "oem": "Embedded edition"}


@dataclass
class Scene:
    """Who acts, and when now is."""

    at: datetime
    houses: list[Partner]

    def ago(self, days: float) -> datetime:
        return self.at - timedelta(days=days)

    def user(self, name: str) -> User:
        return User.objects.get(email=f"{name}@northwind.example")

    def vendor(self, name: str) -> Actor:
        return actor_for(self.user(name))


def play(at: datetime) -> None:
    """Integrations, mutual value, calls, plans, changes of hands, an absence and a merge that waits."""
    names = ("Acme", "Cobalt", "Sable")
    rows = Partner.objects.filter(status="active", deleted_at=None, is_direct=False).select_related("manager", "backup")
    rows = rows.prefetch_related("program_memberships")
    houses = sorted(rows, key=lambda p: (names.index(p.name) if p.name in names else 9, p.created_at))
    if len(houses) < FEWEST:
        return
    scene = Scene(at, houses)
    for part in (_integrations, _calls, _plans, _hands, _merge):
        part(scene)
    Delivery.objects.filter(state=DeliveryState.OPEN).delete()


def _integrations(scene: Scene) -> None:
    mona, told = scene.vendor("mona"), 0
    for partner in scene.houses:
        kinds = {m.partner_type for m in partner.program_memberships.all()}
        kind = next((k for k in NAMES if k in kinds), "integration" if partner.name == "Acme" else "")
        if not kind:
            continue
        told += 1
        link = Link(
            f"{partner.name} {NAMES[kind]}", ("Northwind Suite",), built_by="vendor" if kind == "oem" else "partner",
            link=f"{partner.website}/northwind", joint_customers=7 * told % 40,
        )  # fmt: skip
        reviewed = scene.ago(20 + 9 * told % 60)
        row = services.add_integration(partner, link, by=mona, at=scene.ago(200))
        if told % 4 != 3:
            services.try_out(row, by=mona, at=scene.ago(150))
        if told % 4 in (0, 1):
            services.go_live(row, by=mona, at=scene.ago(90))
        services.edit_integration(row, replace(link, last_reviewed=reviewed.date()), by=mona, at=reviewed)
        worth = Worth(
            "Listing and launch", "A place in our directory, launch help and early access to new interfaces.",
            "The connector kept up to date, and two joint webinars a year.", scene.ago(120).date(),
            (scene.at + timedelta(days=245)).date(), row,
        )  # fmt: skip
        services.agree_on_value(partner, worth, by=mona, at=scene.ago(120))


def _calls(scene: Scene) -> None:
    mona, acme = scene.vendor("mona"), scene.houses[0]
    told = (
        (34, "Bo Barros", "Pipeline is thin in Spain. They hire a second seller in the spring.", "", None),
        (12, "Bo Barros, Ada Alves", "Two large deals close this quarter. They want help with the security questions.",
         "Send our security answers", -3.0),
        (1, "Bo Barros", "Agreed on the plan of next year; numbers to be checked by Marta.", "Write the plan", 5.0),
    )  # fmt: skip
    for days, whom, said, step, due in told:
        until = scene.at + timedelta(days=due) if due is not None else None
        report = CallReport(scene.ago(days), whom, said, step, until)
        services.log_call(acme, report, by=mona, at=scene.ago(days))
    for n, partner in enumerate(scene.houses[1:6]):
        report = CallReport(scene.ago(8 + n), "The managing partner", "A good quarter. No open questions.")
        services.log_call(partner, report, by=mona, at=scene.ago(8 + n))


def _plans(scene: Scene) -> None:
    for n, partner in enumerate(scene.houses[:8]):
        plan = Plan(
            scene.at.year, "Win the mid-size retailers of the region together, and be the first they call.",
            Decimal(120_000 + 40_000 * n), partner.default_currency, 6 + n, 2 + n % 3, 2,
            "One joint webinar a quarter, a named engineer for security questions.",
            "Two people certified by summer, every project registered in its first week.",
        )  # fmt: skip
        services.plan_year(partner, plan, by=scene.vendor("mona"), at=scene.ago(40))


def _hands(scene: Scene) -> None:
    """One partner goes to another manager next week; a colleague was away and will be."""
    partner, milo = scene.houses[4], scene.user("milo")
    soon = (scene.at + timedelta(days=7)).date()
    services.hand_over(partner, NewCare(Care(milo), soon), by=scene.vendor("olga"), at=scene.ago(1))
    away = Away(
        scene.user("mina"), milo, (scene.at + timedelta(days=10)).date(), (scene.at + timedelta(days=17)).date()
    )
    services.be_away(away, by=scene.vendor("mina"), at=scene.at)


def _merge(scene: Scene) -> None:
    """The same company under two names: Omar proposes, Olga decides."""
    one, other = scene.houses[-1], scene.houses[-2]
    words = "The register shows one company since the spring; both offices use the same tax number."
    services.propose_merge(one, Joining(other, words), by=scene.vendor("omar"), at=scene.ago(2))
