"""Keeps each day's figures as they were reported."""

from datetime import datetime

from django.db import connection

from metrics.definitions import KEYS
from metrics.queries.figures import Basis, reading
from metrics.windows import local_day

_PUT = """
    INSERT INTO metrics_snapshot AS s
        (day, key, value, unit, numerator, denominator, rows, definition_version, taken_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (key, day) DO UPDATE
       SET (value, unit, numerator, denominator, rows, definition_version, taken_at) =
           (excluded.value, excluded.unit, excluded.numerator, excluded.denominator, excluded.rows,
            excluded.definition_version, excluded.taken_at)
     WHERE (s.value, s.numerator, s.denominator, s.rows, s.definition_version)
           IS DISTINCT FROM (excluded.value, excluded.numerator, excluded.denominator, excluded.rows,
                             excluded.definition_version)
"""


def take(at: datetime) -> None:
    """Writes today's figures over what today reported before; earlier days stay as they were reported."""
    day = local_day(at)
    basis = Basis.trailing([day], at)
    rows = [reading(key, basis, day) for key in KEYS]
    with connection.cursor() as cursor:
        cursor.executemany(
            _PUT,
            [(day, r.key, r.value, r.unit, r.numerator, r.denominator, r.rows, r.definition.version, at) for r in rows],
        )
