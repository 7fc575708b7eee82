"""Nobody leaves with money open."""

import io
import zipfile
from datetime import timedelta

import pytest

from core import slots
from core.actor import SYSTEM
from core.files import open_file
from core.models import Event
from partners import reactions, services
from partners.models import PartnerExport
from partners.particulars import Leaving
from tests.earnings.paying import answered, finance, owe, payee, sent
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def test_a_partner_that_is_owed_something_does_not_leave_yet():
    acme = payee()
    assert slots.ask("offboarding_blocker", SYSTEM, acme, at=NOW) == []
    owe(acme, "120.50")
    owe(acme, "7.00", "EUR")
    assert slots.ask("offboarding_blocker", SYSTEM, acme, at=NOW) == [
        "Earnings are open: 7.00 EUR, 120.50 USD. Pay them first."
    ]


def test_who_has_left_gets_its_data_and_a_final_statement_that_closes_the_account(settings, tmp_path):
    settings.FILES_ROOT = tmp_path
    acme, finn = payee(), finance()
    owe(acme, "120.50")
    answered(sent(finn, finance("Fred")), by=finn)
    services.offboard(acme, Leaving(NOW.date(), "ours", "expire", "It ends."), by=SYSTEM, at=NOW)
    at = NOW + timedelta(days=2)
    services.leave(acme, by=SYSTEM, at=at)
    left = Event.objects.get(type="partner.offboarded")
    reactions.pack_at_the_end(left)
    reactions.pack_at_the_end(left)
    row = PartnerExport.objects.get()
    services.make_export(row, at=at)
    with open_file(row.file) as file:
        pack = zipfile.ZipFile(io.BytesIO(file.read()))
    name = f"final-statement-{acme.reference}-2026-11"
    assert {"partner.json", "payout.csv", f"{name}.csv", f"{name}.pdf"} <= set(pack.namelist())
    rows = pack.read(f"{name}.csv").decode("utf-8-sig").splitlines()
    assert [row.split(",")[2] for row in rows[1:]] == ["Balance before", "Paid", "Balance after"]
    assert rows[-1].split(",")[6] == "0.00"


def test_a_file_of_before_holds_no_final_statement(settings, tmp_path):
    settings.FILES_ROOT = tmp_path
    row = services.ask_export(payee(), by=SYSTEM, at=NOW)
    services.make_export(row, at=NOW)
    with open_file(row.file) as file:
        names = zipfile.ZipFile(io.BytesIO(file.read())).namelist()
    assert [name for name in names if name.startswith("final")] == []
