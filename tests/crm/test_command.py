"""The import as a command: what it says, what it writes, and what two at once do."""

import csv
import json
from io import StringIO
from threading import Event as Signal
from threading import Thread

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connections

from core import bulk, events
from core.actor import SYSTEM
from core.models import Delivery
from core.scope import scope
from deals.models import Opportunity


def run(export, **options) -> str:
    export.read_mapping()
    said = StringIO()
    call_command("import_crm", export.directory, mapping=export.directory / "mapping.yaml", stdout=said, **options)
    return said.getvalue()


@pytest.mark.django_db
def test_the_report_holds_every_row_as_json_lines(export, tmp_path):
    export.change("deals.csv", "2/3/2026,90", "2/3/2026,x")
    said = run(export, report=tmp_path / "report.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "report.jsonl").read_text().splitlines()]
    assert len(rows) == 10
    assert [row for row in rows if row["outcome"] == "invalid"] == [
        {
            "kind": "opportunities", "line": 2, "external_id": "1", "outcome": "invalid",
            "why": "amount is no amount like 1234.50: 'x'", "notes": [],
        }
    ]  # fmt: skip
    assert "  opportunities: amount is no amount like 1234.50: 'x': 1 (line 2)" in said.splitlines()


@pytest.mark.django_db
def test_the_report_as_csv_runs_no_formula(export, tmp_path):
    export.write("products.csv", "product,price\nAnvil,100\nBell,20.50\n=1+1,x\n")
    run(export, report=tmp_path / "report.csv")
    with open(tmp_path / "report.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["external_id"] for row in rows if row["outcome"] == "invalid"] == ["'=1+1"]


@pytest.mark.django_db
def test_all_or_nothing_fails_in_words(export):
    export.change("deals.csv", "2/3/2026,90", "2/3/2026,x")
    with pytest.raises(CommandError, match=r"^Nothing was loaded, as you asked: 1 rows are invalid\.$"):
        run(export, all_or_nothing=True)
    assert Opportunity.objects.count() == 0


@pytest.mark.django_db
def test_a_wrong_mapping_fails_in_words(export):
    export.mapping["files"]["products"]["fields"]["colour"] = "c"
    (export.directory / "mapping.yaml").write_text(json.dumps(export.mapping))
    with pytest.raises(
        CommandError, match=r"^Nothing was loaded.\nmapping.yaml: files.products.fields.colour: is unknown"
    ):
        call_command("import_crm", export.directory, mapping=export.directory / "mapping.yaml")


def test_when_the_command_ends_what_reacts_to_it_is_done(export, committed, monkeypatch):
    seen = []

    def react(event):
        seen.append(event.data["resource"])

    monkeypatch.setattr(events, "_table", {"batch.loaded": [react]})
    run(export)
    with scope(SYSTEM):
        assert set(Delivery.objects.values_list("state", flat=True)) == {"done"}
    assert sorted(seen) == ["account", "opportunity", "partner", "product"]


def test_a_second_import_at_the_same_time_is_refused(export, committed):
    held, over = Signal(), Signal()

    def other():
        with bulk.exclusive("crm import"):
            held.set()
            over.wait(20)
        connections.close_all()

    thread = Thread(target=other)
    thread.start()
    held.wait(20)
    try:
        with pytest.raises(
            CommandError, match=r"^Another import is running. Wait until it has ended, then start again\.$"
        ):
            run(export)
    finally:
        over.set()
        thread.join(20)
    run(export)
    with scope(SYSTEM):
        assert Opportunity.objects.count() == 4


def test_an_import_that_was_cut_off_goes_on_where_it_stopped(export, committed, monkeypatch):
    from crm import load as module  # noqa: PLC0415 - the function to break

    whole = module.write

    def dies(job, kind, rows):
        if kind == "opportunities":
            raise KeyboardInterrupt
        return whole(job, kind, rows)

    with monkeypatch.context() as broken:
        broken.setattr(module, "write", dies)
        with pytest.raises(KeyboardInterrupt):
            run(export)
    said = run(export)
    assert said.splitlines()[:4] == [
        "products: 2 rows: 2 unchanged",
        "accounts: 2 rows: 2 unchanged",
        "partners: 2 rows: 2 unchanged",
        "opportunities: 4 rows: 4 created",
    ]
