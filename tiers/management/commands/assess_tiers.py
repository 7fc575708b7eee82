"""Judges cases by programs, without touching the database."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import BaseCommand, CommandError

from tiers import rules


class Command(BaseCommand):
    help = (
        "Prints `id<TAB>tier` for each case (one JSON object a line: id, program, facts), in order; empty for no tier."
    )
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument("programs", type=Path, metavar="PROGRAMS.yaml")
        parser.add_argument("cases", type=Path, metavar="CASES.jsonl")

    def handle(self, *args, **options):
        programs = self._sound(_programs(options["programs"]))
        for case in _cases(options["cases"]):
            program = programs.get(case["program"])
            tier = rules.assess(program, case.get("facts") or {}).name if program else None
            self.stdout.write(f"{case['id']}\t{tier or ''}")

    def _sound(self, programs: list[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
        """The programs that can be judged by; the others are named on standard error, with the reason."""
        wrong = {p["id"]: rules.problems(p) for p in programs}
        for name, problems in wrong.items():
            for problem in problems[:1]:
                self.stderr.write(f"{name}: {problem.path}: {problem.reason}")
        return {p["id"]: p for p in programs if not wrong[p["id"]]}


def _programs(path: Path) -> list[Mapping[str, Any]]:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))["programs"]
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise CommandError(f"{path} holds no programs: {error}") from error


def _cases(path: Path) -> Iterator[Mapping[str, Any]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        return iter([json.loads(line) for line in lines if line.strip()])
    except (OSError, ValueError) as error:
        raise CommandError(f"{path} holds no cases: {error}") from error
