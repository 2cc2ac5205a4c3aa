"""What hangs together: sets of numbers, put together two by two."""

from collections import defaultdict
from collections.abc import Iterable

Pair = tuple[int, int]


class Union:
    """Which things hang together, directly or through others."""

    def __init__(self) -> None:
        """Start with nothing together."""
        self.above: dict[int, int] = {}

    def root(self, one: int) -> int:
        """Return the least of all that hang together with `one`."""
        path = [one]
        while (above := self.above.get(path[-1], path[-1])) != path[-1]:
            path.append(above)
        self.above.update(dict.fromkeys(path, path[-1]))
        return path[-1]

    def join(self, pairs: Iterable[Pair]) -> None:
        """Put the two of each pair together."""
        for pair in pairs:
            low, high = sorted(map(self.root, pair))
            self.above[high] = self.above[low] = low

    def groups(self) -> list[list[int]]:
        """Return what hangs together, in the order of the least of each."""
        found = defaultdict(list)
        for each in sorted(self.above):
            found[self.root(each)].append(each)
        return [found[root] for root in sorted(found)]
