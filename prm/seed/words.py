"""Invented companies, people and sentences, from words.yaml beside this."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml


@cache
def _all() -> dict[str, Any]:
    return yaml.safe_load((Path(__file__).parent / "words.yaml").read_text(encoding="utf-8"))


def __getattr__(name: str) -> Any:
    """`words.NEEDS` is the list `needs` of the file."""
    try:
        return _all()[name.lower()]
    except KeyError:
        raise AttributeError(name) from None
