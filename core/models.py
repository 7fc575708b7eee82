"""The cellar: events, their deliveries and their one order; and what every business record has."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from django.urls import reverse

from core.fields import ClockTimestamp, CurrentXid, Xid8Field, amount_field, currency_field
from core.ids import public_id, uuid7
from core.querysets import PartnerQuerySet


class Record(models.Model):
    """A business row: a time-ordered id, a version that grows with each write, and the moments of its life."""

    resource: ClassVar[str]  # singular API name, first half of event types
    prefix: ClassVar[str]  # of public ids

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    version = models.BigIntegerField(db_default=1, editable=False)
    created_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    updated_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    metadata = models.JSONField(default=dict, blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def public_id(self) -> str:
        return public_id(self.prefix, self.pk) or ""


class Event(models.Model):
    """One thing that happened. Append-only: audit log, timeline, outbox and feed read this table."""

    id = models.BigAutoField(primary_key=True)
    xid = Xid8Field(db_default=CurrentXid(), editable=False)
    type = models.CharField(max_length=80)
    subject_type = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    subject_public_id = models.CharField(max_length=50)
    subject_version = models.BigIntegerField(null=True)
    partner_id = models.UUIDField(null=True)  # who may read it; null = the vendor alone
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    actor_kind = models.CharField(max_length=12)
    actor_label = models.CharField(max_length=200)
    actor_id = models.UUIDField(null=True)
    request_id = models.CharField(max_length=64, blank=True, default="")
    batch = models.UUIDField(null=True)
    data = models.JSONField(default=dict)

    objects = PartnerQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(fields=("subject_id", "id"), name="event_subject"),
            models.Index(fields=("partner_id", "id"), name="event_partner"),
            models.Index(fields=("type", "id"), name="event_type"),
        )

    def __str__(self) -> str:
        return f"{self.type} {self.subject_public_id}"

    @property
    def verb(self) -> str:
        return self.type.partition(".")[2]


class SequenceEntry(models.Model):
    """The place of an event in the one order of all events, sealed by a hash over it and its predecessor."""

    position = models.BigIntegerField(primary_key=True)
    event_id = models.BigIntegerField(unique=True)
    prev_hash = models.BinaryField()
    hash = models.BinaryField()

    class Meta:
        db_table = "core_sequence"
        verbose_name_plural = "sequence entries"

    def __str__(self) -> str:
        return str(self.position)


class Unsequenced(models.Model):
    """Events that wait for their place; a trigger fills it, the sequencer empties it."""

    event_id = models.BigIntegerField(primary_key=True)
    xid = Xid8Field()

    class Meta:
        indexes = (models.Index(fields=("xid", "event_id"), name="unsequenced_order"),)

    def __str__(self) -> str:
        return str(self.event_id)


class DeliveryState(models.TextChoices):
    OPEN = "open"
    DONE = "done"
    DEAD = "dead"


class Delivery(models.Model):
    """One event on its way to one reaction: open until the effect and this mark are committed together."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    event = models.ForeignKey(Event, models.DO_NOTHING, db_constraint=False, related_name="deliveries")
    reaction = models.CharField(max_length=120)
    state = models.CharField(max_length=8, choices=DeliveryState, default=DeliveryState.OPEN)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(db_default=Now())
    done_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True, default="")

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = (models.UniqueConstraint(fields=("event", "reaction"), name="delivery_once"),)
        indexes = (models.Index(fields=("due_at",), condition=models.Q(state="open"), name="delivery_due"),)

    def __str__(self) -> str:
        return f"{self.reaction} of event {self.event_id}"


class IdempotencyKey(models.Model):
    """The stored answer of a POST that carried an Idempotency-Key."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    principal = models.CharField(max_length=80)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.JSONField()
    headers = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=ClockTimestamp())

    class Meta:
        constraints = (models.UniqueConstraint(fields=("principal", "key"), name="idempotency_once"),)

    def __str__(self) -> str:
        return self.key


class ExternalId(models.Model):
    """The name that another system gives to one of our records."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    resource = models.CharField(max_length=40)
    system = models.SlugField(max_length=40)
    ext_id = models.CharField(max_length=255)
    object_id = models.UUIDField()
    partner_id = models.UUIDField(null=True)  # whose record it is; null = the vendor's or shared
    url = models.CharField(max_length=500, blank=True, default="")
    first_seen = models.DateTimeField(db_default=ClockTimestamp())
    last_seen = models.DateTimeField(db_default=ClockTimestamp())

    objects = PartnerQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("resource", "system", "ext_id"), name="external_id_once"),)
        indexes = (models.Index(fields=("object_id",), name="external_id_object"),)

    def __str__(self) -> str:
        return f"{self.system}:{self.ext_id}"


