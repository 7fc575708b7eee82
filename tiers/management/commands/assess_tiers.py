"""Judges cases by programs, without touching the database."""

import json
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from tiers import rules

Judge = Callable[[rules.Facts], rules.Verdict]


class Command(BaseCommand):
    help = (
        "Prints `id<TAB>tier` for each case (one JSON object a line: id, program, facts, optional market), in order; "
        "empty for no tier. What can't be judged is named on standard error with the reason, and answered with no tier."
    )
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument("programs", type=Path, metavar="PROGRAMS.yaml")
        parser.add_argument("cases", type=Path, metavar="CASES.jsonl")

    def handle(self, *args, **options):
        judges = self._judges(_programs(options["programs"]))
        for number, line in _lines(options["cases"]):
            case, wrong = _case(line)
            if not wrong and (name := str(case.get("program"))) not in judges:
                wrong = _("program %s is not in the file") % name
            if wrong:
                self.stderr.write(f"{options['cases']}:{number}: {wrong}")
            judge = judges.get(str(case.get("program")))
            self.stdout.write(f"{_words(case.get('id'))}\t{_tier(judge, case)}")

    def _judges(self, programs: list[Any]) -> dict[str, Judge | None]:
        """A judge for each program, None for one that can't be judged by: those are named, with path and reason."""
        judges: dict[str, Judge | None] = {}
        for i, program in enumerate(programs):
            given = program.get("id") if isinstance(program, Mapping) else None
            name = f"programs[{i}]" if given is None else str(given)
            wrong = rules.problems(program)
            if name in judges:
                wrong = [rules.Problem("id", _("id %s is given twice") % name)]
            for problem in wrong:
                self.stderr.write(f"{name}: {problem.path}: {problem.reason}")
            judges[name] = None if wrong else _judge(program)
        return judges


def _judge(program: Mapping[str, Any]) -> Judge:
    sound = rules.sound(program)
    return lambda facts: rules.verdict(sound, facts)


def _tier(judge: Judge | None, case: Mapping[str, Any]) -> str:
    facts = case.get("facts")
    known = dict(facts) if isinstance(facts, Mapping) else {}
    if case.get("market") is not None:
        known["market"] = case["market"]
    return (judge(known).name or "") if judge else ""


def _programs(path: Path) -> list[Any]:
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
        programs = found["programs"] if isinstance(found, Mapping) else found
    except (OSError, ValueError, yaml.YAMLError, KeyError, RecursionError) as error:
        raise CommandError(f"{path} holds no programs: {error}") from error
    if not isinstance(programs, list):
        raise CommandError(f"{path} holds no programs.")
    return programs


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise CommandError(f"{path} holds no cases: {error}") from error
    return ((number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())


def _case(line: str) -> tuple[Mapping[str, Any], str]:
    """The case of a line, and what is wrong with it. Numbers stay exact, whatever their size."""
    try:
        case = json.loads(line, parse_int=_number, parse_float=_number, parse_constant=lambda _name: None)
    except (ValueError, RecursionError) as error:
        return {}, _("is not JSON: %s") % error
    if not isinstance(case, dict):
        return {}, _("is not a JSON object")
    facts = case.get("facts")
    return case, "" if isinstance(facts, dict | None) else _("its facts are not a JSON object")


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except ArithmeticError:
        return None


def _words(value: Any) -> str:
    return "" if value is None else str(value)
