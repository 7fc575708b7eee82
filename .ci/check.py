"""The checks that need Django, in one process: system, missing and unsafe migrations, stale documents."""

import os
import subprocess
import sys
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from prm import embedded

OWN = ["core", "accounts", "partners", "tiers", "deals", "mdf", "metrics", "crm", "earnings", "notifications", "prm"]


def main() -> int:
    stay = embedded.join()
    os.environ.update(stay.place.environment(), DJANGO_SETTINGS_MODULE="prm.settings")
    import django  # noqa: PLC0415 - the settings need the addresses

    django.setup()
    failed = [name for name, run in CHECKS.items() if not _passes(name, run)]
    stay.leave()
    return int(bool(failed))


def _passes(name, run) -> bool:
    try:
        run()
    except SystemExit as end:
        if end.code:
            print(f"{name}: failed", file=sys.stderr)
        return not end.code
    except Exception as error:  # a check reports by raising
        print(f"{name}: {error}", file=sys.stderr)
        return False
    return True


def _call(*words, **options):
    from django.core.management import call_command  # noqa: PLC0415

    call_command(*words, **options)


def _system() -> None:
    _call("check", fail_level="WARNING")


def _missing_migrations() -> None:
    _call("makemigrations", check_changes=True, dry_run=True, verbosity=1)


def _unsafe_migrations() -> None:
    """Migrations since the last release: the old program still runs while they do. Before the first there is none."""
    described = subprocess.run(["git", "describe", "--tags", "--abbrev=0"], capture_output=True, text=True, check=False)
    if described.returncode:
        return
    from django_migration_linter import MigrationLinter  # noqa: PLC0415

    linter = MigrationLinter(
        include_apps=OWN,
        database="owner",
        no_cache=True,
        quiet=["ok", "ignore"],
        ignore_sqlmigrate_errors=True,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        linter.lint_all_migrations(git_commit_id=described.stdout.strip())
    if linter.has_errors:
        raise SystemExit(1)


def _documents() -> None:
    from django.core.management import get_commands  # noqa: PLC0415

    if "draw_docs" in get_commands():
        _call("draw_docs", check=True)


CHECKS = {
    "system check": _system,
    "missing migrations": _missing_migrations,
    "unsafe migrations": _unsafe_migrations,
    "generated documents": _documents,
}

if __name__ == "__main__":
    sys.exit(main())
