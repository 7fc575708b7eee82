"""Foreign keys follow the ladder of apps, and migrations follow the models."""

import inspect
from collections.abc import Iterable
from io import StringIO
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from core.management.commands import draw_docs
from core.models import Record
from core.querysets import PartnerQuerySet
from prm.celery import TIMETABLE, app
from tests.laws.source import RUNG, none

OWN = [model for model in apps.get_models() if model._meta.app_label in RUNG]


def keys_up(models: Iterable) -> list[str]:
    """Foreign keys to an app that stands higher, or beside."""
    return [
        f"{model._meta.label}.{field.name} → {field.related_model._meta.label}"
        for model in models
        for field in model._meta.local_fields
        if field.is_relation and _is_up(model._meta.app_label, field.related_model._meta.app_label)
    ]


def _is_up(own: str, other: str) -> bool:
    return other in RUNG and other != own and RUNG[other] >= RUNG[own]


def test_foreign_keys_lead_down_the_ladder():
    none(keys_up(OWN))


@pytest.mark.parametrize(
    ("own", "other", "faults"), [("partners", "deals", 1), ("deals", "mdf", 1), ("deals", "partners", 0)]
)
def test_a_foreign_key_up_the_ladder_is_found(own, other, faults):
    def model(label, *fields):
        return SimpleNamespace(_meta=SimpleNamespace(app_label=label, label=f"{label}.X", local_fields=fields))

    field = SimpleNamespace(name="y", is_relation=True, related_model=model(other))
    assert len(keys_up([model(own, field)])) == faults


def test_every_record_is_read_through_a_scoped_manager():
    none([m._meta.label for m in OWN if issubclass(m, Record) and not isinstance(m.objects.all(), PartnerQuerySet)])


def test_no_two_records_share_a_name_or_a_prefix():
    records = [m for m in OWN if issubclass(m, Record)]
    assert len({m.resource for m in records}) == len({m.prefix for m in records}) == len(records)


def unknown_tasks(timetable: Iterable[str]) -> list[str]:
    """Entries of the timetable that no worker knows."""
    app.autodiscover_tasks(force=True)
    return sorted(set(timetable) - set(app.tasks))


def test_the_timetable_names_tasks_that_exist():
    none(unknown_tasks(TIMETABLE))


def test_a_task_that_does_not_exist_is_found():
    assert unknown_tasks(["deals.tasks.set_timers", "deals.tasks.swipe"]) == ["deals.tasks.swipe"]


def tasks_with_arguments(tasks: Iterable) -> list[str]:
    """Tasks that take ids: a message could then make the worker act on anything for anybody."""
    return [task.name for task in tasks if list(inspect.signature(task.run).parameters)]


def test_tasks_take_no_arguments():
    app.autodiscover_tasks(force=True)
    none(tasks_with_arguments(task for name, task in app.tasks.items() if name.split(".")[0] in RUNG))


def test_a_task_with_an_argument_is_found():
    assert tasks_with_arguments([SimpleNamespace(name="deals.tasks.expire", run=lambda deal_id: None)]) != []


def not_migrated(models: ProjectState) -> dict[str, list]:
    """App → what makemigrations would write."""
    loader = MigrationLoader(None)
    return MigrationAutodetector(loader.project_state(), models).changes(graph=loader.graph)


def test_migrations_hold_what_the_models_say():
    assert not_migrated(ProjectState.from_apps(apps)) == {}


def test_a_missing_migration_is_found():
    models = ProjectState.from_apps(apps)
    models.remove_field("deals", "registration", "competitor")
    assert list(not_migrated(models)) == ["deals"]


def test_the_drawn_documents_are_current():
    call_command("draw_docs", check=True)


def test_a_stale_document_is_found(monkeypatch, tmp_path):
    monkeypatch.setattr(draw_docs, "docs", lambda: tmp_path)
    with pytest.raises(CommandError):
        call_command("draw_docs", check=True)
    call_command("draw_docs", stdout=StringIO())
    call_command("draw_docs", check=True)
