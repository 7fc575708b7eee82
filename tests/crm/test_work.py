"""The worker's side of an import: to the end, cut off and taken up again, checked only, all or nothing, stopped."""

from datetime import timedelta
from threading import Thread

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections

from core.actor import SYSTEM, Actor
from core.ids import uuid7
from core.models import Event, ExternalId
from core.scope import scope
from crm import services, uploads, work
from crm.enums import ImportStatus, Mode
from crm.fields import FIELDS
from crm.models import Import, ImportFile, ImportPiece, ImportRow
from crm.particulars import NewImport, Start
from deals.models import Account, Opportunity, OpportunityPartner, Registration
from partners.models import Partner, Product
from tests.factories import NOW

OLGA = Actor("Olga", "vendor", uuid7(), sees_all=True, permissions=frozenset({"crm.import"}))
CHUNK = 3


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self):
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr("core.bulk.chunks.__defaults__", (CHUNK,))


def uploaded(export, *, add: str = "") -> Import:
    """The small export as an upload of several files."""
    if add:
        export.write("deals.csv", (export.directory / "deals.csv").read_text() + add)
    data = {**export.mapping, "schema": "1"}
    files = {}
    for kind in (kind for kind in FIELDS if kind in data["files"]):
        name = data["files"][kind]["path"]
        files[kind] = uploads.arrive(SimpleUploadedFile(name, (export.directory / name).read_bytes()))
    with scope(OLGA):
        return services.upload(NewImport(files, data), by=OLGA, at=NOW)


def started(export, *, all_or_nothing: bool = False, add: str = "") -> Import:
    one = uploaded(export, add=add)
    with scope(OLGA):
        services.start(one, Start(all_or_nothing), by=OLGA, at=NOW)
    return one


def again(one: Import) -> Import:
    with scope(SYSTEM):
        return Import.objects.get(pk=one.pk)


def counts(one: Import) -> dict[tuple[str, str], int]:
    return {(kind, outcome): n for kind, outcome, n in again(one).outcome["counts"]}


def everything() -> list:
    """All that an import writes, without the ids and moments that differ between two runs."""
    with scope(SYSTEM):
        return [
            sorted(Account.objects.values_list("name", "parent__name", "country")),
            sorted(Partner.objects.values_list("name", "region")),
            sorted(Product.objects.values_list("sku", "list_price")),
            sorted(Opportunity.objects.values_list("stage", "amount", "account__name", "product__sku"), key=str),
            sorted(OpportunityPartner.objects.values_list("partner__name", "role", "opportunity__stage")),
            sorted(Registration.objects.values_list("status", "account_name", "amount"), key=str),
            sorted(ExternalId.objects.values_list("resource", "ext_id")),
        ]


MORE = "".join(f"{n},Ann,Anvil,Umbrella,Won,1/2/2026,2/3/2026,{n}\n" for n in range(10, 20))
BAD = "20,Ann,Anvil,Nobody,Won,1/2/2026,2/3/2026,5\n21,Ann,Anvil,Umbrella,Won,1/2/2026,2/3/2026,x\n"
LOADED = {
    ("products", "created"): 2, ("accounts", "created"): 2, ("partners", "created"): 2, ("opportunities", "created"): 4,
}  # fmt: skip


@pytest.mark.django_db
def test_everything_loads_and_says_so(export, clock):
    one = started(export)
    assert work.work(clock) == 1
    one.refresh_from_db()
    assert (one.status, one.error, counts(one)) == (ImportStatus.DONE, "", LOADED)
    assert Opportunity.objects.count() == 4
    verbs = Event.objects.filter(subject_id=one.pk).order_by("id").values_list("type", flat=True)
    assert list(verbs) == ["import.uploaded", "import.started", "import.taken_up", "import.finished"]


@pytest.mark.django_db
def test_invalid_rows_are_listed_with_line_and_reason_and_the_others_load(export, clock):
    one = started(export, add=BAD)
    work.work(clock)
    assert again(one).status == ImportStatus.PARTIAL
    found = ImportRow.objects.filter(of=one).order_by("line").values_list("kind", "line", "ext_id", "outcome", "why")
    assert list(found) == [
        ("opportunities", 6, "20", "invalid", "account 'Nobody' is unknown"),
        ("opportunities", 7, "21", "invalid", "amount is no amount like 1234.50: 'x'"),
    ]
    assert counts(one)["opportunities", "created"] == 4


@pytest.mark.django_db
def test_a_second_run_changes_nothing(export, clock):
    started(export)
    work.work(clock)
    before, events = everything(), Event.objects.exclude(subject_type="import").count()
    again_ = started(export)
    work.work(clock)
    assert everything() == before
    assert Event.objects.exclude(subject_type="import").count() == events
    assert {outcome for _kind, outcome in counts(again_)} == {"unchanged"}


@pytest.mark.django_db
def test_a_check_tells_what_a_load_would_do_and_does_nothing(export, clock):
    one = uploaded(export, add=BAD)
    before = everything()
    services.check(one, by=OLGA, at=NOW)
    work.work(clock)
    assert (again(one).status, again(one).mode) == (ImportStatus.CHECKED, Mode.CHECK)
    assert counts(one) == LOADED | {("opportunities", "invalid"): 2}
    assert everything() == before
    assert ImportRow.objects.filter(of=one).count() == 2
    services.start(again(one), Start(), by=OLGA, at=NOW)
    work.work(clock)
    assert again(one).status == ImportStatus.PARTIAL
    assert ImportRow.objects.filter(of=one).count() == 2


