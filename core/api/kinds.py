"""Kinds of values: how each is read from JSON, shown as JSON, and described in the schema."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from core.text import clean

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)\Z", re.ASCII)
_DAY = re.compile(r"(19|2\d)\d\d-\d\d-\d\d\Z", re.ASCII)
_URL = re.compile(r"(https?://)?[^\s/:@\"'<>\\]+\.[^\s/:@\"'<>\\]+(:\d{1,5})?(/[^\s\"'<>\\]*)?\Z", re.IGNORECASE)
Schema = dict[str, Any]


class Bad(ValueError):
    """A value can't be accepted. `at` is the place below the field, as a JSON pointer."""

    def __init__(self, code: str, detail: Any, at: str = ""):
        super().__init__(code)
        self.code, self.detail, self.at = code, detail, at


def moment(value: datetime) -> str:
    """RFC 3339 in UTC, always six fraction digits and Z."""
    return value.isoformat(timespec="microseconds")[:26] + "Z"


class Kind:
    """One kind of value. `empty` is what null stores; None = a null column."""

    empty: Any = None

    def read(self, value: Any) -> Any:
        """The value to store. Raises Bad."""
        raise NotImplementedError

    def show(self, value: Any) -> Any:
        return value

    def schema(self) -> Schema:
        raise NotImplementedError

    def read_word(self, word: str) -> Any:
        """The value of a query parameter."""
        return self.read(word)


@dataclass(frozen=True)
class Text(Kind):
    """Words in one normal form, without invisible characters; null stores the empty text."""

    longest: int = 200
    pattern: str = ""
    fold: bool = False
    empty = ""

    def read(self, value: Any) -> str:
        if not isinstance(value, str):
            raise Bad("wrong_type", "Send a text.")
        text = clean(value.casefold() if self.fold else value)
        if max(len(text), len(value)) > self.longest:  # as sent, too: the description promises so
            raise Bad("too_long", f"At most {self.longest} characters.")
        if self.pattern and text and not re.fullmatch(self.pattern, text, re.ASCII):
            raise Bad("wrong_format", f"It must look like {self.pattern}.")
        return text

    def read_word(self, word: str) -> str:
        text = self.read(word)
        if not text:
            raise Bad("required", "Nothing is left of it without its invisible characters.")
        return text

    def show(self, value: str) -> str | None:
        return value or None

    def schema(self) -> Schema:
        pattern = {"pattern": f"^({self.pattern})$"} if self.pattern else {}
        return {"type": "string", "maxLength": self.longest, **pattern}


@dataclass(frozen=True)
class Email(Text):
    longest: int = 254
    fold: bool = True

    def read(self, value: Any) -> str:
        text = super().read(value)
        if text:
            try:
                validate_email(text)
            except ValidationError:
                raise Bad("wrong_format", "It must be an e-mail address.") from None
        return text

    def schema(self) -> Schema:
        return {**super().schema(), "format": "email"}


@dataclass(frozen=True)
class Website(Text):
    """A host name or an http(s) address."""

    longest: int = 255

    def read(self, value: Any) -> str:
        text = super().read(value)
        if text and not _URL.match(text):
            raise Bad("wrong_format", "It must be a website, like contoso.com.")
        return text


@dataclass(frozen=True)
class Choice(Kind):
    """One of fixed words."""

    words: Collection[str]
    blank: bool = False  # the column holds "" for none

    @property
    def empty(self) -> str | None:
        return "" if self.blank else None

    def read(self, value: Any) -> str:
        if not isinstance(value, str) or value not in self.words:
            known = ", ".join(list(self.words)[:12])
            raise Bad("unknown_choice", f"Use one of: {known}{', …' if len(self.words) > 12 else ''}.")
        return str(value)

    def show(self, value: str) -> str | None:
        return value or None

    def schema(self) -> Schema:
        return {"type": "string", "enum": [str(word) for word in self.words]}


@dataclass(frozen=True)
class Whole(Kind):
    lowest: int = 0
    highest: int = 2**31 - 1

    def read(self, value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise Bad("wrong_type", "Send a whole number.")
        if not self.lowest <= value <= self.highest:
            raise Bad("out_of_range", f"It must be from {self.lowest} to {self.highest}.")
        return value

    def read_word(self, word: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,18}", word):
            raise Bad("wrong_type", "Send a whole number.")
        return self.read(int(word))

    def schema(self) -> Schema:
        return {"type": "integer", "minimum": self.lowest, "maximum": self.highest}


class YesNo(Kind):
    def read(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise Bad("wrong_type", "Send true or false.")
        return value

    def read_word(self, word: str) -> bool:
        if word not in ("true", "false"):
            raise Bad("wrong_type", "Use true or false.")
        return word == "true"

    def schema(self) -> Schema:
        return {"type": "boolean"}


@dataclass(frozen=True)
class Number(Kind):
    """An exact decimal as text: ASCII digits, no exponent, no sign but minus. -0 becomes 0."""

    digits: int = 16
    places: int = 2
    lowest: Decimal | None = Decimal(0)
    highest: Decimal | None = None
    positive: bool = False

    def read(self, value: Any) -> Decimal:
        if not isinstance(value, str):
            raise Bad("wrong_type", 'Send the number as a text, like "1250.00".')
        if not re.fullmatch(rf"-?[0-9]{{1,{self.digits}}}(\.[0-9]{{1,{self.places}}})?", value):
            raise Bad("wrong_format", f"Send digits with at most {self.places} decimals, like 1250.00.")
        number = Decimal(value).quantize(Decimal(1).scaleb(-self.places)) + Decimal(0)
        if self.positive and number <= 0:
            raise Bad("out_of_range", "It must be more than 0.")
        if (self.lowest is not None and number < self.lowest) or (self.highest is not None and number > self.highest):
            raise Bad("out_of_range", f"It must be from {self.lowest} to {self.highest}." if self.highest is not None
                      else f"It must not be less than {self.lowest}.")  # fmt: skip
        return number

    def show(self, value: Decimal | None) -> str | None:
        return None if value is None else f"{value:.{self.places}f}"

    def schema(self) -> Schema:
        return {"type": "string", "pattern": rf"^-?[0-9]{{1,{self.digits}}}(\.[0-9]{{1,{self.places}}})?$"}


def money(*, positive: bool = False) -> Number:
    return Number(positive=positive)


def percent() -> Number:
    return Number(digits=3, highest=Decimal(100))


class Day(Kind):
    """A date, year 1900 to 2999."""

    def read(self, value: Any) -> date:
        try:
            if isinstance(value, str) and _DAY.match(value):
                return date.fromisoformat(value)
        except ValueError:
            pass
        raise Bad("wrong_format", "Send a date like 2026-03-31.")

    def show(self, value: date | None) -> str | None:
        return None if value is None else value.isoformat()

    def schema(self) -> Schema:
        return {"type": "string", "format": "date", "pattern": "^(19|2[0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}$"}


class Moment(Kind):
    def read(self, value: Any) -> datetime:
        try:
            if isinstance(value, str) and _MOMENT.match(value):
                return datetime.fromisoformat(value).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
        raise Bad("wrong_format", "Send a moment like 2026-03-31T12:00:00Z. In an address write + as %2B.")

    def show(self, value: datetime | None) -> str | None:
        return None if value is None else moment(value)

    def schema(self) -> Schema:
        return {"type": "string", "format": "date-time"}
