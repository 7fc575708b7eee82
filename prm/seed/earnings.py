"""What partners earned by the revenue of the demo: told by the services themselves, month by month."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml

from core import slots
from core.actor import SYSTEM
from core.models import Delivery, DeliveryState
from deals.enums import Stage
from deals.models import Opportunity, RevenueEvent
from earnings.particulars import Usage
from earnings.services import release_holds, report_usage, settle
from partners.enums import PartnerType
from partners.models import Program
from tiers.models import ProgramMembership

SECTIONS = ("earnings", "revenue_rules")
MONTHS = 26  # of history
STEP = timedelta(days=30)
UNITS = (900, 1_150, 1_600, 2_050, 1_980, 2_400, 2_760, 3_100)  # of a quarter; the first ones are below the minimum


def put_rules(program: Program, source: Path, at: datetime) -> None:
    """The revenue rules of the program's file, in force since before the first partner came."""
    definition: dict[str, Any] = yaml.safe_load(source.read_text())["programs"][0]
    for section in slots.ask("program_section", SYSTEM, at=at):
        if section.key in SECTIONS:
            section.write(program, definition[section.key], by=SYSTEM, at=at)


def earn(at: datetime) -> None:
    """Lines of two years: each month settles what was won, paid and refunded in it."""
    for until in month_ends(at):
        settle(_moved(until.date() - STEP, until.date()), at=until)
        _report(until)
    release_holds(at=at)
    Delivery.objects.filter(state=DeliveryState.OPEN).delete()


def month_ends(at: datetime) -> Iterator[datetime]:
    yield from (at - STEP * n for n in range(MONTHS, -1, -1))


def _moved(after: date, until: date) -> list[UUID]:
    """The deals of partners that were won, or whose customer paid or had something back, in these days."""
    days = (after + timedelta(days=1), until)
    ours = Opportunity.objects.filter(stage=Stage.WON, partners__isnull=False)
    won = set(ours.filter(closed_on__range=days).values_list("pk", flat=True))
    paid = RevenueEvent.objects.filter(occurred_on__range=days, opportunity__in=ours)
    return list(won | set(paid.values_list("opportunity_id", flat=True)))


def _report(until: datetime) -> None:
    """Every third month OEM partners tell how many units they used in it and the two before."""
    members = ProgramMembership.objects.filter(partner_type=PartnerType.OEM).order_by("created_at", "pk")
    day = until.date() - timedelta(days=1)
    for place, member in reporting(list(members), until):
        known = member.partner.usage_reports.count()
        told = Usage(day - 3 * STEP + timedelta(days=1), day, UNITS[(known + place) % len(UNITS)])
        report_usage(member, told, by=SYSTEM, at=until)


def reporting(members: Sequence[ProgramMembership], until: datetime) -> list[tuple[int, ProgramMembership]]:
    """Who of the OEM memberships, the oldest first, tells now what it used, each with its place."""
    day = until.date() - timedelta(days=1)
    there = [member for member in members if member.starts_on < day - 3 * STEP]
    return [(place, member) for place, member in enumerate(there) if (day.toordinal() // 30 + place) % 3 == 0]
