"""Uploads of CRM exports: the files while they are needed, how far each import came, what was wrong with which row."""

from django.db import models

from core.models import Record
from core.querysets import SealedQuerySet
from crm.enums import ImportStatus, Mode, RecordKind

PIECE = 2**20  # bytes


class Import(Record):
    """One upload and what becomes of it. `outcome` is the report so far, `at_kind` and `at_rows` how far it came.

    A worker that takes it up raises `attempts` and holds it until `due_at`; a later one sees by that that it is free.
    """

    resource, prefix = "import", "imp"

    name = models.CharField(max_length=200)
    status = models.CharField(max_length=9, choices=ImportStatus, default=ImportStatus.DRAFT, editable=False)
    mode = models.CharField(max_length=5, choices=Mode, default=Mode.LOAD)
    all_or_nothing = models.BooleanField(default=False)
    mapping = models.JSONField(default=dict)  # as in a mapping file
    rows = models.PositiveIntegerField(default=0)  # about how many there are
    by_label = models.CharField(max_length=200, blank=True, default="")
    at_kind = models.CharField(max_length=20, blank=True, default="")
    at_rows = models.PositiveIntegerField(default=0)
    outcome = models.JSONField(default=dict)
    error = models.TextField(blank=True, default="")
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)  # since it last got on
    forgotten_at = models.DateTimeField(null=True, blank=True)

    objects = SealedQuerySet.as_manager()

    class Meta:
        verbose_name = "import"
        indexes = (
            models.Index(fields=("due_at",), condition=models.Q(status__in=("waiting", "running")), name="import_due"),
        )

    def __str__(self) -> str:
        return self.name


class ImportFile(Record):
    """A file of an import, as it was understood when it came: columns, the first rows, the words of each column."""

    resource, prefix = "import_file", "impf"

    of = models.ForeignKey(Import, models.CASCADE, related_name="files")
    kind = models.CharField(max_length=20, choices=RecordKind)
    name = models.CharField(max_length=100)
    suffix = models.CharField(max_length=10, default=".csv")
    size = models.PositiveBigIntegerField(default=0)
    rows = models.PositiveIntegerField(default=0)
    columns = models.JSONField(default=list)
    first = models.JSONField(default=list)  # [line, [cells]]
    words = models.JSONField(default=dict)  # column → its first different words

    objects = SealedQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class ImportPiece(models.Model):
    """A megabyte of an uploaded file."""

    file = models.ForeignKey(ImportFile, models.CASCADE, related_name="pieces")
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    objects = SealedQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("file", "number"), name="import_piece_once"),)

    def __str__(self) -> str:
        return str(self.number)


class ImportRow(models.Model):
    """A row that was not loaded, and why."""

    of = models.ForeignKey(Import, models.CASCADE, related_name="problems")
    kind = models.CharField(max_length=20)
    line = models.PositiveIntegerField()
    ext_id = models.CharField(max_length=255)
    outcome = models.CharField(max_length=10)
    why = models.TextField()

    objects = SealedQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("of", "kind", "line"), name="import_row_once"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.line}"


class SavedMapping(Record):
    """What the columns of a CRM's exports mean, kept under a name for the next time."""

    resource, prefix = "saved_mapping", "smap"

    name = models.CharField(max_length=80, unique=True)
    data = models.JSONField(default=dict)  # as in a mapping file

    objects = SealedQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name
