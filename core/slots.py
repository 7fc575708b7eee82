"""Questions that a lower app may ask and higher apps answer; prm/slots.py holds the table."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from core.actor import Actor

Answer = Callable[[Actor, Any, datetime], Any]
_table: dict[str, Sequence[Answer]] = {}


def fill(table: dict[str, Sequence[Answer]]) -> None:
    """Sets the whole table, once, at start."""
    _table.clear()
    _table.update(table)


def ask(name: str, actor: Actor, subject: Any = None, *, at: datetime) -> list[Any]:
    """The answers of every function in the slot, in order; those that have nothing to say (None) left out."""
    answers = (function(actor, subject, at) for function in _table.get(name, ()))
    return [answer for answer in answers if answer is not None]
