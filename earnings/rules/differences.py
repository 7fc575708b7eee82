"""What must be written so that the lines say what they ought to: new lines alone, never an edit. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from earnings.rules.reckoning import Key

_NONE = Decimal(0)


@dataclass(frozen=True, slots=True)
class Kept:
    """A line that was earned. `about` is the event whose line it is: its own, or that of the line it reverses."""

    id: UUID
    owner: UUID  # its entitlement
    event: UUID
    about: UUID
    amount: Decimal
    reverses: UUID | None = None
    turn: int = 0


def differences(kept: Sequence[Kept], due: Mapping[Key, Decimal], new_id: Callable[[], UUID]) -> list[Kept]:
    """The lines to write, originals before what reverses them: earned ones where something is missing, reversals of
    single lines where something is too much. Together no line is reversed by more than it holds."""
    book = _Book(kept, new_id)
    due = {**_left_alone(book.net, due), **due}
    missing = {key: due.get(key, _NONE) - book.net[key] for key in {*book.net, *due}}
    wanted = sorted((key for key, amount in missing.items() if amount), key=lambda k: (*_turn(k, missing[k]), str(k)))
    return [line for key in wanted for line in book.put(key, missing[key])]


def _left_alone(net: Mapping[Key, Decimal], due: Mapping[Key, Decimal]) -> dict[Key, Decimal]:
    """Where a payment ought to give nothing any more, what was taken back stays, and what is left of it goes."""
    known = {(key[0], key[2]) for key in due}
    found: defaultdict[Key, Decimal] = defaultdict(Decimal)
    for (owner, event, about), amount in net.items():
        if (owner, about) not in known and event != about:
            found[owner, event, about] = amount
            found[owner, about, about] -= amount
    return found


def _turn(key: Key, amount: Decimal) -> tuple[bool, bool]:
    """What is earned first, then what was taken back too much: so that each reversal finds enough to reverse."""
    return amount < 0, key[1] != key[2]


class _Book:
    def __init__(self, kept: Sequence[Kept], new_id: Callable[[], UUID]):
        self.kept, self.new_id = list(kept), new_id
        self.net: defaultdict[Key, Decimal] = defaultdict(Decimal)
        self.open: dict[UUID, Decimal] = {line.id: line.amount for line in kept}
        self.turns: defaultdict[tuple[UUID, UUID, UUID | None], int] = defaultdict(int)
        for line in kept:
            self.net[line.owner, line.event, line.about] += line.amount
            self._note(line)

    def _note(self, line: Kept) -> None:
        if line.reverses is not None:
            self.open[line.reverses] += line.amount
        own = (line.owner, line.event, line.reverses)
        self.turns[own] = max(self.turns[own], line.turn + 1)

    def put(self, key: Key, missing: Decimal) -> Iterator[Kept]:
        if missing > 0 and key[1] == key[2]:
            yield self._line(key, missing, None)
            return
        for line in self._against(key, missing):
            room = -self.open[line.id]
            part = max(missing, room) if missing < 0 else min(missing, room)
            missing -= part
            yield self._line(key, part, line.id)
            if not missing:
                return

    def _against(self, key: Key, missing: Decimal) -> list[Kept]:
        """Lines that such a line may reverse, the latest first: for what is too much any of the payment's, for what
        was taken back too much the takings of this very refund."""
        lines = [line for line in self.kept if (line.owner, line.about) == (key[0], key[2])]
        if missing > 0:
            lines = [line for line in lines if line.event == key[1]]
        fitting = [line for line in lines if self.open[line.id] * missing < 0]
        return sorted(fitting, key=lambda line: line.id, reverse=True)

    def _line(self, key: Key, amount: Decimal, reverses: UUID | None) -> Kept:
        line = Kept(self.new_id(), *key, amount, reverses, self.turns[key[0], key[1], reverses])
        self.kept.append(line)
        self.open[line.id] = amount
        self._note(line)
        return line
