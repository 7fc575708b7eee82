"""A small CRM export in a directory, and the import of it."""

from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from django.db import connection

from core.clock import now
from crm import mapping
from crm.job import Job
from crm.load import load, tables_of
from crm.report import Report

FILES = {
    "products.csv": "product,price\nAnvil,100\nBell,20.50\n",
    "accounts.csv": "account,parent,country,site\nInitech Inc.,Umbrella,US,www.initech.com\nUmbrella,,Kenya,\n",
    "agents.csv": "agent,region,manager\nAnn,East,Mona\nBob,West,\n",
    "deals.csv": (
        "id,agent,product,account,stage,opened,closed,amount\n"
        "1,Ann,Anvil,Initech Inc.,Won,1/2/2026,2/3/2026,90\n"
        "2,Ann,Bell,Umbrella,Lost,1/2/2026,2/3/2026,0\n"
        "3,Ann,Anvil,Initech Inc.,Open,10/1/2026,,\n"
        "4,Bob,Bell,,Open,,,\n"
    ),
}
MAPPING = {
    "schema": 1,
    "currency": "USD",
    "date_format": "%m/%d/%Y",
    "files": {
        "products": {"path": "products.csv", "id": "product", "fields": {"name": "product", "list_price": "price"}},
        "accounts": {
            "path": "accounts.csv",
            "id": "account",
            "fields": {"name": "account", "parent": "parent", "country": "country", "website": "site"},
        },
        "partners": {
            "path": "agents.csv",
            "id": "agent",
            "fields": {"name": "agent", "region": "region", "manager": "manager"},
        },
        "opportunities": {
            "path": "deals.csv",
            "id": "id",
            "fields": {
                "account": "account", "product": "product", "partner": "agent", "stage": "stage", "opened_on": "opened",
                "closed_on": "closed", "amount": "amount",
            },
        },
    },
    "values": {"stage": {"Won": "won", "Lost": "lost", "Open": "open"}},
    "registrations": "from_opportunities",
}  # fmt: skip


class Export:
    """The export's directory. `write` replaces a file, `change` a line of one, `run` imports everything."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.mapping = yaml.safe_load(yaml.safe_dump(MAPPING))
        for name, text in FILES.items():
            self.write(name, text)

    def write(self, name: str, content: str | bytes) -> None:
        (self.directory / name).write_bytes(content.encode() if isinstance(content, str) else content)

    def change(self, name: str, old: str, new: str) -> None:
        text = (self.directory / name).read_text()
        assert text.count(old) == 1
        self.write(name, text.replace(old, new))

    def read_mapping(self):
        path = self.directory / "mapping.yaml"
        path.write_text(yaml.safe_dump(self.mapping))
        return mapping.read(path)

    def run(self, *, at=None, all_or_nothing: bool = False) -> SimpleNamespace:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
        wanted = self.read_mapping()
        with Report(keep_rows=True) as report:
            job = Job(wanted, tables_of(wanted, self.directory), report, at or now())
            complete = load(job, all_or_nothing=all_or_nothing)
            rows = list(report.rows(not complete))
        return SimpleNamespace(complete=complete, report=report, rows=rows, of=report.of)


@pytest.fixture
def export(tmp_path) -> Export:
    return Export(tmp_path)
