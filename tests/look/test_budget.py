"""What every page loads stays small, and what templates name exists."""

import gzip
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
PARTS = sorted((ROOT / "templates/parts").glob("*.html"))
KILOBYTE = 1024


def squeezed(*paths: str) -> int:
    return sum(len(gzip.compress((ROOT / path).read_bytes(), 9)) for path in paths)


def test_the_styles_of_a_page_are_at_most_12_kilobytes():
    assert squeezed("static/css/tokens.css", "static/css/base.css", "static/css/parts.css") <= 12 * KILOBYTE


def test_the_page_script_is_at_most_300_lines():
    assert len((ROOT / "static/js/app.js").read_text().splitlines()) <= 300


def test_all_that_a_page_loads_beside_itself_is_at_most_40_kilobytes():
    every = [f"css/{name}.css" for name in ("tokens", "base", "parts")] + ["js/htmx.min.js", "js/app.js", "icons.svg"]
    assert squeezed(*(f"static/{name}" for name in every)) <= 40 * KILOBYTE


def test_every_icon_that_is_named_is_in_the_sprite():
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (ROOT / "static/icons.svg").read_text()))
    said = "".join(path.read_text() for path in TEMPLATES) + (ROOT / "prm/nav.py").read_text()
    named = set(re.findall(r'{% icon "([\w-]+)"', said)) | set(re.findall(r', "([a-z]+)", (?:None|"[a-z.]+")\)', said))
    assert named - drawn == set()


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.stem)
def test_a_part_says_on_its_first_line_what_it_takes(part):
    assert re.match(r"{% comment %}.+{% endcomment %}", part.read_text().splitlines()[0]) is not None