class Timer(models.Model):
    """A moment that a record waits for; what then happens stands in the table of timers."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    subject_type = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    kind = models.CharField(max_length=40)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True, default="")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("subject_id", "kind"), name="timer_once"),)
        indexes = (models.Index(fields=("due_at",), condition=models.Q(done_at__isnull=True), name="timer_due"),)

    def __str__(self) -> str:
        return f"{self.kind} of {self.subject_id}"


class StoredFile(models.Model):
    """A file that somebody sent; its bytes rest on the disk under its id. Loose until it belongs to a record."""

    resource, prefix = "file", "fil"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    partner_id = models.UUIDField(null=True)  # who may read it beside the vendor; null = the vendor alone
    subject_type = models.CharField(max_length=40, blank=True, default="")
    subject_id = models.UUIDField(null=True)
    name = models.CharField(max_length=120)  # as people see it
    kind = models.CharField(max_length=80)  # media type, by content
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)  # of what is kept
    came_sha256 = models.CharField(max_length=64)  # of what was sent: tells whether it came before
    kept_at = models.DateTimeField()
    kept_by = models.CharField(max_length=200, blank=True, default="")
    kept_by_id = models.UUIDField(null=True)

    objects = PartnerQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(fields=("subject_id", "kept_at"), name="file_subject"),
            models.Index(fields=("kept_at",), condition=models.Q(subject_id__isnull=True), name="file_loose"),
            models.Index(fields=("partner_id", "came_sha256"), name="file_came"),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("file", args=[self.public_id])

    @property
    def public_id(self) -> str:
        return public_id(self.prefix, self.pk) or ""


class LedgerAccount(models.Model):
    """Where money stands: of what kind, of which record, in one currency. A trigger alone moves `balance`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=40)  # app.name, such as mdf.reserved
    owner_id = models.UUIDField()  # the budget, allocation, partner … that it belongs to
    partner_id = models.UUIDField(null=True)  # who may read it; null = the vendor alone
    currency = currency_field()
    balance = amount_field(db_default=0)  # the sum of its entries
    floor = amount_field(null=True)  # the database refuses a balance below; null = none

    objects = PartnerQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("kind", "owner_id", "currency"), name="ledger_account_once"),
            models.UniqueConstraint(fields=("id", "currency"), name="ledger_account_currency"),
            models.CheckConstraint(
                name="ledger_account_floor", condition=models.Q(floor=None) | models.Q(balance__gte=models.F("floor"))
            ),
        )
        indexes = (models.Index(fields=("partner_id", "kind"), name="ledger_account_partner"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.currency}"


class LedgerTransaction(models.Model):
    """Money that moved because of one event; its entries sum to zero in each currency. Append-only."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    event = models.OneToOneField(Event, models.DO_NOTHING, db_constraint=False, related_name="moved")
    partner_id = models.UUIDField(null=True)
    at = models.DateTimeField()
    xid = Xid8Field(db_default=CurrentXid(), editable=False)  # entries are added in this transaction or never

    objects = PartnerQuerySet.as_manager()

    def __str__(self) -> str:
        return f"money of event {self.event_id}"


class LedgerEntry(models.Model):
    """One leg: what an account gains (or loses, below zero). Append-only."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    transaction = models.ForeignKey(LedgerTransaction, models.PROTECT, related_name="entries")
    place = models.PositiveSmallIntegerField()
    account = models.ForeignKey(LedgerAccount, models.PROTECT, related_name="entries")
    partner_id = models.UUIDField(null=True)
    amount = amount_field()
    currency = currency_field()

    objects = PartnerQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "ledger entries"
        constraints = (
            models.UniqueConstraint(fields=("transaction", "place"), name="ledger_entry_once"),
            models.CheckConstraint(name="ledger_entry_moves", condition=~models.Q(amount=0)),
        )

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"
