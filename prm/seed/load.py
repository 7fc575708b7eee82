"""Writes the plan: sets of rows, their history, and what follows from them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.models import Field, Model
from django.db.models.expressions import DatabaseDefault

from accounts.models import User
from core import sequencer
from core.actor import SYSTEM
from core.bulk import stage
from core.models import Event
from core.scope import scope
from deals.matching import build
from deals.models import Opportunity, Registration
from deals.services import set_timers
from metrics.services import recompute
from partners.models import Partner
from prm.demo import PASSWORD, SIGN_INS
from prm.seed import earnings, lifecycle, mdf, payouts, relations, reviews, rules, situations
from prm.seed.book import Book, Happened
from prm.seed.people import FIRST_DAY, Rules
from prm.seed.plan import Size, make_plan
from tiers.models import ProgramVersion, Tier
from tiers.services import load_program

NOTHING: Mapping[str, Any] = {}
PROGRAM = Path(settings.BASE_DIR) / "examples" / "program-default.yaml"


@dataclass(frozen=True)
class Loaded:
    """How much was written."""

    partners: int
    registrations: int
    opportunities: int
    events: int


def held() -> bool:
    """Are the people here whose password everybody knows?"""
    with scope(SYSTEM):
        return User.objects.filter(email__in=[email for email, _role in SIGN_INS]).exists()


def is_empty() -> bool:
    """Does nobody have an account here?"""
    with scope(SYSTEM):
        return not User.objects.exists()


def load(size: Size, *, at: datetime) -> Loaded | None:
    """Writes the demo company; None when it is there already. Raises ImproperlyConfigured outside the demo."""
    if not (settings.PRM_DEMO or settings.TESTING):
        raise ImproperlyConfigured("The demo's passwords are public. Set PRM_DEMO=1 to load it.")
    if held():
        return None
    with scope(SYSTEM):
        book = make_plan(size, _rules(at), at=at)
        _write(book)
        earnings.earn(at)
        if not size.canary:
            payouts.pay(at)
            situations.play(at)
            rules.ask(at)
            relations.play(at)
            mdf.play(at)
            lifecycle.play(at)
        _derive(at)
    _seal()
    rows = book.rows
    return Loaded(len(rows[Partner]), len(rows[Registration]), len(rows[Opportunity]), len(book.events))


def _rules(at: datetime) -> Rules:
    """The default program, in force since before the first partner came."""
    program = load_program(PROGRAM, by=SYSTEM, at=at - timedelta(days=FIRST_DAY))[0]
    earnings.put_rules(program, PROGRAM, at - timedelta(days=FIRST_DAY))
    version = ProgramVersion.objects.filter(program=program).latest("number")
    return Rules(program, version, tuple(Tier.objects.filter(program=program).order_by("rank")))


def _write(book: Book) -> None:
    users, password = book.rows[User], make_password(PASSWORD)
    for user in users:
        user.password = password
    for model, rows in book.rows.items():
        _insert(model, rows, [f for f in model._meta.concrete_fields if _is_given(rows[0], f)])
    EmailAddress.objects.bulk_create(EmailAddress(user=u, email=u.email, primary=True, verified=True) for u in users)
    told = {column.name for column in fields(Happened)}
    _insert(Event, book.chronicle(), [f for f in Event._meta.concrete_fields if f.attname in told], {"request_id": ""})


def _is_given(row: Model, field: Field) -> bool:
    value = getattr(row, field.attname)
    return not isinstance(value, DatabaseDefault) and not (field.primary_key and value is None)


def _insert(
    model: type[Model], rows: Sequence[Any], given: Sequence[Field], fixed: Mapping[str, Any] | None = None
) -> None:
    """Writes rows of one model in one statement; columns that are not given get the default of the database."""
    names, fixed = [field.attname for field in given], fixed or {}
    types = {field.attname: field.db_type(connection) or "text" for field in given}  # columns are named like them
    stage("seed", types, ((n, None, None, *(getattr(row, name) for name in names)) for n, row in enumerate(rows)))
    columns, constants = ", ".join(f'"{name}"' for name in (*types, *fixed)), ["%s"] * len(fixed)
    values = ", ".join([*(f's."{name}"' for name in types), *constants])
    # names of our own models alone
    sql = f"INSERT INTO {model._meta.db_table} ({columns}) SELECT {values} FROM pg_temp.seed s ORDER BY s.line"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, list(fixed.values()))


def _derive(at: datetime) -> None:
    """What pages read besides the rows themselves, so that the first look is right without a worker."""
    set_timers(at=at)
    recompute(at=at)
    reviews.play(at)
    build.catch_up()


def _seal() -> None:
    """Gives every event its place in the chain; what another open transaction holds back, the worker seals later."""
    with scope(SYSTEM):
        while sequencer.sequence():
            pass
