"""The house: settings, addresses, reactions, slots, pages. Nobody imports it."""

from prm.celery import app

__all__ = ["app"]
