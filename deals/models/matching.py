"""What the conflict check knows of names: an index beside the customers, other names of theirs, pairs that differ."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from core.models import Record
from core.querysets import SealedQuerySet
from deals.enums import NameOf
from deals.models.opportunities import Account


class CustomerName(models.Model):
    """A name by which an account or a registration is found. Derived: `match_reindex` makes it anew.

    No foreign keys: a row whose owner is gone finds nothing and is swept away.
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=12, choices=NameOf)
    owner_id = models.UUIDField()  # of the account, the alias or the registration
    account_id = models.UUIDField(null=True)  # whom the name means; null = a registration
    name = models.CharField(max_length=200)  # as written
    plain = models.CharField(max_length=400)  # the words that are compared
    compact = models.CharField(max_length=400)  # their letters

    objects = SealedQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("kind", "owner_id"), name="customer_name_once"),)

    def __str__(self) -> str:
        return self.name


class NameKey(models.Model):
    """The keys of a customer's name, under its id: numbers alone. No wall, since behind one no GIN index is used."""

    id = models.BigIntegerField(primary_key=True)
    keys = ArrayField(models.IntegerField())

    class Meta:
        indexes = (GinIndex(fields=("keys",), name="name_key_keys", fastupdate=False),)


class CommonKey(models.Model):
    """A key that so many names share that it is no use alone. Counted when the index is made anew."""

    key = models.IntegerField(primary_key=True)
    names = models.PositiveIntegerField()


class AccountAlias(Record):
    """Another name of an end customer: a trade name, a former name, an acronym."""

    resource, prefix = "account_alias", "aka"

    account = models.ForeignKey(Account, models.CASCADE, related_name="aliases")
    name = models.CharField(max_length=200)

    objects = SealedQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "account aliases"
        constraints = (models.UniqueConstraint(fields=("account", "name"), name="account_alias_once"),)

    def __str__(self) -> str:
        return self.name


class Distinct(Record):
    """Two customers that look alike and are not the same: decided once, never asked again."""

    resource, prefix = "distinct", "dst"

    low = models.CharField(max_length=405)  # the two keys in order, as matching.index.identity writes them
    high = models.CharField(max_length=405, db_index=True)
    reason = models.TextField(max_length=2000, blank=True, default="")
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    objects = SealedQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("low", "high"), name="distinct_once"),)

    def __str__(self) -> str:
        return f"{self.low} ≠ {self.high}"
