"""Programs as files: exported, compared, imported after a dry run."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.text import slugify
from django.utils.translation import gettext as _

from core.actor import SYSTEM
from core.clock import now
from core.errors import Refused
from core.scope import scope
from partners.models import Program
from tiers import documents, files, previews, services

STDOUT = "-"


class Command(BaseCommand):
    help = (
        "export FILE writes the programs in force (- for standard output); diff FILE says what differs; import FILE "
        "says what would change and who would move, and does it with --apply, from the file's `effective` day on. "
        "What is wrong is refused with file, path and reason; then nothing changes."
    )

    def add_arguments(self, parser):
        verbs = parser.add_subparsers(dest="verb", required=True)
        for verb in ("export", "import", "diff"):
            one = verbs.add_parser(verb)
            one.add_argument("file", metavar="FILE")
            if verb == "export":
                one.add_argument("--program", metavar="ID", action="append", help="only this program; may be repeated")
            if verb == "import":
                one.add_argument("--apply", action="store_true", help="put it in force; without it nothing is changed")

    def handle(self, *args, verb, file, **options):
        try:
            with scope(SYSTEM):
                self._export(file, options["program"]) if verb == "export" else self._read(verb, file, options)
        except OSError as error:
            raise CommandError(_("%(file)s: %(why)s") % {"file": file, "why": error.strerror}) from error
        except UnicodeDecodeError as error:
            raise CommandError(_("%s is not UTF-8 text.") % file) from error
        except Refused as refusal:
            raise CommandError(str(refusal.reason)) from refusal

    def _export(self, file: str, only: list[str] | None) -> None:
        rows = Program.objects.filter(deleted_at=None).order_by("key")
        found = list(rows.filter(key__in=only) if only else rows)
        if missing := set(only or ()) - {program.key for program in found}:
            raise Refused(_("There is no program %s.") % ", ".join(sorted(missing)))
        text = files.dump([documents.document(program) for program in found])
        if file == STDOUT:
            self.stdout.write(text, ending="")
        else:
            Path(file).write_text(text, encoding="utf-8")

    def _read(self, verb: str, file: str, options: dict[str, Any]) -> None:
        text = sys.stdin.read() if file == STDOUT else Path(file).read_text(encoding="utf-8-sig")
        for definition in files.parse(text, file):
            if verb == "import" and options["apply"]:
                self._apply(definition)
            else:
                self._tell(definition, who=verb == "import")
        if verb == "import" and not options["apply"]:
            self.stdout.write(_("Nothing was changed. Add --apply to do it."))

    def _apply(self, definition: dict[str, Any]) -> None:
        program = services.load_program(definition, by=SYSTEM, at=now())[0]
        version = program.versions.exclude(number=None).latest("number")
        known = {"program": program.key, "n": version.number, "day": version.effective_from}
        self.stdout.write(_("%(program)s: version %(n)s, from %(day)s") % known)

    def _tell(self, definition: dict[str, Any], *, who: bool) -> None:
        program = Program.objects.filter(key=slugify(str(definition["id"]))).first()
        if program is None:
            self.stdout.write(_("%s: a new program") % definition["id"])
            return
        changed = documents.changes(documents.document(program), definition)
        self.stdout.write(f"{program.key}: {_('the same as what is in force') if not changed else ''}".rstrip(" "))
        for path, before, after in changed:
            self.stdout.write(f"  {path}: {files.value_words(before)} → {files.value_words(after)}")
        if who and changed:
            self._who(previews.preview(program, definition, by=SYSTEM, at=now()))

    def _who(self, found: previews.Preview) -> None:
        known = {"n": len(found.lines), "up": found.up, "down": found.down}
        self.stdout.write("  " + _("Of %(n)s partners %(up)s would move up and %(down)s down.") % known)
        for step in found.steps:
            names = ", ".join(line.partner.name for line in step.lines)
            self.stdout.write(f"    {step.before} → {step.after}: {names}")
        cost = {"margin": found.margin.amount, "mdf": found.mdf.amount, "currency": found.currency}
        self.stdout.write("  " + _("Margin %(margin)s, market funds %(mdf)s %(currency)s a year.") % cost)
