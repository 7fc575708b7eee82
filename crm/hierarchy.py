"""Which account stands above which, as a file says it: the levels, and the rows that would be their own parents."""

from collections.abc import Iterable

DEEPEST = 30  # levels; a chain that is longer is a fault of the file


class Hierarchy:
    """The parents that a file names, by external id; of rows with one id the last counts."""

    def __init__(self, pairs: Iterable[tuple[str, str | None]] = ()) -> None:
        self._parent: dict[str, str] = {}
        for name, parent in pairs:
            if parent and parent != name:
                self._parent[name] = parent
            else:
                self._parent.pop(name, None)

    def chain(self, name: str) -> list[str]:
        """The account and all above it in the file, up to the first that comes again."""
        found = [name]
        while (above := self._parent.get(found[-1])) is not None and len(found) <= DEEPEST + 1:
            found.append(above)
            if above in found[:-1]:
                break
        return found

    def level(self, name: str) -> int:
        """How many accounts of the file stand above this one."""
        return len(self.chain(name)) - 1

    def deepest(self) -> int:
        return max(map(self.level, self._parent), default=0)

    def wrong(self, name: str) -> str | None:
        """Why the parent of this account can't be; None when it can."""
        chain = self.chain(name)
        if name in chain[1:]:
            circle = chain[: chain.index(name, 1) + 1]
            shown = circle if len(circle) <= 6 else [*circle[:3], "…", circle[-1]]
            return f"would be its own parent: {' → '.join(shown)}"
        return f"has more than {DEEPEST} levels above it" if len(chain) - 1 > DEEPEST else None