@pytest.mark.django_db
def test_all_or_nothing_loads_nothing_when_a_row_is_invalid(export, clock):
    one = started(export, all_or_nothing=True, add=BAD)
    work.work(clock)
    assert again(one).status == ImportStatus.FAILED
    assert again(one).error == "Nothing was loaded, as you asked: rows are invalid."
    assert Opportunity.objects.count() == Account.objects.count() == 0
    assert ImportRow.objects.filter(of=one).count() == 2


@pytest.mark.django_db
def test_all_or_nothing_loads_all_when_every_row_is_valid(export, clock):
    one = started(export, all_or_nothing=True)
    work.work(clock)
    assert (again(one).status, counts(one)) == (ImportStatus.DONE, LOADED)
    assert Opportunity.objects.count() == 4


class Dead(BaseException):
    """The worker is gone, in the middle of whatever it did."""


def dying_after(monkeypatch, chunks: int):
    """A worker that dies while it writes the chunk after so many."""
    whole, seen = work.load_all, []

    def load_all(job):
        told = job.progress

        def progress(*what):
            seen.append(what)
            if len(seen) > chunks:
                raise Dead
            told(*what)

        whole(type(job)(job.mapping, job.tables, job.report, job.at, progress, job.done))

    monkeypatch.setattr(work, "load_all", load_all)


@pytest.mark.parametrize("chunks", range(8))
@pytest.mark.usefixtures("small_chunks")
def test_a_worker_that_dies_between_two_chunks_costs_nothing(export, committed, clock, monkeypatch, chunks):
    one = started(export, add=MORE + BAD)
    with monkeypatch.context() as broken:
        dying_after(broken, chunks)
        with pytest.raises(Dead):
            work.work(clock)
    assert again(one).status == ImportStatus.RUNNING
    assert work.claim(clock()) is None  # its lease has not ended
    assert work.work(clock) == 1  # but nobody holds the lock
    assert again(one).status == ImportStatus.PARTIAL
    assert counts(one) == {**LOADED, ("opportunities", "created"): 14, ("opportunities", "invalid"): 2}
    with scope(SYSTEM):
        assert ImportRow.objects.filter(of=one).count() == 2
        assert Opportunity.objects.count() == 14
        assert ExternalId.objects.filter(resource="opportunity").count() == 14
    cut = everything()
    committed.renew()
    started(export)
    work.work(clock)
    assert everything() == cut


@pytest.mark.usefixtures("small_chunks")
def test_a_worker_that_only_seemed_dead_writes_nothing_more(export, committed, clock):
    one = started(export, add=MORE)
    first = work.claim(clock())
    clock.now += work.LEASE + timedelta(seconds=1)
    second = work.claim(clock())
    assert (first.attempts, second.attempts) == (1, 2)
    work.run(first, clock)
    with scope(SYSTEM):
        assert Opportunity.objects.count() == Account.objects.count() == 0
    work.run(second, clock)
    assert again(one).status == ImportStatus.DONE
    assert counts(one)["opportunities", "created"] == 14


@pytest.mark.usefixtures("small_chunks")
def test_a_stopped_import_keeps_what_is_loaded_and_goes_on_later(export, committed, clock, monkeypatch):
    one = started(export, add=MORE)
    noted, seen = work._note_problems, []

    def note(subject, outcomes):
        noted(subject, outcomes)
        seen.append(outcomes)
        if len(seen) == 5:
            thread = Thread(target=stop)
            thread.start()
            thread.join(20)

    def stop():
        with scope(OLGA):
            services.stop(again(one), by=OLGA, at=NOW)
        connections.close_all()

    monkeypatch.setattr(work, "_note_problems", note)
    work.work(clock)
    assert again(one).status == ImportStatus.STOPPED
    with scope(SYSTEM):
        assert 0 < Opportunity.objects.count() < 14
    with scope(OLGA):
        services.go_on(again(one), by=OLGA, at=NOW)
    work.work(clock)
    assert again(one).status == ImportStatus.DONE
    assert counts(one)["opportunities", "created"] == 14


def test_of_workers_at_the_same_moment_one_takes_an_import_up(export, committed, clock):
    one = started(export)
    found = []

    def take():
        found.append(work.claim(clock()))
        connections.close_all()

    threads = [Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [claimed.pk for claimed in found if claimed] == [one.pk]
    assert again(one).attempts == 1


def test_two_workers_do_one_import_once(export, committed, clock):
    one = started(export)
    found = []

    def run():
        found.append(work.work(clock))
        connections.close_all()

    threads = [Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(found) == [0, 1]
    assert (again(one).status, counts(one)) == (ImportStatus.DONE, LOADED)


@pytest.mark.django_db
def test_an_import_that_never_gets_on_is_given_up(export, clock, monkeypatch):
    one = started(export)
    monkeypatch.setattr(work, "load_all", lambda job: 1 / 0)
    for _ in range(work.TRIES + 1):
        work.work(clock)
        clock.now += work.LEASE + timedelta(seconds=1)
    assert (again(one).status, again(one).error) == (ImportStatus.FAILED, "ZeroDivisionError")


@pytest.mark.django_db
def test_after_thirty_days_the_files_are_forgotten_and_the_counts_stay(export, clock):
    one = started(export, add=BAD)
    work.work(clock)
    assert services.forget_old(NOW + timedelta(days=29)) == 0
    assert services.forget_old(NOW + timedelta(days=31)) == 1
    assert ImportPiece.objects.count() == ImportRow.objects.count() == 0
    assert [file.first for file in ImportFile.objects.all()] == [[]] * 4
    assert counts(one)["opportunities", "invalid"] == 2
    assert "refused" not in again(one).outcome


@pytest.mark.django_db
def test_discarding_forgets_the_file_at_once(export):
    one = uploaded(export)
    services.discard(one, by=OLGA, at=NOW)
    assert again(one).status == ImportStatus.DISCARDED
    assert ImportPiece.objects.count() == 0
