"""Imports as pages show them."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from core.parts import Column, Fact, Row, Table, Tag
from crm import preview, queries, words
from crm.enums import ImportStatus as S
from crm.enums import Mode
from crm.fields import FIELDS
from crm.mapping import Mapping
from crm.models import Import, ImportFile, ImportRow
from crm.report import OUTCOMES

TONES = {S.DONE: "good", S.CHECKED: "info", S.PARTIAL: "warn", S.FAILED: "bad", S.STOPPED: "warn", S.RUNNING: "accent"}
_PREVIEWED = 60  # letters of a cell


def state(one: Import) -> Tag:
    return Tag(str(one.get_status_display()), TONES.get(S(one.status), ""))


def address(one: Import) -> str:
    return reverse("admin:import", args=[one.public_id])


def kind(name: str) -> str:
    return str(words.KINDS.get(name, name))


def listing(imports: Sequence[Import]) -> Table:
    columns = (
        Column(_("File")), Column(_("State"), "tag"), Column(_("Rows"), "num"), Column(_("Invalid"), "num"),
        Column(_("Uploaded"), "when"), Column(_("By")),
    )  # fmt: skip
    return Table(_("Imports"), columns, [_listed(one) for one in imports])


def _listed(one: Import) -> Row:
    counts = queries.counted(one).values()
    done = sum(sum(found.values()) for found in counts)
    invalid = sum(found.get("invalid", 0) for found in counts)
    return Row((one.name, state(one), done or one.rows, invalid, one.created_at, one.by_label), address(one))


def facts(one: Import, files: Sequence[ImportFile]) -> list[Fact]:
    """What an import is about and how it is to be loaded."""
    held = [Fact(kind(file.kind), file.name, hint=_size(file)) for file in files]
    told = [
        Fact(_("Uploaded"), one.created_at, hint=one.by_label),
        Fact(_("Started"), one.started_at),
        Fact(_("Ended"), one.ended_at),
    ]
    whole = [Fact(_("Way"), _("All or nothing"))] if one.all_or_nothing else []
    return held + [fact for fact in told if fact.value] + whole


def _size(file: ImportFile) -> str:
    rows = _("about %s rows") % f"{file.rows:,}"
    return (
        f"{file.size / 2**20:.1f} MB · {rows}" if file.size >= 2**20 else f"{max(1, file.size // 2**10):,} kB · {rows}"
    )


def counts(one: Import) -> Table | None:
    """Rows by kind and outcome; after a check, what a load would do."""
    found = queries.counted(one)
    if not found:
        return None
    columns = (Column(_("Kind")), *(Column(str(words.OUTCOMES[name]), "num") for name in OUTCOMES))
    rows = [Row((kind(name), *(found[name].get(o, 0) for o in OUTCOMES))) for name in FIELDS if name in found]
    caption = _("What a load would do") if one.mode == Mode.CHECK else _("What became of the rows")
    return Table(caption, columns, rows)


def made(one: Import) -> list[Fact]:
    found = one.outcome.get("made", {})
    return [Fact(str(words.MADE.get(name, name)), count) for name, count in found.items() if count]


def notes(one: Import) -> Table | None:
    """What was left out of rows that loaded."""
    found = one.outcome.get("notes", ())
    columns = (Column(_("Remark")), Column(_("Kind")), Column(_("Rows"), "num"), Column(_("First lines")))
    rows = [Row((text, kind(name), n, ", ".join(map(str, first)))) for name, text, n, first in found[:50]]
    return Table(_("Remarks"), columns, rows) if rows else None


def reasons(one: Import) -> Table | None:
    """Why rows were not loaded, the most frequent reason first."""
    found = sorted(one.outcome.get("refused", ()), key=lambda reason: -reason[2])
    columns = (Column(_("Reason")), Column(_("Kind")), Column(_("Rows"), "num"), Column(_("First lines")))
    rows = [Row((why, kind(name), n, ", ".join(map(str, first)))) for name, why, n, first in found[:20]]
    return Table(_("Reasons"), columns, rows) if rows else None


def problems(found: Sequence[ImportRow]) -> Table | None:
    columns = (
        Column(_("Line")), Column(_("Kind")), Column(_("Known as")), Column(_("Outcome"), "tag"),
        Column(_("Reason")),
    )  # fmt: skip
    rows = [Row((row.line, kind(row.kind), row.ext_id, _outcome(row), row.why)) for row in found]
    return Table(_("Rows that were not loaded"), columns, rows) if rows else None


def _outcome(row: ImportRow) -> Tag:
    return Tag(str(words.OUTCOMES.get(row.outcome, row.outcome)), "bad" if row.outcome == "invalid" else "")


def previews(meant: Mapping, files: Sequence[ImportFile]) -> list[Table]:
    """The first rows of each file as they will be understood."""
    return [_previewed(meant, file) for file in files if file.kind in meant.files and file.first]


def _previewed(meant: Mapping, file: ImportFile) -> Table:
    named = [_named(str(words.FIELDS[name]), column) for name, column in preview.fields(meant, file.kind)]
    columns = (Column(_("Line")), Column(_("Known as")), *named, Column(_("Remark")))
    lines = preview.lines(meant, file.kind, file.columns, file.first)
    return Table(kind(file.kind), columns, [_line(line) for line in lines])


def _named(ours: str, theirs: str) -> Column:
    return Column(ours if theirs.lower() == ours.lower() else f"{ours} ({theirs})")


def _line(line: preview.Line) -> Row:
    cells = (Tag(cell.text, "bad") if cell.wrong else cell.text[:_PREVIEWED] for cell in line.cells)
    whole = Tag(line.why, "bad") if line.why else "; ".join(line.notes)
    return Row((line.line, line.ext_id[:_PREVIEWED], *cells, whole))


def missing(meant: Mapping, files: Sequence[ImportFile]) -> list[str]:
    """The columns that the settings name and the files lack."""
    wanted = [(file, (meant.files[file.kind].id, *meant.files[file.kind].fields.values())) for file in files]
    lacks = [(file.name, name) for file, names in wanted for name in names if name not in file.columns]
    return [_("%(file)s has no column %(column)s.") % {"file": f, "column": c} for f, c in dict.fromkeys(lacks)]


def pace(progress: queries.Progress) -> str:
    return _("%s rows a second") % f"{progress.rate:,}" if progress.rate else ""


def since(one: Import, at: datetime) -> int:
    """Seconds since it was asked for."""
    return int((at - one.updated_at).total_seconds())
