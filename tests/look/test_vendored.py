"""Code of others is what its table says, byte for byte."""

import hashlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TABLES = [ROOT / "static/js/VENDORED.md", ROOT / "tests/browser/vendor/VENDORED.md"]
ROW = re.compile(r"^\| `([\w.]+)` \| .* \| `([0-9a-f]{64})` \|$", re.MULTILINE)


def listed(table: Path) -> dict[str, str]:
    return dict(ROW.findall(table.read_text()))


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.parent.name)
def test_a_vendored_file_has_the_hash_of_its_table(table):
    found = {name: hashlib.sha256((table.parent / name).read_bytes()).hexdigest() for name in listed(table)}
    assert found == listed(table)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.parent.name)
def test_no_vendored_file_is_missing_from_its_table(table):
    assert {path.name for path in table.parent.glob("*.min.js")} == set(listed(table))


def test_the_vendored_script_is_of_the_version_whose_settings_the_pages_carry():
    assert re.findall(r'version:"(\d+)\.\d+\.\d+"', (ROOT / "static/js/htmx.min.js").read_text()) == ["2"]
