"""Exchange rates of every week of the history, wandering around what a unit is worth in dollars."""

from datetime import timedelta
from decimal import Decimal

from deals.models import ExchangeRate
from prm.seed.book import RATES, Book

WEEKS = 145


def quote(book: Book) -> None:
    """A rate each week for every currency but the dollar."""
    for currency in (name for name in RATES if name != "USD"):
        usual = 1 / RATES[currency]
        drift = Decimal(0)
        for week in range(WEEKS, -1, -1):
            drift = drift * Decimal("0.95") + Decimal(str(round(book.dice.random.gauss(0, 0.006), 6)))
            day = book.dice.today - timedelta(weeks=week)
            rate = (usual * (1 + drift)).quantize(Decimal("0.0001"))
            book.rows[ExchangeRate].append(ExchangeRate(currency=currency, day=day, rate=rate, source="Invented"))
