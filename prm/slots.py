"""Pages over many apps: slot → functions `(actor, subject, at) -> frozen dataclass or None`, in order."""

from collections.abc import Sequence

from core.slots import Answer

TABLE: dict[str, Sequence[Answer]] = {}
