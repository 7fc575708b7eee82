"""Column types and database defaults that Django does not bring."""

from django.db import models
from django.db.models import Func, Value


class Xid8Field(models.TextField):
    """A 64-bit transaction id of PostgreSQL; text in Python."""

    def db_type(self, connection):
        return "xid8"


class CurrentXid(Func):
    function = "pg_current_xact_id"
    output_field = Xid8Field()


class ClockTimestamp(Func):
    """The wall clock of the database, also inside a transaction."""

    function = "clock_timestamp"
    output_field = models.DateTimeField()


def new_reference(prefix: str) -> Func:
    """Database default of a public reference such as `D-7F3K2`: short, unique, not countable at a glance."""
    return Func(Value(prefix), function="core_reference", output_field=models.CharField())


def reference_field(prefix: str) -> models.CharField:
    return models.CharField(max_length=16, unique=True, editable=False, db_default=new_reference(prefix))


def amount_field(**options) -> models.DecimalField:
    """A money column: exact, 2 decimals, up to 10^16."""
    return models.DecimalField(max_digits=18, decimal_places=2, **options)


def currency_field(**options) -> models.CharField:
    """ISO 4217 code."""
    return models.CharField(max_length=3, **options)


def country_field(**options) -> models.CharField:
    """ISO 3166-1 alpha-2 code."""
    return models.CharField(max_length=2, **options)
