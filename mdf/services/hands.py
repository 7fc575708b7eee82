"""Whose hand it was. Two people are two; keys of the API are one hand, because nobody sees who is behind them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from core.actor import Actor


def person(by: Actor) -> UUID | None:
    """The user who acts; None for keys and for the program itself."""
    return by.id if by.kind in ("vendor", "partner") else None


def same(earlier: UUID | None, by: Actor) -> bool:
    """Whether who did the earlier step (a user; None: a key) acts again."""
    return by.kind in ("vendor", "api") and earlier == person(by)


def decided(reason: str, by: Actor, at: datetime) -> dict[str, Any]:
    """The columns of a decision."""
    return {"decision_reason": reason, "decided_at": at, "decided_label": by.label, "decided_by_id": person(by)}
