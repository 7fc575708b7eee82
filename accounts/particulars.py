"""What the services about people are told, as values."""

from dataclasses import dataclass

from accounts.enums import Kind


@dataclass(frozen=True)
class Person:
    """Somebody who shall be able to sign in. Without a password: by one-time code."""

    email: str
    name: str
    kind: str = Kind.PARTNER
    staff_role: str = ""
    password: str | None = None


@dataclass(frozen=True)
class Preferences:
    """How somebody wants to be addressed, and to read."""

    name: str
    time_zone: str
    language: str
    theme: str
    shortcuts: bool
